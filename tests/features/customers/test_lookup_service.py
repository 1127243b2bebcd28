"""Look-ups, live from the simulated Sage."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from bot.errors import (
    BadQuestion,
    NotConnected,
    ReconnectNeeded,
    SageAccessRemoved,
    SageBusy,
    SageForbidden,
    SageMissing,
    SageUnavailable,
    SageUnreadable,
)
from bot.features.customers.model.lookup import CustomerCard, NoCustomer, SeveralCustomers
from bot.features.customers.service.copy import CachedData
from bot.features.customers.service.lookup import Customers

GEORGE = "george@example.test"


@pytest.fixture
async def ask(desk, connected):

    async def ask(words, asker=None):
        return await desk.services.customers.look_up(await desk.session(asker or desk.asker()), words)

    return ask


@pytest.mark.parametrize("words", ["ABS001", "abs001", "  Abs001 "])
async def test_a_reference_in_any_case_gives_the_card(ask, words):
    card = await ask(words)
    assert (card.customer.balance, card.customer.credit_limit) == (Decimal("2464.16"), Decimal("4000.00"))
    assert card.labels[2] == "Sales rep"


@pytest.mark.parametrize("words", ["ABS Garages Ltd", "abs garages ltd", "camden"])
async def test_a_name_or_short_name_gives_the_card(ask, words):
    assert (await ask(words)).customer.reference == ("LON002" if words == "camden" else "ABS001")


@pytest.mark.parametrize("words", ["EH1 1YZ", "eh11yz", "eh1 1yz"])
async def test_a_postcode_gives_the_card(ask, words):
    assert (await ask(words)).customer.reference == "SCO001"


async def test_several_give_a_menu_that_leads_to_the_card(ask, desk):
    found = await ask("Twin Motors")
    assert isinstance(found, SeveralCustomers)
    assert [name.reference for name in found.names] == ["TWI001", "TWI002"]
    card = await desk.services.customers.by_id(await desk.session(), found.names[1].id)
    assert card.customer.reference == "TWI002"


@pytest.mark.parametrize(("words", "nearest"), [("ABX001", "ABS001"), ("Camdn Car Caer", "LON002")])
async def test_a_typing_error_gives_the_nearest_names(ask, words, nearest):
    found = await ask(words)
    assert isinstance(found, NoCustomer)
    assert found.nearest[0].reference == nearest


@pytest.mark.parametrize(
    "words", ["zzzzqqqq", "😀😀😀", "'; drop table customers --", "<!channel>", "שלום עולם", "100% & #1 + ?"]
)
async def test_odd_words_find_nothing_and_break_nothing(ask, words):
    assert isinstance(await ask(words), NoCustomer | CustomerCard | SeveralCustomers)


@pytest.mark.parametrize(
    ("words", "reference"), [("O'Brien's", "APO001"), ("50% Off + More #1", "PLU001"), ("<!channel> & *x*", "MRK001")]
)
async def test_names_with_awkward_marks_are_found(ask, words, reference):
    assert (await ask(words)).customer.reference == reference


@pytest.mark.parametrize("words", ["", "   ", "x" * 101, "y" * 10_000])
async def test_nothing_or_too_much_to_look_up_is_said_so(ask, words):
    with pytest.raises(BadQuestion):
        await ask(words)


async def test_on_hold_comes_with_its_reason(ask, desk):
    desk.world.put_on_hold("ABS001", "Cheque bounced")
    card = await ask("ABS001")
    assert (card.customer.on_hold, card.customer.status_reason) == (True, "Cheque bounced")


async def test_two_companies_with_the_same_reference_never_mix(ask, desk):
    other = desk.asker("U0SAM", team_id="T0OTHER")
    done = await desk.sign_in(other, "priya@example.test")
    await desk.services.verification.verify(await desk.session(other), done.code)
    await desk.services.connections.choose(await desk.session(other), number=1)
    theirs, ours = await ask("ABS001", other), await ask("ABS001")
    assert theirs.company_name == "ABS Fleet Services Ltd"
    assert theirs.customer.balance != ours.customer.balance


async def test_who_is_not_connected_is_told_how(ask, desk):
    with pytest.raises(NotConnected, match="haven't connected"):
        await ask("ABS001", desk.asker("U0GEORGE"))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 503}, SageUnavailable),
        ({"status": 504}, SageUnavailable),
        ({"status": 429, "headers": {"Retry-After": "30"}}, SageBusy),
        ({"status": 403, "headers": {"Retry-After": "30"}}, SageBusy),
        ({"status": 403}, SageForbidden),
        ({"status": 404}, SageMissing),
        ({"status": 200, "body": b""}, SageUnreadable),
        ({"status": 200, "body": b"<html>"}, SageUnreadable),
    ],
)
async def test_each_trouble_of_sages_has_its_own_words(ask, desk, fault, error):
    desk.sage.faults.next(times=9, contains="/customer", **fault)
    with pytest.raises(error) as caught:
        await ask("ABS001")
    assert caught.value.message


async def test_an_expired_access_token_is_renewed_unseen(ask, desk):
    desk.sage_id.expire_access(GEORGE)
    assert (await ask("ABS001")).customer.reference == "ABS001"
    assert [entry.grant_type for entry in desk.sage_id.token_log] == ["authorization_code", "refresh_token"]


async def test_a_dead_sign_in_says_reconnect_and_asks_sage_id_once(ask, desk):
    desk.sage_id.revoke(GEORGE)
    for _ in range(2):
        with pytest.raises(ReconnectNeeded):
            await ask("ABS001")
    assert [entry.outcome for entry in desk.sage_id.token_log[1:]] == ["invalid_grant"]


async def test_a_company_taken_away_is_told_from_a_refused_sign_in(ask, desk):
    desk.sage_id.people[GEORGE].companies.clear()
    with pytest.raises(SageAccessRemoved):
        await ask("ABS001")


async def test_missing_labels_do_not_cost_the_card(ask, desk):
    desk.sage.faults.next(status=404, contains="analysis_code_mappings")
    assert (await ask("ABS001")).labels == {}


async def test_a_forged_id_finds_nothing(ask, desk):
    with pytest.raises(SageMissing):
        await desk.services.customers.by_id(await desk.session(), 999_999_999)


async def test_labels_refused_to_one_are_not_refused_to_everybody(ask, desk):
    await desk.connect(desk.asker("U0GEORGE"))
    desk.sage.faults.next(status=403, contains="analysis_code_mappings")
    assert (await ask("ABS001")).labels == {}
    assert (await ask("ABS001", desk.asker("U0GEORGE"))).labels[2] == "Sales rep"
    assert (await ask("ABS001")).labels[2] == "Sales rep"


async def test_names_are_read_once_for_a_company_and_never_for_another_company_or_workspace(desk):
    customers, connections = desk.services.customers, desk.services.connections
    who = desk.asker("U0SAM")
    code = (await desk.sign_in(who, "priya@example.test")).code
    await desk.services.verification.verify(await desk.session(who), code)
    read = []
    for number in (1, 2):
        await connections.choose(await desk.session(who), number=number)
        read.append(await customers._name_book(connections.company_for(await desk.session(who))))
    assert read[0] is not read[1]
    both = []
    for user, team_id in (("U0GEORGE", "T0ACME"), ("U0BEN", "T0ACME"), ("U0BEN", "T0OTHER")):
        other = desk.asker(user, team_id=team_id)
        await desk.connect(other)
        both.append(await customers._name_book(connections.company_for(await desk.session(other))))
    assert both[0] is both[1]
    assert any(both[0] is each for each in read)
    assert not any(both[2] is each for each in (*read, both[0]))


async def test_however_many_ask_at_once_the_names_are_read_once(desk, connected):
    sage = desk.services.connections.company_for(await desk.session())
    before = len(desk.sage.requests)
    alone = await desk.services.customers._name_book(sage)
    once = len(desk.sage.requests) - before
    desk.services.customers._names.clear()
    books = await asyncio.gather(*(desk.services.customers._name_book(sage) for _ in range(10)))
    assert all(book is books[0] is not alone for book in books)
    assert len(desk.sage.requests) - before == 2 * once


async def test_the_names_of_all_companies_together_take_only_so_many_bytes(desk, connected):
    sage = desk.services.connections.company_for(await desk.session())
    names = await desk.services.customers._name_book(sage)
    for room, is_kept in ((names.bytes(), True), (names.bytes() - 1, False)):
        customers = Customers(
            connections=desk.services.connections,
            cached_data=CachedData(database=desk.services.database, permission=desk.services.permission),
            names_bytes=room,
        )
        assert (await customers._name_book(sage)).bytes() == names.bytes()
        assert bool(customers._names) is is_kept

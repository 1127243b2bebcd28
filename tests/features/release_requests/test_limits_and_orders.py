"""Requests for a credit limit and for an order: what is asked is what is done, on what was shown, by who may."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.errors import BadQuestion
from bot.features.release_requests.model import RequestKind, Seen, State, Wanted, parse_limit, parse_order
from storage.tables.holds import AuditEntry, ReleaseRequestRow
from tests.builders import customer
from tests.features.holds.test_change_hold import GEORGE as GEORGES_EMAIL
from tests.features.holds.test_change_hold import abs_id, sync
from tests.features.release_requests.test_requests import (  # noqa: F401 - the fixture
    FIRST,
    REP,
    SECOND,
    acme,
    approve,
    of,
    prepare,
    rows,
    told,
)

LIMIT = Wanted("They grow", RequestKind.LIMIT, Decimal(6000))


def puts(desk):
    return [change.after for change in desk.world.changes]


async def ask(desk, wanted=LIMIT, by=REP):
    return await desk.requests.ask(await of(desk, by), abs_id(desk), wanted)


async def test_a_limit_is_written_as_the_approver_and_nothing_beside_it(acme):  # noqa: F811
    asked = await ask(acme)
    assert asked.request.limit == Decimal(6000)
    done = await approve(acme, reason="Good payers")
    assert done.request.state is State.APPROVED
    (change,) = acme.world.changes
    assert (change.by, change.after) == (GEORGES_EMAIL, {"credit_limit": Decimal("6000.00")})
    assert acme.world.customer("ABS001")["on_hold"]
    assert (REP, "release_answered") in await told(acme)
    acts = [(line.action, line.before, line.after) for line in await rows(acme, AuditEntry)]
    assert ("change the credit limit", "credit limit 4000.00 GBP", "credit limit 6000.00 GBP") in acts
    assert ("approve a credit limit", "open", "approved: Good payers") in acts


async def test_a_limit_that_was_changed_since_is_shown_and_asked_again(acme):  # noqa: F811
    await ask(acme)
    acme.world.set_limit("ABS001", 5000)
    found = await approve(acme)
    assert [(each.before, each.after) for each in found.changed] == [(Decimal("4000.00"), Decimal("5000.00"))]
    assert (found.request.state, puts(acme)) == (State.OPEN, [])
    assert (await approve(acme)).request.state is State.APPROVED  # what was shown then is agreed to now
    assert acme.world.customer("ABS001")["credit_limit"] == 6000


async def test_a_balance_other_than_the_form_showed_is_shown_and_asked_again(acme):  # noqa: F811
    await ask(acme)
    session = await of(acme, FIRST)
    found = await acme.requests.approve(session, 1, seen=Seen(Decimal("99.00"), Decimal("4000.00")))
    assert [each.what.value for each in found.changed] == ["Balance"]
    now = Seen(found.customer.balance, found.customer.credit_limit)
    assert (await acme.requests.approve(await of(acme, FIRST), 1, seen=now)).request.state is State.APPROVED


async def test_an_approval_whose_end_was_lost_closes_the_request_and_writes_nothing_again(acme):  # noqa: F811
    await ask(acme)
    acme.world.set_limit("ABS001", 6000)
    assert (await approve(acme)).request.state is State.APPROVED
    assert puts(acme) == []


async def test_a_high_limit_takes_two(acme):  # noqa: F811
    await acme.services.settings.change(await acme.session(), "second-approver 5000")
    await ask(acme)
    assert (await approve(acme, FIRST)).request.state is State.OPEN
    assert puts(acme) == []
    assert (await approve(acme, SECOND)).request.state is State.APPROVED


async def test_one_request_of_each_kind_is_open_and_a_release_ends_only_its_own(acme):  # noqa: F811
    for wanted in (Wanted("Cheque"), LIMIT):
        assert (await ask(acme, wanted)).is_news
    assert not (await ask(acme)).is_news
    acme.world.release("ABS001", "Paid")
    await sync(acme)
    acme.clock.forward(minutes=10)
    await sync(acme)
    await acme.requests.expire(now=acme.clock())
    states = {row.kind: row.state for row in await rows(acme, ReleaseRequestRow)}
    assert states == {"release": "expired", "limit": "open"}


async def test_an_order_is_decided_here_and_let_go_in_sage(acme):  # noqa: F811
    number = f"{acme.world.place_order('ABS001', 1200, override=True):010}"
    with pytest.raises(BadQuestion, match="no open order"):
        await ask(acme, Wanted("Lorry waits", RequestKind.ORDER, order_number="999"))
    await ask(acme, Wanted("Lorry waits", RequestKind.ORDER, order_number=number.lstrip("0")))
    assert (await approve(acme)).request.state is State.APPROVED
    assert puts(acme) == []


@pytest.mark.parametrize(
    ("typed", "limit", "reason"),
    [
        ("6000 They grow", 6000, "They grow"),
        ("£6,000.50 They grow", "6000.50", "They grow"),
        ("6k Big order", 6000, "Big order"),
        ("6000", 6000, ""),
    ],
)
def test_a_limit_as_it_is_typed(typed, limit, reason):
    assert parse_limit(typed, customer()) == Wanted(reason, RequestKind.LIMIT, Decimal(limit).quantize(Decimal("0.01")))


@pytest.mark.parametrize("typed", ["", "more please", "-5 x", "0 x", "€6000 x", "1000000000 x", "1.234 x"])
def test_what_is_no_limit_says_how_to_type_one(typed):
    with pytest.raises(BadQuestion) as raised:
        parse_limit(typed, customer())
    assert "request-limit 6000 REASON" in raised.value.hint


@pytest.mark.parametrize("typed", ["", "the lorry waits", "123456789012345678901 x"])
def test_what_is_no_order_says_how_to_type_one(typed):
    with pytest.raises(BadQuestion) as raised:
        parse_order(typed, customer())
    assert "request-order" in raised.value.hint

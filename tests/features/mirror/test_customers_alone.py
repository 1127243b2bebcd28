"""A site that offers `customers` and none of the views made of it: card, look-up, mirror and hold all the same."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.changes import ChangeKind
from bot.features.holds.model import HoldAction, Outcome
from bot.features.holds.service.change_hold import HoldChange
from storage.tables.core import CompanyRow
from tests.features.mirror.synced_companies import mirror_desk

VIEWS = {"customer_views", "lookup_customers"}


@pytest.fixture
async def books(desk, connected):
    desk.world.companies[0].lacks |= VIEWS
    return await mirror_desk(desk)


async def lacks(books):
    async with books.desk.services.database.reading() as tx:
        return set((await tx.get(CompanyRow, books.books.company_pk)).lacks)


async def ask(books, words):
    return await books.desk.services.customers.look_up(await books.desk.session(), words)


async def test_the_card_and_the_look_up_come_from_the_records(books):
    books.world.put_on_hold("ABS001", "Late again")
    card = await ask(books, "ABS001")
    customer = card.customer
    assert (customer.name, customer.balance, customer.credit_limit) == (
        "ABS Garages Ltd",
        Decimal("2464.16"),
        Decimal("4000.00"),
    )
    assert (customer.on_hold, customer.status_reason, card.copied) == (True, "Late again", None)
    assert (customer.currency.iso, customer.currency.symbol, customer.base_balance) == ("GBP", "£", customer.balance)
    assert (await ask(books, "edge tyres")).customer.reference == "EDG001"
    assert (await ask(books, "edg tyers")).nearest[0].reference == "EDG001"


async def test_what_is_missing_is_asked_for_once_and_found_again_by_the_nightly_reading(books):
    await ask(books, "ABS001")
    await ask(books, "edge tyres")
    assert await lacks(books) == VIEWS
    books.asked()
    await ask(books, "ABS001")
    assert "customer_views" not in books.asked()
    assert await books.sync()
    assert not VIEWS & set(books.asked())
    books.world.companies[0].lacks.clear()
    assert await books.reconcile()
    assert await lacks(books) == set()
    books.asked()
    assert (await ask(books, "edge tyres")).customer.reference == "EDG001"
    assert {"customer_views", "lookup_customers"} <= set(books.asked())


async def test_the_mirror_follows_by_the_records_own_times_of_change(books):
    assert await books.sync()
    assert (await books.seen("ABS001")).currency.symbol == "£"
    assert await books.sync()
    assert "customers" in books.asked()
    books.world.put_on_hold("ABS001", "Cheque bounced")
    assert await books.sync()
    assert books.told.news == [(ChangeKind.PUT_ON_HOLD, "ABS001")]
    assert (await books.seen("ABS001")).status_reason == "Cheque bounced"
    books.world.remove("NOR001")
    assert await books.reconcile()
    assert await books.seen("NOR001") is None
    assert books.told.news[0] == (ChangeKind.PUT_ON_HOLD, "ABS001")
    state = await books.mirror.state(**books.books.named)
    assert state.trouble == ""


async def test_a_hold_is_written_and_read_back(books):
    number = books.world.customer("ABS001")["id"]
    change = HoldChange(HoldAction.HOLD, number, "Cheque bounced")
    done = await books.desk.services.hold_changes.change(await books.desk.session(), change)
    assert (done.outcome, done.after.status_reason) == (Outcome.DONE, "Cheque bounced (U0PRIYA, Slack)")


async def test_the_form_of_a_change_that_a_site_takes_is_remembered(desk, connected):
    books = await mirror_desk(desk)
    desk.sage.rules.requires_name_and_reference = True

    async def puts(action):
        desk.sage.requests.clear()
        change = HoldChange(action, desk.world.customer("ABS001")["id"], "Because")
        done = await desk.services.hold_changes.change(await desk.session(), change)
        assert done.outcome is Outcome.DONE
        return len([seen for seen in desk.sage.requests if seen.method == "PUT"])

    assert [await puts(HoldAction.HOLD), await puts(HoldAction.RELEASE), await puts(HoldAction.HOLD)] == [2, 1, 1]
    async with desk.services.database.reading() as tx:
        assert (await tx.get(CompanyRow, books.books.company_pk)).change_names_customer


async def test_a_role_that_is_refused_the_views_is_refused(desk, connected):
    books = await mirror_desk(desk)
    desk.sage.faults.next(403, times=9, contains="customer_views")
    with pytest.raises(Exception, match="role doesn't allow"):
        await ask(books, "ABS001")
    assert await lacks(books) == set()

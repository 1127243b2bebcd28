"""What one customer owes late: of the copy, of Sage, or why it isn't known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from bot.domain.debt.lateness import DebtUnknown
from bot.features.card.model.order_check import Amount, OrderVerdict
from bot.features.connections.views.status import sign_in_state
from storage.tables.alerts import INITIAL_LOAD, REFUSED, MirrorStateRow
from tests.counting import database_cost
from tests.features.mirror.synced_companies import mirror_desk


class Books:
    """A customer with an invoice late by 40 days and one that is due tomorrow, in the copy."""

    def __init__(self, mirror):
        self.mirror, self.desk = mirror, mirror.desk
        self.debts = mirror.desk.services.debts

    async def customer(self):
        session = await self.session()
        return (await self.desk.services.customers.look_up(session, "NEW001")).customer

    async def session(self):
        return await self.desk.session(self.desk.asker())

    async def of(self, customer=None, *, is_copy=False):
        return await self.debts.of(await self.session(), customer or await self.customer(), is_copy=is_copy)

    async def note(self, **values):
        async with self.desk.services.database.transaction() as tx:
            where = MirrorStateRow.company_pk == self.mirror.books.company_pk
            await tx.execute(update(MirrorStateRow).where(where).values(**values))

    def day(self, ago):
        return self.desk.clock().date() - timedelta(days=ago)


@pytest.fixture
async def books(desk, connected):
    mirror = await mirror_desk(desk)
    made = Books(mirror)
    desk.world.add(reference="NEW001", name="New Garages Ltd")
    desk.world.post_invoice("NEW001", 300, due=made.day(40), dated=made.day(70))
    desk.world.post_invoice("NEW001", 50, due=made.day(-1), dated=made.day(29))
    await mirror.sync()
    await made.of()
    mirror.asked()
    return made


async def test_the_copy_answers_in_one_statement_where_the_balance_is_the_same(books):
    customer, session = await books.customer(), await books.session()
    books.mirror.asked()
    with database_cost(books.desk.services.database) as cost:
        found = await books.debts.of(session, customer)
    assert (cost.transactions, cost.statements, books.mirror.asked()) == (1, 1, [])
    assert found.why is None
    assert (found.debt.overdue, found.debt.oldest_days, found.debt.outstanding) == (300, 40, 350)
    assert found.as_of == books.desk.clock()


async def test_a_balance_that_moved_since_is_answered_by_sages_own_items(books):
    books.desk.world.post_receipt("NEW001", 100)
    customer = await books.customer()
    books.mirror.asked()
    found = await books.of(customer)
    assert books.mirror.asked() == ["sales_transaction_views"]
    assert (found.why, found.debt.overdue, found.debt.outstanding) == (None, 200, 250)
    # Of the copy, while Sage is away, the copy's debt stands beside the copy's balance.
    copied = await books.of(replace(customer, balance=Decimal(350)), is_copy=True)
    assert (copied.debt.overdue, books.mirror.asked()) == (300, [])


async def test_nothing_open_is_nothing_owed_and_not_unknown(books):
    books.desk.world.add(reference="NEW002", name="Nothing Ltd")
    await books.mirror.sync()
    session = await books.session()
    customer = (await books.desk.services.customers.look_up(session, "NEW002")).customer
    found = await books.debts.of(session, customer)
    assert (found.why, found.debt.overdue, found.debt.outstanding) == (None, 0, 0)


async def test_a_balance_forward_account_is_not_known(books):
    books.desk.world.update("NEW001", account_type="TradingAccountTypeBalanceForward")
    customer = await books.customer()
    books.mirror.asked()
    assert (await books.of(customer)).why is DebtUnknown.FORWARD
    assert (await books.debts.live(await books.session(), customer)).why is DebtUnknown.FORWARD
    assert books.mirror.asked() == []


async def test_the_first_load_says_how_far_it_is(books):
    await books.note(items_phase=INITIAL_LOAD, items_read_count=1234)
    found = await books.of()
    assert (found.debt, found.why, found.read) == (None, DebtUnknown.READING, 1234)


async def test_a_sage_that_gives_no_transactions_is_said_on_the_card_and_in_the_status(books):
    await books.note(items_phase=REFUSED)
    assert (await books.of()).why is DebtUnknown.NOT_GIVEN
    status = await books.desk.services.connections.status(await books.session())
    assert sign_in_state(status).count("overdue isn't known") == 1


async def test_old_items_are_asked_of_sage_and_without_sage_not_shown(books):
    await books.note(items_synced_at=books.desk.clock() - timedelta(days=3))
    customer = await books.customer()
    books.mirror.asked()
    assert (await books.of(customer)).debt.overdue == 300
    assert books.mirror.asked() == ["sales_transaction_views"]
    assert (await books.of(customer, is_copy=True)).why is DebtUnknown.OLD


async def test_a_difference_in_two_readings_is_not_sure(books):
    books.desk.world.companies[0].row("NEW001")["balance"] = Decimal("370.00")
    books.desk.world.amend(sorted(books.desk.world.companies[0].transactions)[-1], query="")
    await books.mirror.sync()
    assert (await books.of()).why is None
    await books.mirror.sync()
    found = await books.of()
    assert (found.why, found.difference, found.debt.overdue) == (DebtUnknown.DIFFERS, 20, 300)


async def test_credit_is_set_off_or_not_as_the_workspace_chose_by_the_copy_and_by_sage(books):
    world = books.desk.world
    credit = world.post_credit("NEW001", 100)
    world.companies[0].transactions[credit]["allocated"] = Decimal(0)
    await books.mirror.sync()

    async def overdue():
        live = await books.debts.live(await books.session(), await books.customer())
        return (await books.of()).debt.overdue, live.debt.overdue

    before = await overdue()
    await books.desk.services.settings.change(await books.session(), "overdue-credits gross")
    await books.mirror.sync()
    assert (before, await overdue()) == ((200, 200), (300, 300))
    await books.desk.services.settings.change(await books.session(), "overdue-credits net")
    await books.mirror.sync()
    assert await overdue() == before


@pytest.mark.parametrize(("days", "beyond"), [(1, OrderVerdict.GO), (10, OrderVerdict.ASK), (40, OrderVerdict.STOP)])
async def test_what_a_discount_left_over_stops_no_order_and_the_least_that_counts_does(books, days, beyond):
    world = books.desk.world
    world.add(reference="NEW002", name="Discount Ltd", credit_limit=5000)
    world.post_invoice("NEW002", 1000, due=books.day(days), dated=books.day(days + 30))
    world.post_receipt("NEW002", 975)
    await books.mirror.sync()

    async def checked():
        session = await books.session()
        card = await books.desk.services.customers.look_up(session, "NEW002")
        return await books.debts.check_order(session, card, Amount(Decimal(100)))

    left = await checked()
    assert (left.lateness.debt.overdue, left.lateness.debt.oldest_days, left.decision) == (25, days, OrderVerdict.GO)
    world.post_invoice("NEW002", 25, due=books.day(days), dated=books.day(days + 30))
    await books.mirror.sync()
    found = await checked()
    assert (found.lateness.debt.overdue, found.decision) == (50, beyond)

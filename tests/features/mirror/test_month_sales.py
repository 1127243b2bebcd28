"""What was invoiced in each month and owed at its end, as the night reads it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.features.alerts.service.debts_digest import sales_outstanding
from storage.queries.mirror import mirror_state, month_sales
from tests.features.mirror.synced_companies import mirror_desk


@pytest.fixture
async def books(desk, mirrored):
    return await mirror_desk(desk)


async def months(books):
    async with books.desk.services.database.reading() as tx:
        rows = await month_sales.of_company(tx, **books.books.named)
    return {(row.month, row.currency_iso): (row.invoiced, row.outstanding) for row in rows}, rows


async def test_the_night_reads_six_months_and_then_the_new_one(books):
    world, today = books.world, books.desk.clock().date()
    assert today == date(2026, 3, 2)
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    assert await books.reconcile()
    before, _ = await months(books)
    world.add(reference="NEW001", name="New Ltd")
    world.post_invoice("NEW001", 700, dated=date(2026, 1, 20), due=date(2026, 2, 20))
    world.post_invoice("NEW001", 300, dated=date(2026, 2, 20), due=date(2026, 3, 20))
    world.post_credit("NEW001", 50)  # of today
    await books.sync()
    assert len({month for month, _ in before}) == 6
    # What was read is read no more: February stays as it was, until March is over.
    assert await books.reconcile()
    assert (await months(books))[0] == before
    books.desk.clock.forward(days=31)
    await books.sync()
    assert await books.reconcile()
    after, rows = await months(books)
    assert after[february, "GBP"] == before[february, "GBP"]
    assert after[january, "GBP"][1] is None
    invoiced, owed = after[date(2026, 3, 1), "GBP"]
    assert invoiced == -50
    assert owed == sum(
        (row.get("balance") or Decimal(0))
        for row in world.companies[0].customers.values()
        if (row.get("currency_id") or 1) == world.companies[0].row("ABS001").get("currency_id", 1)
    )
    assert sales_outstanding(rows)


async def test_at_the_end_of_a_month_is_what_is_owed_now_less_what_came_since(books):
    assert await books.reconcile()
    was = (await months(books))[0][date(2026, 2, 1), "GBP"][1]
    async with books.desk.services.database.transaction() as tx:
        await mirror_state.note(tx, **books.books.named, sales_read_for=None)
    books.world.add(reference="NEW001", name="New Ltd")
    books.world.post_invoice("NEW001", 300)  # of today, 2 March
    books.world.post_receipt("ABS001", 100)
    await books.sync()
    assert await books.reconcile()
    assert (await months(books))[0][date(2026, 2, 1), "GBP"][1] == was


async def test_a_sage_that_refuses_it_does_without(books):
    books.desk.sage.faults.next(403, contains="2025-09-01", times=9)
    assert await books.reconcile()
    assert (await months(books))[0] == {}

"""What customers owe, on both databases; two workspaces use the same books."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from storage.queries import personal_data
from storage.queries.mirror import mirrored_customers as mirror
from storage.queries.mirror import open_items
from storage.queries.mirror.customer_condition import EVERY_CUSTOMER, CodeIn, CustomerCondition
from storage.queries.mirror.open_items import WantedDebt
from tests.counting import engines
from tests.storage.builders import customer, debt, item

TODAY = date(2026, 3, 16)
NORTH = CustomerCondition(all_of=(CodeIn(3, ("north",)),))


def ago(days):
    return TODAY - timedelta(days=days)


@pytest.fixture
async def owing(database, both, now):
    """1 owes 100 for 40 days and 20 due tomorrow, 2 owes 5 euros for 90, 3 has 30 due today, 4 owes 60 for 40."""
    for here in both:
        kwargs = {"now": now, "analysis": {"3": "South"}}
        customers = [customer(number, here, **kwargs) for number in (1, 3)]
        customers.append(customer(2, here, now=now, currency_iso="EUR", currency_symbol="€", analysis={"3": "North"}))
        customers.append(customer(4, here, now=now, analysis={"3": "North"}))
        items = [
            item(11, 1, "100.00", ago(40)),
            item(12, 1, "20.00", ago(-1)),
            item(13, 1, "7.00", ago(80), uncovered=Decimal(0)),
            item(14, 1, "-7.00", ago(1)),
            item(21, 2, "5.00", ago(90)),
            item(31, 3, "30.00", TODAY),
            item(41, 4, "35.00", ago(40)),
            item(42, 4, "25.00", ago(2)),
            item(43, 4, "1.00", None),
        ]
        debts = [
            debt(1, "120.00", ago(40), now=now),
            debt(2, "5.00", ago(90), now=now, currency_iso="EUR", currency_symbol="€"),
            debt(3, "30.00", TODAY, now=now),
            debt(4, "61.00", ago(40), now=now, undated=Decimal(1)),
        ]
        async with database.transaction() as tx:
            await mirror.write(tx, customers)
            await open_items.write(tx, **here, items=items, debts=debts)
    return both


def owed(customers=EVERY_CUSTOMER, **how):
    return WantedDebt(customers, TODAY, **how)


async def listed(database, here, wanted=EVERY_CUSTOMER, *, offset=0, limit=10, **how):
    async with database.reading() as tx:
        rows = await open_items.overdue(tx, **here, wanted=owed(wanted, **how), offset=offset, limit=limit)
    return [(row.customer_id, row.overdue, (TODAY - row.oldest_due).days) for row in rows]


async def test_the_late_are_listed_the_oldest_first_and_then_by_what_is_late(database, owing):
    ours, _ = owing
    every = [(2, Decimal("5.00"), 90), (1, Decimal("100.00"), 40), (4, Decimal("60.00"), 40)]
    assert await listed(database, ours) == every
    assert await listed(database, ours, offset=1, limit=1) == every[1:2]
    assert await listed(database, ours, days=41) == every[:1]
    assert await listed(database, ours, NORTH, days=40) == [every[0], every[2]]


async def test_totals_are_of_each_currency_and_of_all_that_is_listed(database, owing):
    ours, _ = owing

    async def totals(wanted=EVERY_CUSTOMER, days=0):
        async with database.reading() as tx:
            rows = await open_items.overdue_totals(tx, **ours, wanted=owed(wanted, days=days))
        assert {type(row.accounts) for row in rows} <= {int}
        return [tuple(row) for row in rows]

    euros = ("EUR", "€", Decimal("5.00"), 1)
    assert await totals() == [euros, ("GBP", "£", Decimal("160.00"), 2)]
    assert await totals(NORTH) == [euros, ("GBP", "£", Decimal("60.00"), 1)]
    assert await totals(days=90) == [euros]
    assert await totals(days=91) == []


async def test_debt_in_query_is_listed_whether_late_or_not(database, owing, now):
    ours, theirs = owing
    async with database.transaction() as tx:
        rows = [
            debt(3, "30.00", TODAY, now=now, disputed=Decimal(9)),
            debt(4, "61.00", ago(40), now=now, disputed=Decimal(8)),
        ]
        rows.append(debt(1, "120.00", None, now=now, disputed=Decimal(120)))
        await open_items.write(tx, **ours, debts=rows)
    async with database.reading() as tx:
        found = await open_items.overdue(tx, **ours, wanted=owed(disputed=True), offset=0, limit=9)
        totals = await open_items.overdue_totals(tx, **ours, wanted=owed(disputed=True))
        others = await open_items.overdue(tx, **theirs, wanted=owed(disputed=True), offset=0, limit=9)
    assert [row.customer_id for row in found] == [4, 3, 1]
    assert [(row.currency_iso, row.accounts) for row in totals] == [("GBP", 3)]
    assert others == []


async def test_accounts_are_suggested_by_age_or_amount_and_never_those_on_hold(database, owing, now):
    ours, _ = owing
    by_age, by_amount = {"suggest_days": 60}, {"suggest_above": Decimal(60)}
    assert [each[0] for each in await listed(database, ours, suggested=True, **by_age)] == [2]
    assert [each[0] for each in await listed(database, ours, suggested=True, **by_amount)] == [1, 4]
    assert [each[0] for each in await listed(database, ours, suggested=True, **by_age, **by_amount)] == [2, 1, 4]
    assert await listed(database, ours, suggested=True) == []
    async with database.transaction() as tx:
        await mirror.write(tx, [customer(4, ours, now=now, on_hold=True, analysis={"3": "North"})])
    assert [each[0] for each in await listed(database, ours, suggested=True, **by_amount)] == [1]


async def test_the_file_has_a_line_for_each_late_invoice(database, owing):
    ours, _ = owing
    lines = []
    async with database.reading() as tx:
        async for rows in open_items.overdue_lines(tx, **ours, wanted=owed(NORTH, days=0)):
            lines += [(row.reference, row.document, row.due, row.left, row.uncovered) for row in rows]
    assert lines == [
        ("REF2", "INV21", ago(90), Decimal("5.00"), Decimal("5.00")),
        ("REF4", "INV41", ago(40), Decimal("35.00"), Decimal("35.00")),
        ("REF4", "INV42", ago(2), Decimal("25.00"), Decimal("25.00")),
    ]


async def test_one_customers_debt_is_its_row_and_its_items(database, owing, now):
    ours, _ = owing
    async with database.reading() as tx:
        items = await open_items.items_of(tx, **ours, ids=[4, 99])
        debts = await open_items.debts_of(tx, **ours, ids=[4, 99])
        late = await open_items.overdue_of(tx, **ours, ids=[1, 2, 3, 99], today=TODAY)
    assert debts == {4: {**debt(4, "61.00", ago(40), now=now, undated=Decimal(1)), **ours}}
    assert list(items) == [4]
    assert [each["transaction_id"] for each in items[4]] == [41, 42, 43]
    assert items[4][0] == {**item(41, 4, "35.00", ago(40)), **ours}
    assert late == {1: (Decimal("100.00"), ago(40)), 2: (Decimal("5.00"), ago(90))}


async def test_what_is_settled_goes_and_what_changed_is_replaced_in_one_workspace(database, owing, now):
    ours, theirs = owing
    async with database.transaction() as tx:
        await open_items.write(
            tx,
            **ours,
            items=[item(41, 4, "30.00", ago(41))],
            settled=[42, 43],
            debts=[debt(4, "30.00", ago(41), now=now)],
            cleared=[2],
        )
    assert await listed(database, ours) == [(4, Decimal("30.00"), 41), (1, Decimal("100.00"), 40)]
    assert len(await listed(database, theirs)) == 3
    async with database.transaction() as tx:
        await open_items.forget_customers(tx, **ours, ids=[4])
    assert await listed(database, ours) == [(1, Decimal("100.00"), 40)]
    assert len(await listed(database, theirs)) == 3


async def test_a_row_of_another_workspace_is_never_replaced(database, owing, now):
    ours, theirs = owing
    async with database.transaction() as tx:
        crossed = {"workspace_id": ours["workspace_id"], "company_pk": theirs["company_pk"]}
        await open_items.write(tx, **crossed, items=[item(41, 4, "1.00", ago(1))], settled=[21], cleared=[1])
    assert len(await listed(database, theirs)) == 3
    assert (4, Decimal("60.00"), 40) in await listed(database, theirs)


async def test_a_difference_is_to_be_confirmed_until_a_second_reading_found_it(database, owing, now):
    ours, theirs = owing
    rows = [
        debt(1, "120.00", ago(40), now=now, difference=Decimal(-20)),
        debt(2, "5.00", ago(90), now=now, difference=Decimal(1), differs_since=now),
        debt(3, "30.00", TODAY, now=now, difference=None),
    ]
    async with database.transaction() as tx:
        await open_items.write(tx, **ours, debts=rows)
    async with database.reading() as tx:
        assert await open_items.to_confirm(tx, **ours, limit=10) == [1]
        assert await open_items.to_confirm(tx, **theirs, limit=10) == []
        assert await open_items.counts(tx, **ours) == (9, 1)


async def test_a_receipt_is_new_once_and_forgotten_in_time(database, owing, now):
    ours, theirs = owing
    row = {"transaction_id": 14, "customer_id": 1, "dated": ago(1), "amount": Decimal("7.00"), "seen_at": now}
    later = {**row, "seen_at": now + timedelta(days=1)}
    async with database.transaction() as tx:
        assert await open_items.note_receipts(tx, **ours, receipts=[row]) == [14]
        assert await open_items.note_receipts(tx, **ours, receipts=[later, {**later, "transaction_id": 15}]) == [15]
        assert await open_items.note_receipts(tx, **theirs, receipts=[row]) == [14]
    async with database.reading() as tx:
        fresh = await open_items.receipts_since(tx, **ours, since=now, limit=10)
    assert [(each.transaction_id, each.amount) for each in fresh] == [(15, Decimal("7.00"))]
    async with database.transaction() as tx:
        assert await open_items.forget_receipts(tx, before=now + timedelta(seconds=1)) == 2


async def test_debts_go_with_the_customer_and_with_the_company(database, owing, now):
    ours, theirs = owing
    async with database.transaction() as tx:
        await open_items.note_receipts(
            tx,
            **ours,
            receipts=[{"transaction_id": 14, "customer_id": 1, "dated": None, "amount": Decimal(7), "seen_at": now}],
        )
        gone = await personal_data.erase_customer(tx, **ours, customer_id=1, reference="REF1")
    assert gone == {
        "mirrored_customers": 1,
        "customer_words": 1,
        "open_items": 4,
        "customer_debts": 1,
        "receipts_seen": 1,
    }
    async with database.transaction() as tx:
        await personal_data.drop_copy(tx, **ours)
    async with database.reading() as tx:
        assert await open_items.counts(tx, **ours) == (0, 0)
        assert await open_items.counts(tx, **theirs) == (9, 0)


@contextmanager
def sent(database):
    """The statements of a block with their values."""
    seen = []

    def note(_connection, _cursor, statement, values, *_):
        seen.append((statement, values))

    for engine in engines(database):
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines(database):
            event.remove(engine, "before_cursor_execute", note)


async def plan(database, ask):
    """How the database goes about the statements of a question."""
    async with database.transaction() as tx:
        connection = await tx.connection()
        embedded = connection.dialect.name == "sqlite"
        if not embedded:
            # So few rows are read from end to end wherever that is possible.
            await connection.exec_driver_sql("set local enable_seqscan = off")
        with sent(database) as statements:
            await ask(tx)
        lines = []
        for statement, values in statements:
            explain = "explain query plan " if embedded else "explain "
            lines += [str(tuple(row)) for row in await connection.exec_driver_sql(explain + statement, values)]
    return "\n".join(lines)


async def test_questions_read_by_index(database, owing):
    ours, _ = owing
    how = {"wanted": owed(days=30)}
    page = await plan(database, lambda tx: open_items.overdue(tx, **ours, **how, offset=0, limit=15))
    assert "ix_customer_debts_late" in page
    one = await plan(database, lambda tx: open_items.items_of(tx, **ours, ids=[4]))
    if "SEARCH" in one:
        # The server chooses by size: of nine items it may as well read all.
        assert "ix_open_items_company_pk_customer_id" in one
        assert "ix_open_items_company_pk_customer_id" in page
        some = await plan(database, lambda tx: open_items.overdue_of(tx, **ours, ids=[4, 5], today=how["wanted"].today))
        assert "ix_open_items_company_pk_customer_id" in some
    totals = await plan(database, lambda tx: open_items.overdue_totals(tx, **ours, **how))
    confirm = await plan(database, lambda tx: open_items.to_confirm(tx, **ours, limit=10))
    assert "ix_customer_debts_to_confirm" in confirm
    for told in (page, one, totals, confirm):
        assert "SCAN" not in told.replace("SCAN CONSTANT ROW", "").replace("SCAN each", "")
        assert "Seq Scan" not in told

"""Queries of the mirror: what customers owe, item by item and as a whole, and who is late."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    case,
    cast,
    collate,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.many_rows import write_rows
from storage.queries.mirror.customer_condition import LISTED, CustomerCondition
from storage.queries.mirror.mirrored_customers import Stored
from storage.statements import changed, inserting, table_of
from storage.tables.alerts import MirroredCustomer
from storage.tables.debts import (
    IS_DISPUTED,
    CustomerDebtRow,
    CustomerSnooze,
    DebtDay,
    MonthSalesRow,
    OpenItemRow,
    SeenReceipt,
)
from storage.tables.promises import PROMISE_IS_BROKEN, PROMISE_IS_OPEN, PromiseRow

CHUNK = 250
"""Rows of the file between two yields to the event loop."""
_AT_ONCE = 500
_ITEM, _DEBT = table_of(OpenItemRow), table_of(CustomerDebtRow)
_DIFFERS = and_(_DEBT.c.differs_since.is_not(None), _DEBT.c.difference != Decimal(0))
_OWED = (
    CustomerDebtRow.oldest_due,
    CustomerDebtRow.outstanding,
    CustomerDebtRow.disputed,
    CustomerDebtRow.undated,
    CustomerDebtRow.pool_left,
    CustomerDebtRow.difference,
    CustomerDebtRow.differs_since,
    CustomerDebtRow.warnings,
)
_LINE = (
    OpenItemRow.kind,
    OpenItemRow.reference.label("document"),
    OpenItemRow.second_reference,
    OpenItemRow.dated,
    OpenItemRow.due,
    OpenItemRow.gross,
    OpenItemRow.outstanding.label("left"),
    OpenItemRow.uncovered,
    OpenItemRow.query,
)
_SAME_CUSTOMER = and_(
    MirroredCustomer.company_pk == CustomerDebtRow.company_pk,
    MirroredCustomer.customer_id == CustomerDebtRow.customer_id,
)


@dataclass(frozen=True, slots=True)
class WantedDebt:
    """Which customers are listed: whose oldest debt is `days` late or more on `today`.

    `disputed`: those with debt in query, `promised`: those with an open promise to pay, and `warned`: those with an
    early warning, late or not unless `days` are asked for. Of the late ones, `unpromised`: those without such a
    promise, `broken`: those who broke one and have not made up for it.
    `suggested`: of these, those not on hold whose debt is `suggest_days` late, or at least `suggest_above`; neither:
    none. Those that are snoozed at `now` are left out; with `snoozed`, they alone are listed. `least` is the smallest
    amount listed and `most` the largest: of what is late, or of what is in query where that is listed. `most_days` is
    how late the oldest debt is at most.
    """

    customers: CustomerCondition
    today: date
    days: int = 1
    disputed: bool = False
    promised: bool = False
    suggested: bool = False
    unpromised: bool = False
    broken: bool = False
    warned: bool = False
    least: Decimal | None = None
    most: Decimal | None = None
    most_days: int | None = None
    suggest_days: int | None = None
    suggest_above: Decimal | None = None
    now: datetime | None = None
    snoozed: bool = False

    @property
    def may_be_on_time(self) -> bool:
        """Return whether customers are listed of whom nothing is late."""
        return (self.disputed or self.promised or self.warned) and not (
            self.days > 1 or self.suggested or self.unpromised or self.broken
        )

    def _bounds(self) -> list[ColumnElement[bool]]:
        debt, parts = CustomerDebtRow, list[ColumnElement[bool]]()
        amount = debt.disputed if self.disputed else late_on(self.today)
        if self.least is not None:
            parts.append(amount >= self.least)
        if self.most is not None:
            parts.append(amount <= self.most)
        if self.most_days is not None:
            parts.append(debt.oldest_due >= self.today - timedelta(days=self.most_days))
        return parts

    def sql(self, company_pk: int) -> ColumnElement[bool]:
        """Return the condition on the debts, `CustomerDebtRow`, of a company."""
        # Customers, promises and snoozes are looked for in lists that are made once: joined, each late debt would look
        # its own up, in rows many times as wide.
        debt, number = CustomerDebtRow, CustomerDebtRow.customer_id
        made = select(PromiseRow.customer_id).where(PromiseRow.company_pk == company_pk, PROMISE_IS_OPEN)
        # What is due today is not late; so nobody is late by less than a day.
        late = debt.oldest_due <= self.today - timedelta(days=max(self.days, 1))
        parts = [self.customers.of_id(number.expression, company_pk), *(() if self.may_be_on_time else (late,))]
        if self.disputed:
            parts.append(IS_DISPUTED)
        if self.promised:
            parts.append(number.in_(made))
        parts += self._bounds()
        if self.warned:
            parts.append(debt.is_warned.is_(True))
        if self.unpromised:
            parts.append(number.not_in(made))
        if self.broken:
            unkept = (PromiseRow.company_pk == company_pk, PROMISE_IS_BROKEN)
            parts.append(number.in_(select(PromiseRow.customer_id).where(*unkept)))
        if self.suggested:
            ways: list[ColumnElement[bool]] = [false()]
            if self.suggest_days is not None:
                ways.append(debt.oldest_due <= self.today - timedelta(days=max(self.suggest_days, 1)))
            if self.suggest_above is not None:
                ways.append(late_on(self.today) >= self.suggest_above)
            customer, snooze = MirroredCustomer, CustomerSnooze
            here = select(customer.customer_id).where(customer.company_pk == company_pk)
            held, hidden = here.where(customer.on_hold.is_(True)), here.where(customer.hidden.is_(True))
            parts += [or_(*ways), number.not_in(made), number.not_in(held), number.not_in(hidden)]
            if self.now is not None:
                put_off = (snooze.company_pk == company_pk, snooze.target_id == "", snooze.until > self.now)
                snoozed = select(snooze.customer_id).where(*put_off)
                parts.append(number.in_(snoozed) if self.snoozed else number.not_in(snoozed))
        return and_(True, *parts)


async def write(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    items: Sequence[Stored] = (),
    settled: Collection[int] = (),
    debts: Sequence[Stored] = (),
    cleared: Collection[int] = (),
    are_new: bool = False,
) -> None:
    """Insert or replace whole rows of items and debts; delete `settled` items and the debts of `cleared` customers.

    The caller holds the company's lease, and gives the items and debt of a customer in one call. `are_new`: none of the
    items is stored.
    """
    here: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
    await _remove(tx, _ITEM, "transaction_id", settled, **here)
    await write_rows(tx, OpenItemRow, [{**row, **here} for row in items], are_new=are_new)
    await write_rows(tx, CustomerDebtRow, [{**row, **here} for row in debts])
    await _remove(tx, _DEBT, "customer_id", cleared, **here)


async def forget_customers(tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]) -> None:
    """Delete all items, debts and snoozes of customers that Sage no longer has."""
    here: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
    for table in (_ITEM, _DEBT, table_of(DebtDay), table_of(CustomerSnooze)):
        await _remove(tx, table, "customer_id", ids, **here)


async def forget_all(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> None:
    """Delete all items and debts of a company; its receipts stay met."""
    for table in (_ITEM, _DEBT):
        await changed(tx, delete(table).where(_of(table, workspace_id, company_pk)))


async def forget_company(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> None:
    """Delete all items, debts, their days, the receipts, snoozes and months of a company."""
    await forget_all(tx, workspace_id=workspace_id, company_pk=company_pk)
    for model in (SeenReceipt, DebtDay, CustomerSnooze, MonthSalesRow):
        whose = (model.workspace_id == workspace_id, model.company_pk == company_pk)
        await changed(tx, delete(model).where(*whose))


async def items_of(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]
) -> dict[int, list[Stored]]:
    """Return the open items of these customers, by customer, in order of id."""
    # Ordered here: told to order by id, SQLite would read the whole company in that order.
    found: dict[int, list[Stored]] = {}
    for chunk in _chunks(sorted(ids)):
        whose = (_of(_ITEM, workspace_id, company_pk), _ITEM.c.customer_id.in_(chunk))
        for row in await tx.execute(select(_ITEM).where(*whose)):
            found.setdefault(row.customer_id, []).append(dict(row._mapping))
    return {number: sorted(rows, key=lambda row: row["transaction_id"]) for number, rows in found.items()}


async def debts_of(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int], lock: bool = False
) -> dict[int, Stored]:
    """Return the debts of these customers; without those of whom nothing is open. With `lock`, in order of customer."""
    found: dict[int, Stored] = {}
    for chunk in _chunks(sorted(ids)):
        whose = (_of(_DEBT, workspace_id, company_pk), _DEBT.c.customer_id.in_(chunk))
        statement = select(_DEBT).where(*whose)
        rows = await tx.execute(statement.order_by(_DEBT.c.customer_id).with_for_update() if lock else statement)
        found |= {row.customer_id: dict(row._mapping) for row in rows}
    return found


async def outstanding_of(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]
) -> dict[int, Decimal]:
    """Return what the open items of these customers come to; leave out customers without any."""
    found: dict[int, Decimal] = {}
    for chunk in _chunks(sorted(ids)):
        whose = (_of(_DEBT, workspace_id, company_pk), _DEBT.c.customer_id.in_(chunk))
        rows = await tx.execute(select(_DEBT.c.customer_id, _DEBT.c.outstanding).where(*whose))
        found |= {row[0]: row[1] for row in rows}
    return found


async def with_ids(tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]) -> dict[int, Stored]:
    """Return the items with these transaction ids, by id."""
    found: dict[int, Stored] = {}
    for chunk in _chunks(sorted(ids)):
        whose = (_of(_ITEM, workspace_id, company_pk), _ITEM.c.transaction_id.in_(chunk))
        found |= {row.transaction_id: dict(row._mapping) for row in await tx.execute(select(_ITEM).where(*whose))}
    return found


async def between(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int, up_to: int | None
) -> dict[int, Stored]:
    """Return the items with a transaction id greater than `beyond` and at most `up_to` (None: to the end), by id."""
    statement = select(_ITEM).where(_of(_ITEM, workspace_id, company_pk), _ITEM.c.transaction_id > beyond)
    if up_to is not None:
        statement = statement.where(_ITEM.c.transaction_id <= up_to)
    return {row.transaction_id: dict(row._mapping) for row in await tx.execute(statement)}


async def is_any_beyond(tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int) -> bool:
    """Return whether an item with a transaction id greater than `beyond` is stored."""
    wanted = (_of(_ITEM, workspace_id, company_pk), _ITEM.c.transaction_id > beyond)
    return bool(await tx.scalar(select(exists().where(*wanted))))


async def counts(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> tuple[int, int]:
    """Return (open items, customers whose balance differed from their items in two readings)."""
    items = await tx.scalar(select(func.count()).where(_of(_ITEM, workspace_id, company_pk)))
    return items or 0, await differing(tx, workspace_id=workspace_id, company_pk=company_pk)


async def differing(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> int:
    """Return how many customers' balance differed from their items in two readings."""
    return await tx.scalar(select(func.count()).where(_of(_DEBT, workspace_id, company_pk), _DIFFERS)) or 0


async def count_all_differing(tx: AsyncSession) -> int:
    """Return of how many customers of every workspace the balance differed from the items in two readings."""
    return await tx.scalar(select(func.count()).select_from(_DEBT).where(_DIFFERS)) or 0


async def owners_beyond(tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int, limit: int) -> list[int]:
    """Return the next customers with items, by id."""
    statement = select(_ITEM.c.customer_id).where(_of(_ITEM, workspace_id, company_pk), _ITEM.c.customer_id > beyond)
    return list(await tx.scalars(statement.distinct().order_by(_ITEM.c.customer_id).limit(limit)))


async def with_positive_credits(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, kinds: Collection[str], limit: int
) -> list[int]:
    """Return customers who have an item of these kinds whose amount is positive."""
    positive = (_ITEM.c.kind.in_(kinds), _ITEM.c.outstanding > Decimal(0))
    statement = select(_ITEM.c.customer_id).where(_of(_ITEM, workspace_id, company_pk), *positive)
    return list(await tx.scalars(statement.distinct().order_by(_ITEM.c.customer_id).limit(limit)))


async def turn_signs(tx: AsyncSession, *, workspace_id: str, company_pk: int, kinds: Collection[str]) -> None:
    """Make the positive items of these kinds negative: this Sage gives them without their minus."""
    positive = (_ITEM.c.kind.in_(kinds), _ITEM.c.outstanding > Decimal(0))
    turned = update(_ITEM).where(_of(_ITEM, workspace_id, company_pk), *positive)
    await changed(tx, turned.values(outstanding=-_ITEM.c.outstanding, uncovered=Decimal(0)))


async def drifted(tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int, limit: int) -> list[int]:
    """Return customers, by id, whose debt differs from what is stored now: the difference, or the currency."""
    customer, debt = MirroredCustomer, CustomerDebtRow
    difference = customer.balance - func.coalesce(debt.outstanding, Decimal(0))
    none_open = and_(debt.customer_id.is_(None), func.coalesce(customer.balance, Decimal(0)) != Decimal(0))
    renamed = or_(debt.currency_iso != customer.currency_iso, debt.currency_symbol != customer.currency_symbol)
    moved = and_(debt.customer_id.is_not(None), difference.is_distinct_from(debt.difference) | renamed)
    whose = (customer.workspace_id == workspace_id, customer.company_pk == company_pk, customer.customer_id > beyond)
    joined = select(customer.customer_id).outerjoin(debt, _SAME_CUSTOMER).where(*whose, none_open | moved)
    return list(await tx.scalars(joined.order_by(customer.customer_id).limit(limit)))


async def age(tx: AsyncSession, *, workspace_id: str, company_pk: int, before: date, limit: int) -> int:
    """Add to `late` what was due before a day, of so many debts at once. Return of how many."""
    come = (_of(_DEBT, workspace_id, company_pk), _DEBT.c.next_due < before)
    some = select(_DEBT.c.customer_id).where(*come).order_by(_DEBT.c.next_due).limit(limit)
    same = and_(_ITEM.c.company_pk == _DEBT.c.company_pk, _ITEM.c.customer_id == _DEBT.c.customer_id)
    dated = and_(same, _ITEM.c.uncovered != Decimal(0), _ITEM.c.due.is_not(None))
    late = select(func.coalesce(func.sum(_ITEM.c.uncovered), Decimal(0))).where(dated, _ITEM.c.due < before)
    coming = select(func.min(_ITEM.c.due)).where(dated, _ITEM.c.due >= before)
    aged = update(_DEBT).where(_of(_DEBT, workspace_id, company_pk), _DEBT.c.customer_id.in_(some))
    return await changed(tx, aged.values(late=late.scalar_subquery(), next_due=coming.scalar_subquery()))


async def seen_receipts(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]
) -> frozenset[int]:
    """Return which of these receipts were met before."""
    found: set[int] = set()
    for chunk in _chunks(sorted(ids)):
        whose = (SeenReceipt.workspace_id == workspace_id, SeenReceipt.company_pk == company_pk)
        statement = select(SeenReceipt.transaction_id).where(*whose, SeenReceipt.transaction_id.in_(chunk))
        found |= set(await tx.scalars(statement))
    return frozenset(found)


async def to_confirm(tx: AsyncSession, *, workspace_id: str, company_pk: int, limit: int) -> list[int]:
    """Return customers whose balance differed from their items in one reading, and weren't read again yet."""
    differs = (_DEBT.c.difference != Decimal(0), _DEBT.c.differs_since.is_(None))
    statement = select(_DEBT.c.customer_id).where(_of(_DEBT, workspace_id, company_pk), *differs)
    return list(await tx.scalars(statement.order_by(_DEBT.c.customer_id).limit(limit)))


async def overdue(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: WantedDebt, offset: int, limit: int
) -> Sequence[Row[Any]]:
    """Return the customers wanted, the oldest debt first; then by overdue, then by reference.

    Columns: of the customer, `oldest_due`, `overdue` (all that is late) and what else the debt's row has.
    """
    late = late_on(wanted.today)
    statement = _wanted_customers(workspace_id, company_pk, wanted, *LISTED, *_OWED, late.label("overdue"))
    # Where debt is in query the rest may not be late at all: such a customer stands last, on both databases.
    undated = [CustomerDebtRow.oldest_due.is_(None)] if wanted.may_be_on_time else []
    order = (*undated, CustomerDebtRow.oldest_due, late.desc(), _by_bytes(tx, MirroredCustomer.reference))
    paged = statement.order_by(*order, CustomerDebtRow.customer_id).offset(offset).limit(limit)
    rows: Sequence[Row[Any]] = (await tx.execute(paged)).all()
    return rows


async def overdue_totals(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: WantedDebt
) -> Sequence[Row[Any]]:
    """Return (currency_iso, currency_symbol, total, accounts) of each currency: what `overdue` lists comes to."""
    # The sums stored by customer, and the items of those of whom something has become late since: a few of the day, and
    # no item of the others is read. Those with debt in query count although nothing else of theirs is late.
    debt, item = CustomerDebtRow, OpenItemRow
    named = (debt.currency_iso, debt.currency_symbol)
    stored = select(*named, func.sum(debt.late).label("late"), func.count().label("accounts"))
    # Summed below alone: grouped here too, SQLite would look for the few through the order of the groups.
    since = select(*named, item.uncovered, literal(0)).where(debt.next_due < wanted.today)
    whose = and_(debt.workspace_id == workspace_id, debt.company_pk == company_pk, wanted.sql(company_pk))
    stored, since = (
        part.where(whose)
        for part in (stored.select_from(debt), since.select_from(debt).join(item, _is_late_since(wanted.today)))
    )
    each = union_all(stored.group_by(*named), since).subquery("each")
    currency = (each.c.currency_iso, each.c.currency_symbol)
    accounts = cast(func.sum(each.c.accounts), BigInteger)  # a Decimal of PostgreSQL's otherwise
    totals = select(*currency, func.sum(each.c.late).label("total"), accounts.label("accounts"))
    rows: Sequence[Any] = (await tx.execute(totals.group_by(*currency).order_by(*currency))).all()
    return rows


async def overdue_lines(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: WantedDebt
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yield what `overdue` lists item by item, few at a time: every late debit with what the credit left of it.

    Columns: of the customer, `document`, `second_reference`, `kind`, `dated`, `due`, `gross`, `left`, `uncovered`.
    """
    statement = _wanted_customers(workspace_id, company_pk, wanted, *LISTED, CustomerDebtRow.oldest_due, *_LINE)
    order = (CustomerDebtRow.oldest_due, _by_bytes(tx, MirroredCustomer.reference), CustomerDebtRow.customer_id)
    late = statement.join(OpenItemRow, _is_late(wanted.today))
    ordered = late.order_by(*order, OpenItemRow.due, OpenItemRow.transaction_id)
    found = await tx.stream(ordered, execution_options={"yield_per": CHUNK})
    async for rows in found.partitions():
        yield rows


async def overdue_of(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int], today: date
) -> dict[int, tuple[Decimal, date]]:
    """Return (overdue, oldest due date) of these customers, without those who are not late."""
    found: dict[int, tuple[Decimal, date]] = {}
    # Not "> 0", as in `_is_late`: SQLite would look through the late items of the whole company for a few customers.
    late = (_ITEM.c.uncovered != Decimal(0), _ITEM.c.due < today)
    for chunk in _chunks(sorted(ids)):
        whose = (_of(_ITEM, workspace_id, company_pk), _ITEM.c.customer_id.in_(chunk), *late)
        sums = select(_ITEM.c.customer_id, func.sum(_ITEM.c.uncovered), func.min(_ITEM.c.due)).where(*whose)
        found |= {row[0]: (row[1], row[2]) for row in await tx.execute(sums.group_by(_ITEM.c.customer_id))}
    return found


async def note_receipts(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, receipts: Sequence[Stored]
) -> list[int]:
    """Store receipts that were never met before. Return their ids."""
    new: list[int] = []
    # With the rows apart, the statement is the same for any number of them.
    insert = inserting(tx, SeenReceipt).on_conflict_do_nothing().returning(SeenReceipt.transaction_id)
    connection = await tx.connection()
    for chunk in _chunks(receipts):
        rows = [{**row, "workspace_id": workspace_id, "company_pk": company_pk} for row in chunk]
        new += (await connection.execute(insert, rows)).scalars()
    return sorted(new)


async def receipts_since(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, since: datetime, limit: int
) -> list[SeenReceipt]:
    """Return receipts first met after a moment, in that order."""
    whose = (SeenReceipt.workspace_id == workspace_id, SeenReceipt.company_pk == company_pk)
    statement = select(SeenReceipt).where(*whose, SeenReceipt.seen_at > since)
    return list(await tx.scalars(statement.order_by(SeenReceipt.seen_at, SeenReceipt.transaction_id).limit(limit)))


async def forget_receipts(tx: AsyncSession, *, before: datetime) -> int:
    """Delete the receipts first met before a moment, of every workspace. Return how many."""
    return await changed(tx, delete(SeenReceipt).where(SeenReceipt.seen_at < before))


def _wanted_customers(workspace_id: str, company_pk: int, wanted: WantedDebt, *columns: Any) -> Select[Any]:
    debt = CustomerDebtRow
    whose = and_(debt.workspace_id == workspace_id, debt.company_pk == company_pk, wanted.sql(company_pk))
    return select(*columns).select_from(debt).join(MirroredCustomer, _SAME_CUSTOMER).where(whose)


def _is_late(today: date) -> ColumnElement[bool]:
    """Return the condition that an item is a late debit of the debt's customer."""
    item, debt = OpenItemRow, CustomerDebtRow
    same = and_(item.company_pk == debt.company_pk, item.customer_id == debt.customer_id)
    # Not "> 0", which is never less than it: so nobody is tempted to look through the late items of the whole company,
    # by their own index, for each customer.
    return and_(same, item.uncovered != Decimal(0), item.due < today)


def _is_late_since(today: date) -> ColumnElement[bool]:
    return and_(_is_late(today), OpenItemRow.due >= CustomerDebtRow.next_due)


def late_on(today: date) -> ColumnElement[Any]:
    """Return all that is late of a debt: what was so when it was stored, and what became so since."""
    sums = select(func.sum(OpenItemRow.uncovered)).where(_is_late_since(today))
    since = sums.correlate(CustomerDebtRow).scalar_subquery()
    pennies = CustomerDebtRow.late.expression.type
    since_then = case((CustomerDebtRow.next_due < today, since), else_=literal(Decimal(0), pennies))
    return type_coerce(CustomerDebtRow.late + since_then, pennies)


def _by_bytes(tx: AsyncSession, column: Any) -> ColumnElement[Any]:
    expression: ColumnElement[Any] = column.expression
    return expression if tx.get_bind().dialect.name == "sqlite" else collate(expression, "C")


async def _remove(
    tx: AsyncSession, table: Table, key: str, ids: Collection[int], *, workspace_id: str, company_pk: int
) -> None:
    for chunk in _chunks(sorted(ids)):
        gone = delete(table).where(_of(table, workspace_id, company_pk), table.c[key].in_(chunk))
        await changed(tx, gone)


def _of(table: Table, workspace_id: str, company_pk: int) -> ColumnElement[bool]:
    return (table.c.workspace_id == workspace_id) & (table.c.company_pk == company_pk)


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))

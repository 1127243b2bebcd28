"""Queries of the mirror: a company's customers as last read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.many_rows import add_columns, write_rows
from storage.queries.mirror import code_sets, name_words
from storage.queries.mirror.customer_condition import CustomerCondition
from storage.statements import changed, one, table_of
from storage.tables.alerts import OVER_LIMIT, OWES, MirroredCustomer

_CHUNK = 500
_NOTHING = Decimal(0)
_ALL_OF_IT = 100  # per cent of a limit
_COLUMNS = tuple(column.name for column in table_of(MirroredCustomer).columns)

Stored = Mapping[str, Any]
"""A row by column name: pages are compared, and mapped objects would cost several times as much."""


async def with_ids(tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]) -> dict[int, Stored]:
    """Return the stored rows of these customers, by id."""
    found: dict[int, Stored] = {}
    for chunk in _chunks(sorted(ids)):
        wanted = MirroredCustomer.customer_id.in_(chunk)
        found |= _by_id(await tx.execute(_columns().where(_of(workspace_id, company_pk), wanted)))
    return found


async def holds(tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]) -> dict[int, bool]:
    """Return whether each of these customers is stored as on hold, by id."""
    found: dict[int, bool] = {}
    for chunk in _chunks(sorted(ids)):
        statement = select(MirroredCustomer.customer_id, MirroredCustomer.on_hold)
        wanted = (_of(workspace_id, company_pk), MirroredCustomer.customer_id.in_(chunk))
        found |= {row.customer_id: row.on_hold for row in await tx.execute(statement.where(*wanted))}
    return found


async def stamps(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]
) -> dict[int, datetime | None]:
    """Return Sage's time of the last change of these customers as stored, by id."""
    found: dict[int, datetime | None] = {}
    for chunk in _chunks(sorted(ids)):
        statement = select(MirroredCustomer.customer_id, MirroredCustomer.updated_at)
        wanted = (_of(workspace_id, company_pk), MirroredCustomer.customer_id.in_(chunk))
        found |= {row.customer_id: row.updated_at for row in await tx.execute(statement.where(*wanted))}
    return found


async def balances(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]
) -> dict[int, tuple[Decimal | None, str, datetime | None, str]]:
    """Return (balance, currency symbol, Sage's time of the last change, currency code) of these customers, by id."""
    found: dict[int, tuple[Decimal | None, str, datetime | None, str]] = {}
    for chunk in _chunks(sorted(ids)):
        row = MirroredCustomer
        statement = select(row.customer_id, row.balance, row.currency_symbol, row.updated_at, row.currency_iso)
        wanted = (_of(workspace_id, company_pk), row.customer_id.in_(chunk))
        found |= {each[0]: (each[1], each[2], each[3], each[4]) for each in await tx.execute(statement.where(*wanted))}
    return found


async def symbols(tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]) -> dict[int, str]:
    """Return the currency symbols of these customers, by id."""
    found: dict[int, str] = {}
    for chunk in _chunks(sorted(ids)):
        statement = select(MirroredCustomer.customer_id, MirroredCustomer.currency_symbol)
        wanted = (_of(workspace_id, company_pk), MirroredCustomer.customer_id.in_(chunk))
        found |= {row[0]: row[1] for row in await tx.execute(statement.where(*wanted))}
    return found


async def between(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int, up_to: int | None
) -> dict[int, Stored]:
    """Return the rows with an id greater than `beyond` and at most `up_to` (None: to the end)."""
    statement = _columns().where(_of(workspace_id, company_pk), MirroredCustomer.customer_id > beyond)
    if up_to is not None:
        statement = statement.where(MirroredCustomer.customer_id <= up_to)
    return _by_id(await tx.execute(statement))


async def is_any_beyond(tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int) -> bool:
    """Return whether a customer with an id greater than `beyond` is stored."""
    wanted = (_of(workspace_id, company_pk), MirroredCustomer.customer_id > beyond)
    return bool(await tx.scalar(select(exists().where(*wanted))))


async def write(tx: AsyncSession, rows: Sequence[Stored], *, stored: Mapping[int, Stored] | None = None) -> None:
    """Insert or replace whole rows; each names its workspace and company, and has `analysis_keys` besides.

    `stored` are those of one company as this transaction has just read them, by customer.
    """
    await code_sets.write(tx, rows)
    await name_words.write(tx, [row for row in rows if _is_named_anew(row, stored or {})])
    await write_rows(tx, MirroredCustomer, rows)


async def add(tx: AsyncSession, *, workspace_id: str, company_pk: int, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert whole rows of a company, given column by column and with `analysis_keys` besides; none is stored."""
    named = ("workspace_id", "company_pk", "code_set", "analysis", "analysis_keys")
    of_sets = zip(*(columns[name] for name in named), strict=True)
    sets = {name: (workspace_id, company_pk, name, *codes) for _, _, name, *codes in of_sets}
    await code_sets.write(tx, [dict(zip(named, each, strict=True)) for each in sets.values()])
    found_by = zip(columns["customer_id"], *(columns[name] for name in name_words.FOUND_BY), strict=True)
    await name_words.add(tx, workspace_id=workspace_id, company_pk=company_pk, customers=found_by)
    await add_columns(tx, MirroredCustomer, columns)


async def remove(tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]) -> None:
    """Delete customers that Sage no longer has."""
    for chunk in _chunks(sorted(ids)):
        await name_words.remove(tx, workspace_id=workspace_id, company_pk=company_pk, ids=chunk)
        gone = delete(MirroredCustomer).where(_of(workspace_id, company_pk), MirroredCustomer.customer_id.in_(chunk))
        await changed(tx, gone)
    if ids:
        await code_sets.forget_unused(tx, workspace_id=workspace_id, company_pk=company_pk)
        await name_words.forget_unused(tx, workspace_id=workspace_id, company_pk=company_pk)


async def set_reasons(tx: AsyncSession, *, workspace_id: str, company_pk: int, reasons: Mapping[int, str]) -> None:
    """Store status reasons that were read apart from the customers."""
    if not reasons:
        return
    table = table_of(MirroredCustomer)
    whose = and_(table.c.workspace_id == workspace_id, table.c.company_pk == company_pk)
    statement = update(table).where(whose, table.c.customer_id == bindparam("number"))
    rows = [{"number": number, "reason": reason} for number, reason in reasons.items()]
    await (await tx.connection()).execute(statement.values(status_reason=bindparam("reason")), rows)


async def by_reference(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, reference_key: str
) -> MirroredCustomer | None:
    """Return the customer with this reference, which is given as a key."""
    named = MirroredCustomer.reference_key == reference_key
    statement = select(MirroredCustomer).where(_of(workspace_id, company_pk), named)
    return await one(tx, statement.order_by(MirroredCustomer.customer_id).limit(1))


async def on_hold(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int = 0, limit: int = 500
) -> list[MirroredCustomer]:
    """Return customers on hold, by id, beyond the id given."""
    held = (MirroredCustomer.on_hold.is_(True), MirroredCustomer.customer_id > beyond)
    statement = select(MirroredCustomer).where(_of(workspace_id, company_pk), *held)
    return list(await tx.scalars(statement.order_by(MirroredCustomer.customer_id).limit(limit)))


async def ranked(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    wanted: CustomerCondition,
    used: int | None,
    offset: int,
    limit: int,
) -> list[Stored]:
    """Return rows of the customers who owe the most or, by `used`, who have used the most of a limit that is set.

    `used` is a share of the limit in per cent, and 100 means more than all of it: these come in order of how far they
    are over it. What is owed counts in the company's currency, where Sage gives that.
    """
    row = MirroredCustomer
    order = _rank(used=used)
    whose = _is_ranked(workspace_id, company_pk, wanted, used=used)
    # Whole customers are read of the page alone: an index has all that the others are ordered by.
    ids = select(row.customer_id).where(*whose).order_by(*order).offset(offset).limit(limit).correlate(None)
    paged = _columns().where(row.company_pk == company_pk, row.customer_id.in_(ids)).order_by(*order)
    return [dict(row._mapping) for row in await tx.execute(paged)]


async def ranked_count(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition, used: int | None
) -> int:
    """Return how many customers `ranked` is of."""
    whose = _is_ranked(workspace_id, company_pk, wanted, used=used)
    return await tx.scalar(select(func.count()).select_from(MirroredCustomer).where(*whose)) or 0


async def ranked_chunks(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition, used: int | None
) -> AsyncIterator[list[Stored]]:
    """Yield the rows of all customers that `ranked` is of, few at a time."""
    whose = _is_ranked(workspace_id, company_pk, wanted, used=used)
    ordered = _columns().where(*whose).order_by(*_rank(used=used))
    found = await tx.stream(ordered, execution_options={"yield_per": _CHUNK})
    async for rows in found.partitions():
        yield [dict(row._mapping) for row in rows]


async def examples(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition, most: int
) -> tuple[int, list[tuple[str, str]]]:
    """Return how many customers fit, and (reference, name) of the first: those that most is owed by."""
    whose = (_of(workspace_id, company_pk), MirroredCustomer.hidden.is_(False), wanted.sql(company_pk))
    count = await tx.scalar(select(func.count()).select_from(MirroredCustomer).where(*whose))
    first = select(MirroredCustomer.reference, MirroredCustomer.name).where(*whose)
    ordered = first.order_by(MirroredCustomer.balance.desc().nulls_last(), MirroredCustomer.reference).limit(most)
    return count or 0, [(row.reference, row.name) for row in await tx.execute(ordered)] if most else []


async def totals(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition
) -> Sequence[Row[Any]]:
    """Return (currency_iso, currency_symbol, accounts, owed, owing, credit, in_credit) of each currency.

    `owed` sums the balances of the `owing` accounts, and `credit`, below zero, those of the accounts `in_credit`.
    """
    row = MirroredCustomer
    currency = (row.currency_iso, row.currency_symbol)
    owes, is_in_credit = row.balance > _NOTHING, row.balance < _NOTHING
    sums = (
        func.count().label("accounts"),
        func.sum(row.balance).filter(owes).label("owed"),
        func.count().filter(owes).label("owing"),
        func.sum(row.balance).filter(is_in_credit).label("credit"),
        func.count().filter(is_in_credit).label("in_credit"),
    )
    whose = (_of(workspace_id, company_pk), row.hidden.is_(False), wanted.sql(company_pk))
    statement = select(*currency, *sums).where(*whose).group_by(*currency).order_by(*currency)
    rows: Sequence[Any] = (await tx.execute(statement)).all()
    return rows


async def counts(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> tuple[int, int]:
    """Return (customers, customers on hold)."""
    held = func.count().filter(MirroredCustomer.on_hold.is_(True))
    row = (await tx.execute(select(func.count(), held).where(_of(workspace_id, company_pk)))).one()
    return int(row[0]), int(row[1])


def as_stored(row: MirroredCustomer) -> Stored:
    """Return a mapped row by column name."""
    return {name: getattr(row, name) for name in _COLUMNS}


def _is_ranked(workspace_id: str, company_pk: int, wanted: CustomerCondition, *, used: int | None) -> tuple[Any, ...]:
    ranked_by: Any = OWES
    if used is not None:
        balance, limit = _pennies_of_limit()
        ranked_by = OVER_LIMIT if used == _ALL_OF_IT else and_(limit > 0, balance * 100 >= limit * used)
    return (_of(workspace_id, company_pk), ranked_by, wanted.sql(company_pk))


def _rank(*, used: int | None) -> tuple[Any, ...]:
    row = MirroredCustomer
    most: ColumnElement[Any] = func.coalesce(row.base_balance, row.balance)
    if used is not None:
        balance, limit = _pennies_of_limit()
        most = balance - limit if used == _ALL_OF_IT else balance * 10_000 // limit
    return (most.desc(), row.reference)


def _is_named_anew(row: Stored, stored: Mapping[int, Stored]) -> bool:
    old = stored.get(row["customer_id"])
    return old is None or any(old[name] != row[name] for name in name_words.FOUND_BY)


def _pennies_of_limit() -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return balance and credit limit as the whole numbers that are stored."""
    return type_coerce(MirroredCustomer.balance, BigInteger), type_coerce(MirroredCustomer.credit_limit, BigInteger)


def _columns() -> Any:
    return select(*table_of(MirroredCustomer).columns)


def _by_id(rows: Iterable[Row[Any]]) -> dict[int, Stored]:
    return {row.customer_id: dict(row._mapping) for row in rows}


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _of(workspace_id: str, company_pk: int) -> ColumnElement[bool]:
    return (MirroredCustomer.workspace_id == workspace_id) & (MirroredCustomer.company_pk == company_pk)

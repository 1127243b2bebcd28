"""Queries of the customers on hold with their open hold episodes, and of those whose holds began or ended in a period.

Of each a page, the totals, and all of them in chunks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, Date, Row, Select, and_, cast, collate, column, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.queries.mirror.customer_condition import LISTED, CustomerCondition
from storage.tables.alerts import HoldEpisodeRow, MirroredCustomer

CHUNK = 250
"""Rows of the file between two yields to the event loop."""

_EPISODE = (HoldEpisodeRow.opened_at, HoldEpisodeRow.already_held, HoldEpisodeRow.reason)
_COLUMNS: tuple[Any, ...] = (*LISTED, *(column.label(f"episode_{column.key}") for column in _EPISODE))
_OPEN = and_(
    HoldEpisodeRow.company_pk == MirroredCustomer.company_pk,
    HoldEpisodeRow.customer_id == MirroredCustomer.customer_id,
    HoldEpisodeRow.closed_at.is_(None),
)


async def page(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    wanted: CustomerCondition,
    now: datetime,
    zone: str,
    by_debt: bool,
    offset: int,
    limit: int,
) -> Sequence[Row[Any]]:
    """Return customers on hold by days in `zone`, the longest first; then, if `by_debt`, by debt; then by reference."""
    # Whole customers are read of the page alone: their rows are many times as wide as what they are ordered by.
    order = _order(tx, now=now, zone=zone, by_debt=by_debt)
    ids = _held(workspace_id, company_pk, wanted, MirroredCustomer.customer_id).order_by(*order)
    paged = ids.offset(offset).limit(limit).correlate(None)
    here = (MirroredCustomer.company_pk == company_pk, MirroredCustomer.customer_id.in_(paged))
    statement = select(*_COLUMNS).outerjoin(HoldEpisodeRow, _OPEN).where(*here).order_by(*order)
    rows: Sequence[Row[Any]] = (await tx.execute(statement)).all()
    return rows


async def chunks(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition, now: datetime, zone: str
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yield all customers on hold in the order of `page` with `by_debt`, few at a time."""
    held = _held(workspace_id, company_pk, wanted, *_COLUMNS)
    statement = held.order_by(*_order(tx, now=now, zone=zone, by_debt=True))
    found = await tx.stream(statement, execution_options={"yield_per": CHUNK})
    async for rows in found.partitions():
        yield rows


async def totals(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition
) -> Sequence[Row[Any]]:
    """Return (currency_iso, currency_symbol, total, accounts, with_balance) of each currency."""
    row = MirroredCustomer
    currency = (row.currency_iso, row.currency_symbol)
    sums = (func.sum(row.balance).label("total"), func.count().label("accounts"))
    known = func.count(row.balance).label("with_balance")
    statement = select(*currency, *sums, known).where(_is_held(workspace_id, company_pk, wanted))
    rows: Sequence[Any] = (await tx.execute(statement.group_by(*currency).order_by(*currency))).all()
    return rows


async def counts(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition, since: datetime | None
) -> tuple[int, int]:
    """Return (customers on hold, those put on hold after `since`)."""
    fresh = and_(HoldEpisodeRow.opened_at > since, HoldEpisodeRow.already_held.is_(False)) if since else None
    new = func.count().filter(fresh) if fresh is not None else func.sum(0)
    statement = select(func.count(), new).select_from(MirroredCustomer).outerjoin(HoldEpisodeRow, _OPEN)
    row = (await tx.execute(statement.where(_is_held(workspace_id, company_pk, wanted)))).one()
    return int(row[0]), int(row[1] or 0)


async def released(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    wanted: CustomerCondition,
    since: datetime,
    until: datetime,
    limit: int,
) -> tuple[int, Sequence[Row[Any]]]:
    """Return how many hold episodes ended in between, of customers not on hold again, and the first few names."""
    row = MirroredCustomer
    ended = and_(HoldEpisodeRow.closed_at > since, HoldEpisodeRow.closed_at <= until)
    joined = and_(HoldEpisodeRow.company_pk == row.company_pk, HoldEpisodeRow.customer_id == row.customer_id)
    whose = (row.workspace_id == workspace_id, row.company_pk == company_pk, row.on_hold.is_(False), ended)
    some = select(row.reference, row.name).join(HoldEpisodeRow, joined).where(*whose, wanted.sql(company_pk))
    count = await tx.scalar(select(func.count()).select_from(some.subquery()))
    first: Sequence[Any] = (await tx.execute(some.order_by(row.reference, HoldEpisodeRow.id).limit(limit))).all()
    return count or 0, first


@dataclass(frozen=True, slots=True)
class ChangedIn:
    """Stays on hold that began from a moment on and before another or, `released`, that ended then. None: any.

    Not those that were on hold when first seen, of which nobody knows when they began, nor those that ended as in
    `but_ending`.
    """

    released: bool
    begin: datetime | None
    end: datetime | None
    but_ending: str


async def changed_page(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    wanted: CustomerCondition,
    changed: ChangedIn,
    offset: int,
    limit: int,
) -> Sequence[Row[Any]]:
    """Return customers with their latest such stay, the latest first, then by reference."""
    statement = _changed(workspace_id, company_pk, wanted, changed, *_CHANGED)
    rows: Sequence[Row[Any]] = (
        await tx.execute(statement.order_by(*_latest(changed)).offset(offset).limit(limit))
    ).all()
    return rows


async def changed_chunks(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition, changed: ChangedIn
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yield all such customers in the order of `changed_page`, few at a time."""
    statement = _changed(workspace_id, company_pk, wanted, changed, *_CHANGED).order_by(*_latest(changed))
    found = await tx.stream(statement, execution_options={"yield_per": CHUNK})
    async for rows in found.partitions():
        yield rows


async def changed_totals(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition, changed: ChangedIn
) -> Sequence[Row[Any]]:
    """Return the columns of `totals`, of such customers."""
    row = MirroredCustomer
    currency = (row.currency_iso, row.currency_symbol)
    sums = (func.sum(row.balance).label("total"), func.count().label("accounts"))
    known = func.count(row.balance).label("with_balance")
    statement = _changed(workspace_id, company_pk, wanted, changed, *currency, *sums, known)
    rows: Sequence[Any] = (await tx.execute(statement.group_by(*currency).order_by(*currency))).all()
    return rows


_STAY = (
    HoldEpisodeRow.opened_at,
    HoldEpisodeRow.closed_at,
    HoldEpisodeRow.already_held,
    HoldEpisodeRow.reason,
    HoldEpisodeRow.ending,
    HoldEpisodeRow.opened_by,
    HoldEpisodeRow.closed_by,
)
_TIMES: ColumnClause[int] = column("times")
_CHANGED: tuple[Any, ...] = (*LISTED, *(each.label(f"episode_{each.key}") for each in _STAY), _TIMES)


def _changed(
    workspace_id: str, company_pk: int, wanted: CustomerCondition, changed: ChangedIn, *columns: Any
) -> Select[Any]:
    row, episode = MirroredCustomer, HoldEpisodeRow
    stays = [episode.workspace_id == workspace_id, episode.company_pk == company_pk]
    when = _when(changed)
    if changed.released:
        stays += [episode.closed_at.is_not(None), episode.ending != changed.but_ending]
    else:
        stays.append(episode.already_held.is_(False))
    stays += [when >= changed.begin] if changed.begin is not None else []
    stays += [when < changed.end] if changed.end is not None else []
    # Stays of a customer follow each other, so the latest has the largest number.
    latest = (
        select(func.max(episode.id).label("episode_id"), func.count().label("times"))
        .where(*stays)
        .group_by(episode.customer_id)
        .subquery()
    )
    return (
        select(*columns)
        .select_from(latest)
        .join(episode, episode.id == latest.c.episode_id)
        .join(row, and_(row.company_pk == episode.company_pk, row.customer_id == episode.customer_id))
        .where(row.workspace_id == workspace_id, row.company_pk == company_pk, wanted.sql(company_pk))
    )


def _when(changed: ChangedIn) -> InstrumentedAttribute[Any]:
    return HoldEpisodeRow.closed_at if changed.released else HoldEpisodeRow.opened_at


def _latest(changed: ChangedIn) -> list[Any]:
    return [_when(changed).desc(), MirroredCustomer.reference, MirroredCustomer.customer_id.expression]


def _held(workspace_id: str, company_pk: int, wanted: CustomerCondition, *columns: Any) -> Select[Any]:
    return select(*columns).outerjoin(HoldEpisodeRow, _OPEN).where(_is_held(workspace_id, company_pk, wanted))


def _is_held(workspace_id: str, company_pk: int, wanted: CustomerCondition) -> ColumnElement[bool]:
    row = MirroredCustomer
    return and_(
        row.workspace_id == workspace_id, row.company_pk == company_pk, row.on_hold.is_(True), wanted.sql(company_pk)
    )


def _order(tx: AsyncSession, *, now: datetime, zone: str, by_debt: bool) -> list[ColumnElement[Any]]:
    # Days are counted in a zone, so the order within one day there is not that of the hours. An account whose days are
    # unknown stands with those of today.
    opened = func.coalesce(HoldEpisodeRow.opened_at, now)
    reference: ColumnElement[Any] = MirroredCustomer.reference.expression
    if tx.get_bind().dialect.name == "sqlite":
        day: ColumnElement[Any] = func.local_day(opened, zone)
    else:
        day = cast(func.timezone(zone, opened), Date)
        reference = collate(reference, "C")
    owed = [func.coalesce(MirroredCustomer.balance, 0).desc()] if by_debt else []
    return [day, *owed, reference, MirroredCustomer.customer_id.expression]

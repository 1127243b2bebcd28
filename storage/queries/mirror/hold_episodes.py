"""Stays on hold with their live messages, and every change that was seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queries.mirror.customer_condition import CustomerCondition
from storage.statements import among, inserting, table_of
from storage.tables.alerts import HoldEpisodeRow, LiveCard, MirroredCustomer, SeenChange

_CHUNK = 500
_REWRITTEN = ("closed_at", "reason", "ending", "closed_by")


async def open_of(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]
) -> dict[int, HoldEpisodeRow]:
    """Return the open episodes of these customers, by customer."""
    found: dict[int, HoldEpisodeRow] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        wanted = HoldEpisodeRow.customer_id.in_(ordered[start : start + _CHUNK])
        statement = select(HoldEpisodeRow).where(
            _of(workspace_id, company_pk), HoldEpisodeRow.closed_at.is_(None), wanted
        )
        found |= {row.customer_id: row for row in await tx.scalars(statement)}
    return found


async def open_many(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, episodes: Sequence[Mapping[str, Any]]
) -> dict[int, int]:
    """Open episodes and return their ids by customer; a customer with an open episode is left out."""
    common = {"workspace_id": workspace_id, "company_pk": company_pk}
    statement = (
        inserting(tx, HoldEpisodeRow).on_conflict_do_nothing().returning(HoldEpisodeRow.id, HoldEpisodeRow.customer_id)
    )
    numbers: dict[int, int] = {}
    connection = await tx.connection()
    for start in range(0, len(episodes), _CHUNK):
        chunk = [{**common, **each} for each in episodes[start : start + _CHUNK]]
        numbers |= {row.customer_id: row.id for row in await connection.execute(statement, chunk)}
    return numbers


async def rewrite(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, episodes: Sequence[Mapping[str, Any]]
) -> None:
    """Close episodes or set their reasons. Each has `id` and all of `closed_at`, `reason`, `ending`, `closed_by`."""
    if not episodes:
        return
    table = table_of(HoldEpisodeRow)
    whose = and_(table.c.workspace_id == workspace_id, table.c.company_pk == company_pk)
    written: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _REWRITTEN}
    statement = update(table).where(whose, table.c.id == bindparam("number")).values(**written)
    rows = [{"number": each["id"], **{f"new_{name}": each[name] for name in _REWRITTEN}} for each in episodes]
    await (await tx.connection()).execute(statement, rows)


async def set_reasons(tx: AsyncSession, *, workspace_id: str, company_pk: int, reasons: Mapping[int, str]) -> None:
    """Set the reasons of these customers' open episodes."""
    if not reasons:
        return
    table = table_of(HoldEpisodeRow)
    whose = and_(table.c.workspace_id == workspace_id, table.c.company_pk == company_pk, table.c.closed_at.is_(None))
    statement = update(table).where(whose, table.c.customer_id == bindparam("number"))
    rows = [{"number": number, "new_reason": reason} for number, reason in reasons.items()]
    await (await tx.connection()).execute(statement.values(reason=bindparam("new_reason")), rows)


async def of_customer(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int, limit: int = 20
) -> list[HoldEpisodeRow]:
    """Return a customer's hold episodes, the latest first."""
    statement = select(HoldEpisodeRow).where(_of(workspace_id, company_pk), HoldEpisodeRow.customer_id == customer_id)
    latest = (HoldEpisodeRow.opened_at.desc(), HoldEpisodeRow.id.desc())
    return list(await tx.scalars(statement.order_by(*latest).limit(limit)))


async def write_changes(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, changes: Sequence[Mapping[str, Any]]
) -> list[int]:
    """Store changes in this order. Return their ids."""
    if not changes:
        return []
    common = {"workspace_id": workspace_id, "company_pk": company_pk}
    table = table_of(SeenChange)
    # SQLite promises no order of what an INSERT returns, for which SQLAlchemy would insert row by row.
    statement = inserting(tx, SeenChange).returning(table.c.id, table.c.customer_id, table.c.kind)
    written = await (await tx.connection()).execute(statement, [{**common, **each} for each in changes])
    ids: dict[tuple[int, str], deque[int]] = {}
    for number, customer_id, kind in sorted(written):
        ids.setdefault((customer_id, kind), deque()).append(number)
    return [ids[each["customer_id"], each["kind"]].popleft() for each in changes]


async def changes_since(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, since: datetime, limit: int = 1000
) -> list[SeenChange]:
    """Return the changes seen from that moment on, oldest first."""
    whose = (SeenChange.workspace_id == workspace_id, SeenChange.company_pk == company_pk)
    statement = select(SeenChange).where(*whose, SeenChange.seen_at >= since)
    return list(await tx.scalars(statement.order_by(SeenChange.id).limit(limit)))


async def by_ids(tx: AsyncSession, *, ids: Collection[tuple[str, int]]) -> dict[tuple[str, int], HoldEpisodeRow]:
    """Return stays on hold by (workspace id, episode id)."""
    wanted = select(HoldEpisodeRow).where(*among(ids, HoldEpisodeRow.workspace_id, HoldEpisodeRow.id))
    found = await tx.scalars(wanted, execution_options={"populate_existing": True})
    return {key: row for row in found if (key := (row.workspace_id, row.id)) in ids}


async def changes_within(
    tx: AsyncSession, *, ids: Collection[tuple[str, int]]
) -> dict[tuple[str, int], dict[str, int]]:
    """Return how many changes of each kind came during each episode, by (workspace id, episode id)."""
    whose = (SeenChange.workspace_id, SeenChange.episode_id)
    statement = select(*whose, SeenChange.kind, func.count()).where(*among(ids, *whose))
    found: dict[tuple[str, int], dict[str, int]] = {each: {} for each in ids}
    for workspace_id, episode_id, kind, count in await tx.execute(statement.group_by(*whose, SeenChange.kind)):
        if episode_id is not None and (workspace_id, episode_id) in found:
            found[workspace_id, episode_id][kind] = count
    return found


Stay = tuple[str, str, int]
"""(workspace id, target id, episode id): one episode in one target."""


async def live_cards(tx: AsyncSession, *, stays: Collection[Stay]) -> dict[Stay, LiveCard]:
    """Return the live messages of episodes in targets."""
    wanted = select(LiveCard).where(*among(stays, LiveCard.workspace_id, LiveCard.target_id, LiveCard.episode_id))
    found = await tx.scalars(wanted, execution_options={"populate_existing": True})
    return {key: row for row in found if (key := (row.workspace_id, row.target_id, row.episode_id)) in stays}


async def save_live_cards(tx: AsyncSession, cards: Mapping[Stay, tuple[str, str]]) -> None:
    """Make messages, as (channel, ts), the live ones of episodes in targets."""
    key = ("workspace_id", "target_id", "episode_id")
    rows = [dict(zip((*key, "channel", "ts"), (*stay, *place), strict=True)) for stay, place in sorted(cards.items())]
    if rows:
        insert = inserting(tx, LiveCard)
        where = {"channel": insert.excluded.channel, "ts": insert.excluded.ts}
        statement = insert.on_conflict_do_update(index_elements=list(key), set_=where)
        await (await tx.connection()).execute(statement, rows)


def _of(workspace_id: str, company_pk: int) -> ColumnElement[bool]:
    return (HoldEpisodeRow.workspace_id == workspace_id) & (HoldEpisodeRow.company_pk == company_pk)


async def by_reason(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, wanted: CustomerCondition, since: datetime
) -> Sequence[Row[Any]]:
    """Return the stays on hold that are open, or began since then, of these customers: by reason and currency.

    Columns: `reason`, `currency_iso`, `currency_symbol`, `open_count`, `open_balance` and `begun`.
    """
    episode, customer = HoldEpisodeRow, MirroredCustomer
    is_open = episode.closed_at.is_(None)
    has_begun = and_(episode.opened_at >= since, episode.already_held.is_(False))
    statement = (
        select(
            episode.reason,
            customer.currency_iso,
            customer.currency_symbol,
            func.count(case((is_open, 1))).label("open_count"),
            func.coalesce(func.sum(case((is_open, customer.balance))), 0).label("open_balance"),
            func.count(case((has_begun, 1))).label("begun"),
        )
        .join(customer, and_(customer.company_pk == episode.company_pk, customer.customer_id == episode.customer_id))
        .where(
            episode.workspace_id == workspace_id,
            episode.company_pk == company_pk,
            or_(is_open, has_begun),
            wanted.sql(company_pk),
        )
        .group_by(episode.reason, customer.currency_iso, customer.currency_symbol)
    )
    return (await tx.execute(statement)).all()

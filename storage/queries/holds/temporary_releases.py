"""Queries of accounts that are off hold for a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, in_turn, one
from storage.tables.alerts import HoldEpisodeRow
from storage.tables.holds import CANCELLED, FAILED, WAITING, TemporaryRelease


async def begin(tx: AsyncSession, **columns: Any) -> TemporaryRelease:
    """Add a row that waits. The caller has ended what waited for the customer before."""
    row = TemporaryRelease(state=WAITING, outcome="", tries=0, **columns)
    tx.add(row)
    await tx.flush()
    return row


async def by_id(tx: AsyncSession, *, workspace_id: str, release_id: int) -> TemporaryRelease | None:
    """Return one of this workspace."""
    row = TemporaryRelease
    return await one(tx, select(row).where(row.workspace_id == workspace_id, row.id == release_id))


async def due(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace, id) of what is to be looked at now."""
    row = TemporaryRelease
    statement = select(row.workspace_id, row.id).where(row.state == WAITING, row.look_at <= now)
    turn = in_turn(row.workspace_id, row.look_at, row.id)
    found = await tx.execute(statement.order_by(turn, row.look_at, row.id).limit(limit))
    return [(each.workspace_id, each.id) for each in found]


async def end(
    tx: AsyncSession, *, workspace_id: str, release_id: int, was: str, state: str, outcome: str, now: datetime
) -> bool:
    """End what was in a state. Return False if it had ended already."""
    row = TemporaryRelease
    statement = update(row).where(row.workspace_id == workspace_id, row.id == release_id, row.state == was)
    return await changed(tx, statement.values(state=state, outcome=outcome, ended_at=now)) == 1


async def restore(tx: AsyncSession, *, workspace_id: str, release_id: int) -> None:
    """Let a cancelled one wait again."""
    row = TemporaryRelease
    statement = update(row).where(row.workspace_id == workspace_id, row.id == release_id, row.state == CANCELLED)
    await changed(tx, statement.values(state=WAITING, outcome="", ended_at=None))


async def look_again(
    tx: AsyncSession, *, workspace_id: str, release_id: int, at: datetime, failed: bool = False
) -> None:
    """Set when it is looked at next; with `failed`, count a try that came to nothing."""
    statement = update(TemporaryRelease).where(*_waiting(workspace_id, release_id))
    tries = {"tries": TemporaryRelease.tries + 1} if failed else {}
    await changed(tx, statement.values(look_at=at, **tries))


async def was_held_since(tx: AsyncSession, row: TemporaryRelease) -> bool:
    """Return whether the customer was seen to be put on hold after the release."""
    found = await tx.scalar(select(exists().where(*_held_since(row.company_pk, row.customer_id, row.released_at))))
    return bool(found)


async def unsettled(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, limit: int, customer_id: int | None = None
) -> list[TemporaryRelease]:
    """Return what waits in a company, and what failed where nobody has put it on hold since; the next due first.

    With `customer_id`, of one customer.
    """
    row = TemporaryRelease
    failed = and_(row.state == FAILED, ~exists().where(*_held_since(row.company_pk, row.customer_id, row.released_at)))
    which = (row.customer_id == customer_id,) if customer_id is not None else ()
    whose = (row.workspace_id == workspace_id, row.company_pk == company_pk, *which)
    statement = select(row).where(*whose, or_(row.state == WAITING, failed))
    return list(await tx.scalars(statement.order_by(row.due_at, row.id).limit(limit)))


def _held_since(company_pk: Any, customer_id: Any, released_at: Any) -> tuple[ColumnElement[bool], ...]:
    episode = HoldEpisodeRow
    return episode.company_pk == company_pk, episode.customer_id == customer_id, episode.opened_at > released_at


def _waiting(workspace_id: str, release_id: int) -> tuple[ColumnElement[bool], ...]:
    row = TemporaryRelease
    return row.workspace_id == workspace_id, row.id == release_id, row.state == WAITING

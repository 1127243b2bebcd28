"""Queries of requests for access: at most one open per person, decided by one admin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting, one
from storage.tables.access import AccessRequestRow

OPEN, GIVEN, REFUSED, EXPIRED = "open", "given", "refused", "expired"


async def ask(tx: AsyncSession, *, workspace_id: str, asked_by: str, reason: str, now: datetime) -> AccessRequestRow:
    """Add a request. The caller holds the workspace's lock, and has seen that the person has none open."""
    values = {"workspace_id": workspace_id, "asked_by": asked_by, "reason": reason, "asked_at": now, "state": OPEN}
    made = await tx.scalars(inserting(tx, AccessRequestRow).values(**values).returning(AccessRequestRow))
    return made.one()


async def last_of(tx: AsyncSession, *, workspace_id: str, asked_by: str) -> AccessRequestRow | None:
    """Return a person's newest request, open or not."""
    theirs = (AccessRequestRow.workspace_id == workspace_id, AccessRequestRow.asked_by == asked_by)
    return await one(tx, select(AccessRequestRow).where(*theirs).order_by(AccessRequestRow.id.desc()).limit(1))


async def open_of(tx: AsyncSession, *, workspace_id: str, asked_by: Iterable[str]) -> list[AccessRequestRow]:
    """Return the open requests of these people, oldest first."""
    open_here = (AccessRequestRow.workspace_id == workspace_id, AccessRequestRow.state == OPEN)
    statement = select(AccessRequestRow).where(*open_here, AccessRequestRow.asked_by.in_(asked_by))
    return list(
        await tx.scalars(statement.order_by(AccessRequestRow.id), execution_options={"populate_existing": True})
    )


async def waiting(tx: AsyncSession, *, workspace_id: str) -> list[str]:
    """Return the user ids of those whose request is open."""
    open_here = (AccessRequestRow.workspace_id == workspace_id, AccessRequestRow.state == OPEN)
    statement = select(AccessRequestRow.asked_by).where(*open_here).distinct().order_by(AccessRequestRow.asked_by)
    return list(await tx.scalars(statement))


async def by_id(tx: AsyncSession, *, workspace_id: str, request_id: int, lock: bool = False) -> AccessRequestRow | None:
    """Return a workspace's request; locked where the caller reads its notices next."""
    this = (AccessRequestRow.workspace_id == workspace_id, AccessRequestRow.id == request_id)
    statement = select(AccessRequestRow).where(*this)
    return await one(tx, statement.with_for_update() if lock else statement)


async def decide(
    tx: AsyncSession, *, workspace_id: str, request_id: int, state: str, role: str, decided_by: str, now: datetime
) -> bool:
    """Close an open request. True for the one who decides it."""
    this = (AccessRequestRow.workspace_id == workspace_id, AccessRequestRow.id == request_id)
    decided = {"state": state, "role": role, "decided_by": decided_by, "decided_at": now}
    statement = update(AccessRequestRow).where(*this, AccessRequestRow.state == OPEN).values(**decided)
    return await changed(tx, statement) == 1

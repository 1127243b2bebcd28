"""Queries of the mirrors' state: progress, due times, and the connection that reads a company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, in_turn, inserting, one
from storage.tables.access import SageRefusal
from storage.tables.alerts import INITIAL_LOAD, LIVE, MirrorStateRow, SubscriptionRow
from storage.tables.core import DISCONNECTED, CompanyRow, Connection, Workspace


async def unmirrored(tx: AsyncSession, *, limit: int) -> list[tuple[str, int]]:
    """Return (workspace id, company) of the companies that need a mirror and have no row here yet."""
    statement = (
        select(CompanyRow.workspace_id, CompanyRow.id)
        .join(Workspace, Workspace.id == CompanyRow.workspace_id)
        .where(is_needed(), ~exists().where(MirrorStateRow.company_pk == CompanyRow.id))
    )
    ordered = statement.order_by(in_turn(CompanyRow.workspace_id, CompanyRow.id), CompanyRow.id).limit(limit)
    return [(row.workspace_id, row.id) for row in await tx.execute(ordered)]


async def begin(tx: AsyncSession, *, workspace_id: str, company_pk: int, now: datetime) -> None:
    """Add a row for a company of this workspace, due at once; do nothing if it has one."""
    values = {"workspace_id": workspace_id, "company_pk": company_pk, "phase": INITIAL_LOAD, "due_at": now}
    fresh = inserting(tx, MirrorStateRow).values(
        read_up_to=0, read_count=0, sweep=0, failures=0, items_read_up_to=0, items_read_count=0, recount=False, **values
    )
    await tx.execute(fresh.on_conflict_do_nothing())


async def due(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace id, company) of the companies due for a sync, each workspace's longest due first."""
    return await _due(tx, and_(MirrorStateRow.due_at <= now), limit)


async def due_reconciles(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace id, company) of the companies due for a full read."""
    return await _due(tx, and_(MirrorStateRow.reconcile_due_at <= now, MirrorStateRow.phase == LIVE), limit)


async def due_ageing(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace id, company) of the companies whose late debt is known, and due to be judged, as at first."""
    is_due = or_(MirrorStateRow.ageing_due_at.is_(None), MirrorStateRow.ageing_due_at <= now)
    return await _due(tx, and_(is_due, MirrorStateRow.items_phase == LIVE, MirrorStateRow.phase == LIVE), limit)


async def of_company(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> MirrorStateRow | None:
    """Return the mirror state of a company of this workspace."""
    return await one(tx, select(MirrorStateRow).where(_of(workspace_id, company_pk)))


async def count_again(tx: AsyncSession, *, workspace_id: str, now: datetime) -> None:
    """Let every debt of the workspace's companies be worked out anew, at once."""
    whose = update(MirrorStateRow).where(MirrorStateRow.workspace_id == workspace_id)
    await changed(tx, whose.values(recount=True, due_at=now))


async def note(tx: AsyncSession, *, workspace_id: str, company_pk: int, **values: Any) -> None:
    """Write columns of the state. The caller holds the company's lease."""
    await changed(tx, update(MirrorStateRow).where(_of(workspace_id, company_pk)).values(**values))


async def company(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> CompanyRow | None:
    """Return a company of this workspace by its primary key."""
    return await one(tx, select(CompanyRow).where(CompanyRow.workspace_id == workspace_id, CompanyRow.id == company_pk))


@dataclass(frozen=True, slots=True)
class Reader:
    """The connection that reads a company in the background. `refusal`: Sage refused its owner the company."""

    connection: Connection
    refusal: str | None


async def reader(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> Reader | None:
    """Return the one connection that may read the company, whether it works or not; None: there is none.

    The workspace connection if it points at the company. Else that of the first user who subscribed to the company and
    was told so, whichever company they use for their own questions.
    """
    agreed = (
        select(func.min(SubscriptionRow.id))
        .where(
            SubscriptionRow.workspace_id == workspace_id,
            SubscriptionRow.company_pk == company_pk,
            SubscriptionRow.owner == Connection.user_id,
            SubscriptionRow.reads_as_owner,
        )
        .scalar_subquery()
    )
    is_workspaces = and_(Workspace.workspace_connection_id == Connection.id, Connection.company_pk == company_pk)
    statement = (
        select(Connection, SageRefusal.refusal)
        .join(Workspace, Workspace.id == Connection.workspace_id)
        .outerjoin(
            SageRefusal,
            (SageRefusal.workspace_id == Connection.workspace_id)
            & (SageRefusal.company_pk == company_pk)
            & (SageRefusal.user_id == Connection.user_id),
        )
        .where(Connection.workspace_id == workspace_id, Connection.state != DISCONNECTED)
        .where(Workspace.uninstalled_at.is_(None))
        .where(is_workspaces | agreed.is_not(None))
        # Never the next one where the first fails: nobody else agreed.
        .order_by(is_workspaces.is_not(True), agreed, Connection.id)
        .limit(1)
    )
    found = (await tx.execute(statement, execution_options={"populate_existing": True})).one_or_none()
    return Reader(found[0], found[1]) if found is not None else None


async def _due(tx: AsyncSession, is_due: ColumnElement[bool], limit: int) -> list[tuple[str, int]]:
    statement = (
        select(MirrorStateRow.workspace_id, MirrorStateRow.company_pk)
        .join(CompanyRow, CompanyRow.id == MirrorStateRow.company_pk)
        .join(Workspace, Workspace.id == MirrorStateRow.workspace_id)
        .where(is_due, is_needed())
    )
    longest = (MirrorStateRow.due_at, MirrorStateRow.company_pk)
    ordered = statement.order_by(in_turn(MirrorStateRow.workspace_id, *longest), *longest).limit(limit)
    return [(row.workspace_id, row.company_pk) for row in await tx.execute(ordered)]


def is_needed() -> ColumnElement[bool]:
    """Return the condition: installed, and the workspace connection or a subscription points at the company."""
    pointed_at = exists().where(
        Connection.workspace_id == Workspace.id,
        Connection.id == Workspace.workspace_connection_id,
        Connection.state != DISCONNECTED,
        Connection.company_pk == CompanyRow.id,
    )
    subscribed = exists().where(SubscriptionRow.company_pk == CompanyRow.id)
    return and_(Workspace.uninstalled_at.is_(None), pointed_at | subscribed)


def _of(workspace_id: str, company_pk: int) -> ColumnElement[bool]:
    return (MirrorStateRow.workspace_id == workspace_id) & (MirrorStateRow.company_pk == company_pk)

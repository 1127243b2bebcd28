"""How far each company's mirror has got, when it is looked at again, and who may read for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting, one
from storage.tables.alerts import INITIAL_LOAD, LIVE, MirrorStateRow, SubscriptionRow
from storage.tables.core import CONNECTED, CompanyRow, Connection, Workspace


async def unmirrored(tx: AsyncSession, *, limit: int) -> list[tuple[str, int]]:
    """(workspace id, company) of the companies that need a mirror and have no row here yet."""
    statement = (
        select(CompanyRow.workspace_id, CompanyRow.id)
        .join(Workspace, Workspace.id == CompanyRow.workspace_id)
        .where(_is_needed(), ~exists().where(MirrorStateRow.company_pk == CompanyRow.id))
    )
    return [(row.workspace_id, row.id) for row in await tx.execute(statement.order_by(CompanyRow.id).limit(limit))]


async def begin(tx: AsyncSession, *, workspace_id: str, company_pk: int, now: datetime) -> None:
    """A row for a company of this workspace, due at once; nothing happens if it has one."""
    values = {"workspace_id": workspace_id, "company_pk": company_pk, "phase": INITIAL_LOAD, "due_at": now}
    fresh = inserting(tx, MirrorStateRow).values(read_up_to=0, read_count=0, sweep=0, failures=0, **values)
    await tx.execute(fresh.on_conflict_do_nothing())


async def due(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """(workspace id, company) of what is to be synced now, the longest due first."""
    return await _due(tx, and_(MirrorStateRow.due_at <= now), limit)


async def due_reconciles(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """The same of what is to be read as a whole."""
    return await _due(tx, and_(MirrorStateRow.reconcile_due_at <= now, MirrorStateRow.phase == LIVE), limit)


async def of_company(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> MirrorStateRow | None:
    """How far the mirror of this workspace's company has got."""
    return await one(tx, select(MirrorStateRow).where(_of(workspace_id, company_pk)))


async def note(tx: AsyncSession, *, workspace_id: str, company_pk: int, **values: Any) -> None:
    """Write down how far it got. Called by whoever holds the company's turn."""
    await changed(tx, update(MirrorStateRow).where(_of(workspace_id, company_pk)).values(**values))


async def company(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> CompanyRow | None:
    """A company of this workspace, by our own number."""
    return await one(tx, select(CompanyRow).where(CompanyRow.workspace_id == workspace_id, CompanyRow.id == company_pk))


async def readers(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> list[Connection]:
    """The live sign-ins that point at the company: the workspace's own first, the others by age."""
    statement = (
        select(Connection)
        .join(Workspace, Workspace.id == Connection.workspace_id)
        .where(
            Connection.workspace_id == workspace_id,
            Connection.company_pk == company_pk,
            Connection.state == CONNECTED,
            Workspace.uninstalled_at.is_(None),
        )
    )
    is_own = Workspace.workspace_connection_id == Connection.id
    return list(await tx.scalars(statement.order_by(is_own.is_not(True), Connection.connected_at, Connection.id)))


async def _due(tx: AsyncSession, is_due: ColumnElement[bool], limit: int) -> list[tuple[str, int]]:
    statement = (
        select(MirrorStateRow.workspace_id, MirrorStateRow.company_pk)
        .join(CompanyRow, CompanyRow.id == MirrorStateRow.company_pk)
        .join(Workspace, Workspace.id == MirrorStateRow.workspace_id)
        .where(is_due, _is_needed())
    )
    ordered = statement.order_by(MirrorStateRow.due_at, MirrorStateRow.company_pk).limit(limit)
    return [(row.workspace_id, row.company_pk) for row in await tx.execute(ordered)]


def _is_needed() -> ColumnElement[bool]:
    """Installed, and either the workspace's own connection points at the company or somebody subscribed to it."""
    pointed_at = exists().where(
        Connection.workspace_id == Workspace.id,
        Connection.id == Workspace.workspace_connection_id,
        Connection.company_pk == CompanyRow.id,
    )
    subscribed = exists().where(SubscriptionRow.company_pk == CompanyRow.id)
    return and_(Workspace.uninstalled_at.is_(None), pointed_at | subscribed)


def _of(workspace_id: str, company_pk: int) -> ColumnElement[bool]:
    return (MirrorStateRow.workspace_id == workspace_id) & (MirrorStateRow.company_pk == company_pk)

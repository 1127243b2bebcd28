"""Queries of what stands still: copies that grow old, and what admins were told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queries.mirror.mirror_state import is_needed
from storage.tables.alerts import MirrorStateRow, OutboxRow
from storage.tables.core import CONNECTED, CompanyRow, Connection, MemberRole, Workspace


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that somebody needs, and when it last matched Sage."""

    workspace_id: str
    company_pk: int
    company: str
    synced_at: datetime


async def copies(tx: AsyncSession) -> list[Copy]:
    """Return every copy that somebody needs, but those whose sign-in has ended: of these its owner is told."""
    ended = exists().where(
        Connection.id == Workspace.workspace_connection_id,
        Connection.company_pk == CompanyRow.id,
        Connection.state != CONNECTED,
    )
    statement = (
        select(MirrorStateRow.workspace_id, CompanyRow.id, CompanyRow.company_name, MirrorStateRow.synced_at)
        .join(CompanyRow, CompanyRow.id == MirrorStateRow.company_pk)
        .join(Workspace, Workspace.id == MirrorStateRow.workspace_id)
        .where(MirrorStateRow.synced_at.is_not(None), is_needed(), ~ended)
    )
    found = await tx.execute(statement.order_by(CompanyRow.id))
    return [Copy(row[0], row[1], row[2], row[3]) for row in found if row[3] is not None]


async def told(tx: AsyncSession, *, begun: str, over: str) -> dict[tuple[str, int | None], list[OutboxRow]]:
    """Return what was told last of each standstill that isn't over, one row a person, by workspace and company."""
    rows = await tx.scalars(select(OutboxRow).where(OutboxRow.kind.in_([begun, over])).order_by(OutboxRow.id))
    found: dict[tuple[str, int | None], list[OutboxRow]] = {}
    for row in rows:
        of = (row.workspace_id, row.company_pk)
        if row.kind == over:
            found.pop(of, None)
        else:
            found.setdefault(of, []).append(row)
    return found


async def admins(tx: AsyncSession, *, role: str) -> list[tuple[str, str]]:
    """Return (workspace id, user id) of everybody with this role, where the app is installed."""
    statement = select(MemberRole.workspace_id, MemberRole.user_id).join(
        Workspace, Workspace.id == MemberRole.workspace_id
    )
    found = await tx.execute(statement.where(Workspace.uninstalled_at.is_(None), MemberRole.role == role))
    return [(row[0], row[1]) for row in found]

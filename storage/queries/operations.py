"""What an operator watches: rows that are due, the age of copies, and whether a worker is alive. Counts alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.queries import heartbeats
from storage.queries.mirror.mirror_state import is_needed
from storage.tables.alerts import MirrorStateRow, OutboxRow, SubscriptionRow
from storage.tables.core import CompanyRow, Connection, Workspace

# Rows that wait for something else than a worker are not due: a paused channel's, and a copy's that nobody needs.
_DUE: dict[str, tuple[InstrumentedAttribute[Any], Select[Any]]] = {
    "messages": (
        OutboxRow.due_at,
        select(OutboxRow.due_at)
        .outerjoin(SubscriptionRow, SubscriptionRow.id == OutboxRow.subscription_id)
        .where(OutboxRow.posted_at.is_(None), func.coalesce(SubscriptionRow.paused_reason, "") == ""),
    ),
    "sign-ins": (Connection.refresh_due_at, select(Connection.refresh_due_at)),
    "slack-tokens": (Workspace.refresh_due_at, select(Workspace.refresh_due_at)),
    "copies": (
        MirrorStateRow.due_at,
        select(MirrorStateRow.due_at)
        .join(CompanyRow, CompanyRow.id == MirrorStateRow.company_pk)
        .join(Workspace, Workspace.id == MirrorStateRow.workspace_id)
        .where(is_needed()),
    ),
}


@dataclass(frozen=True, slots=True)
class Due:
    """The rows of a kind that are due, and since when the oldest is."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """The database as it was looked at: `copies` are the times of the copies that somebody needs."""

    due: dict[str, Due]
    copies: list[datetime]
    worker: datetime | None


async def outlook(tx: AsyncSession, *, worker: str, now: datetime) -> Outlook:
    """Look at everything, over all workspaces."""
    due = {}
    for name, (column, rows) in _DUE.items():
        counted = rows.where(column <= now).with_only_columns(func.count(), func.min(column))
        row = (await tx.execute(counted)).one()
        due[name] = Due(row[0], row[1])
    copies = (
        select(MirrorStateRow.synced_at)
        .join(CompanyRow, CompanyRow.id == MirrorStateRow.company_pk)
        .join(Workspace, Workspace.id == MirrorStateRow.workspace_id)
        .where(MirrorStateRow.synced_at.is_not(None), is_needed())
    )
    found = [moment for moment in await tx.scalars(copies) if moment is not None]
    return Outlook(due, found, await heartbeats.last(tx, kind=worker))

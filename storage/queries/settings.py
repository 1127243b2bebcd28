"""Queries of a workspace's settings and of its channels' classes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import one, upsert
from storage.tables.access import WorkspaceSettings
from storage.tables.alerts import ChannelClass


async def of_workspace(tx: AsyncSession, *, workspace_id: str) -> WorkspaceSettings | None:
    """Return the workspace's settings; None if its admins have set nothing."""
    return await one(tx, select(WorkspaceSettings).where(WorkspaceSettings.workspace_id == workspace_id))


async def save(tx: AsyncSession, *, workspace_id: str, changed_by: str, now: datetime, **columns: Any) -> None:
    """Write all settings; the caller has read the others in this transaction."""
    fresh = {**columns, "changed_by": changed_by, "changed_at": now}
    values = {"workspace_id": workspace_id, **fresh}
    await upsert(tx, WorkspaceSettings, on=["workspace_id"], values=values, instead=fresh)


async def channels(tx: AsyncSession, *, workspace_id: str) -> dict[str, str]:
    """Return the class of each channel that has one, by channel id."""
    statement = select(ChannelClass).where(ChannelClass.workspace_id == workspace_id)
    return {row.channel_id: row.figures_class for row in await tx.scalars(statement.order_by(ChannelClass.channel_id))}


async def set_channel(
    tx: AsyncSession, *, workspace_id: str, channel_id: str, figures_class: str, set_by: str, now: datetime
) -> None:
    """Give a channel this class, in place of the one before."""
    fresh = {"figures_class": figures_class, "set_by": set_by, "set_at": now}
    values = {"workspace_id": workspace_id, "channel_id": channel_id, **fresh}
    await upsert(tx, ChannelClass, on=["workspace_id", "channel_id"], values=values, instead=fresh)

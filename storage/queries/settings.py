"""Queries of a workspace's settings and of its channels' classes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import one, upsert
from storage.tables.access import WorkspaceSettings
from storage.tables.alerts import ChannelClass
from storage.tables.core import CompanyRow


async def of_workspace(tx: AsyncSession, *, workspace_id: str) -> WorkspaceSettings | None:
    """Return the workspace's settings; None if its admins have set nothing."""
    return await one(tx, select(WorkspaceSettings).where(WorkspaceSettings.workspace_id == workspace_id))


async def sets_off_credit(tx: AsyncSession, *, workspace_id: str) -> bool:
    """Return whether credit is set off against the oldest debt."""
    row = WorkspaceSettings
    found = await tx.scalar(select(row.sets_off_credit).where(row.workspace_id == workspace_id))
    return found is not False


async def save(tx: AsyncSession, *, workspace_id: str, changed_by: str, now: datetime, **columns: Any) -> None:
    """Write all settings; the caller has read the others in this transaction."""
    fresh = {**columns, "changed_by": changed_by, "changed_at": now}
    values = {"workspace_id": workspace_id, **fresh}
    await upsert(tx, WorkspaceSettings, on=["workspace_id"], values=values, instead=fresh)


async def channels(tx: AsyncSession, *, workspace_id: str) -> list[tuple[str, str, str]]:
    """Return (channel id, company name, class) of the channels that have a class, by channel and company."""
    statement = (
        select(ChannelClass.channel_id, CompanyRow.company_name, ChannelClass.figures_class)
        .join(CompanyRow, CompanyRow.id == ChannelClass.company_pk)
        .where(ChannelClass.workspace_id == workspace_id, CompanyRow.workspace_id == workspace_id)
        .order_by(ChannelClass.channel_id, CompanyRow.company_name, CompanyRow.id)
    )
    return [(row.channel_id, row.company_name, row.figures_class) for row in await tx.execute(statement)]


async def companies(tx: AsyncSession, *, workspace_id: str) -> list[CompanyRow]:
    """Return every company that somebody of the workspace has chosen, by name."""
    statement = select(CompanyRow).where(CompanyRow.workspace_id == workspace_id)
    return list(await tx.scalars(statement.order_by(CompanyRow.company_name, CompanyRow.id)))


async def set_channel(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    channel_id: str,
    figures_class: str,
    set_by: str,
    now: datetime,
) -> None:
    """Give a channel this class for a company, in place of the one before."""
    fresh = {"figures_class": figures_class, "set_by": set_by, "set_at": now}
    key = {"workspace_id": workspace_id, "company_pk": company_pk, "channel_id": channel_id}
    await upsert(tx, ChannelClass, on=list(key), values={**key, **fresh}, instead=fresh)

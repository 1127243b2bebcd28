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


async def channels(tx: AsyncSession, *, workspace_id: str) -> list[tuple[str, str, str, bool]]:
    """Return (channel id, company name, class, takes requests) of the channels with a class, by channel and company."""
    statement = (
        select(
            ChannelClass.channel_id, CompanyRow.company_name, ChannelClass.figures_class, ChannelClass.takes_requests
        )
        .join(CompanyRow, CompanyRow.id == ChannelClass.company_pk)
        .where(ChannelClass.workspace_id == workspace_id, CompanyRow.workspace_id == workspace_id)
        .order_by(ChannelClass.channel_id, CompanyRow.company_name, CompanyRow.id)
    )
    found = await tx.execute(statement)
    return [(row.channel_id, row.company_name, row.figures_class, row.takes_requests) for row in found]


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
    set_by: str,
    now: datetime,
    figures_class: str | None = None,
    takes_requests: bool | None = None,
) -> None:
    """Give a channel this class for a company, or let it take the company's requests; None leaves either as it is."""
    columns = {"figures_class": figures_class, "takes_requests": takes_requests}
    fresh: dict[str, Any] = {name: value for name, value in columns.items() if value is not None}
    fresh |= {"set_by": set_by, "set_at": now}
    key = {"workspace_id": workspace_id, "company_pk": company_pk, "channel_id": channel_id}
    usual = {"figures_class": "status", "takes_requests": False}
    await upsert(tx, ChannelClass, on=list(key), values={**key, **usual, **fresh}, instead=fresh)

"""Notices about sign-ins, each written in the transaction of the transition it tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import Role
from bot.features.delivery.model import (
    COMPANY_REFUSED,
    NEWS_BACK,
    NEWS_STOPPED,
    OWNER_LEFT,
    SIGN_IN_BACK,
    SIGN_IN_DISCONNECTED,
    SIGN_IN_ENDED,
    SIGN_IN_ENDING,
)
from storage.queries.access import roles
from storage.queries.alerts import outbox
from storage.queries.connections import succession, workspaces
from storage.tables.alerts import notice_target
from storage.tables.core import Connection


async def sign_in_ended(tx: AsyncSession, row: Connection, *, reason: str, now: datetime) -> None:
    """Notify the owner; and the other app admins and the channels if the workspace uses this connection."""
    for user_id in await _recipients(tx, row):
        await _notify(tx, row, user_id, SIGN_IN_ENDED, now=now, reason=reason, owner=row.user_id)
    await channels_stopped(tx, row, now=now)


async def sign_in_back(tx: AsyncSession, row: Connection, *, away_since: datetime, now: datetime) -> None:
    """Notify the users who were told that the sign-in had ended."""
    for user_id in await _recipients(tx, row):
        await _notify(tx, row, user_id, SIGN_IN_BACK, now=now, since=away_since.isoformat(), owner=row.user_id)
    await channels_back(tx, row, now=now)


async def sign_in_ending(tx: AsyncSession, row: Connection, *, ends_at: datetime, days: int, now: datetime) -> bool:
    """Warn the owner once for each number of days. Return False if this warning was written before."""
    return await _notify(
        tx, row, row.user_id, SIGN_IN_ENDING, now=now, dedupe_suffix=f":{days}", ends_at=ends_at.isoformat()
    )


async def company_refused(tx: AsyncSession, row: Connection, *, company_name: str, now: datetime) -> None:
    """Notify the owner, and the app admins if the workspace uses this connection, that Sage refused the company."""
    for user_id in await _recipients(tx, row):
        dedupe_suffix = f":{now.isoformat()}"
        await _notify(
            tx,
            row,
            user_id,
            COMPANY_REFUSED,
            now=now,
            dedupe_suffix=dedupe_suffix,
            company=company_name,
            owner=row.user_id,
        )


async def owner_left(tx: AsyncSession, row: Connection, *, now: datetime) -> None:
    """Notify the other app admins that the sign-in waits for a hand-over; without one, everybody who may help."""
    workspace = await workspaces.by_id(tx, row.workspace_id)
    if workspace is None or workspace.workspace_connection_id != row.id:
        return
    admins = await workspaces.with_role(tx, workspace_id=row.workspace_id, role=Role.ADMIN)
    others = [user_id for user_id in admins if user_id != row.user_id]
    helpers = [workspace.installed_by, *await roles.people(tx, workspace_id=row.workspace_id)]
    for user_id in others or dict.fromkeys(helpers):
        if user_id and user_id != row.user_id:
            dedupe_suffix, orphaned = f":{row.state_since.isoformat()}", "" if others else "yes"
            facts = {"owner": row.user_id, "orphaned": orphaned}
            await _notify(tx, row, user_id, OWNER_LEFT, now=now, dedupe_suffix=dedupe_suffix, **facts)
    await channels_stopped(tx, row, now=now)


async def disconnected(tx: AsyncSession, row: Connection, *, now: datetime) -> None:
    """Notify the other app admins and the channels, if the workspace used the sign-in that its owner disconnected."""
    recipients = await _recipients(tx, row)
    for user_id in recipients:
        if user_id != row.user_id:
            mark = f":{now.isoformat()}"
            await _notify(tx, row, user_id, SIGN_IN_DISCONNECTED, now=now, dedupe_suffix=mark, owner=row.user_id)
    await channels_stopped(tx, row, now=now)


async def channels_stopped(tx: AsyncSession, row: Connection, *, now: datetime) -> None:
    """Tell the subscribed channels, once, that nothing comes, unless a deputy's sign-in can take over."""
    if await _is_workspaces(tx, row) and await succession.able_deputy(tx, workspace_id=row.workspace_id) is None:
        await _tell_channels(tx, row, NEWS_STOPPED, now=now)


async def channels_back(tx: AsyncSession, row: Connection, *, now: datetime) -> None:
    """Tell the channels that were told that nothing comes, that news of this sign-in's company comes again."""
    if row.company_pk is not None and await _is_workspaces(tx, row):
        await _tell_channels(tx, row, NEWS_BACK, now=now)


async def _tell_channels(tx: AsyncSession, row: Connection, kind: str, *, now: datetime) -> None:
    here = {"workspace_id": row.workspace_id}
    for channel in await succession.subscribed_channels(tx, **here, company_pk=row.company_pk):
        target = notice_target(channel)
        last = await outbox.last_kind(tx, **here, target_id=target, kinds=(NEWS_STOPPED, NEWS_BACK))
        if (last == NEWS_STOPPED) is (kind == NEWS_BACK):
            key = f"{kind}:{channel}:{now.isoformat()}"
            to: dict[str, Any] = {**here, "target_id": target, "is_personal": False, "due_at": now}
            await outbox.add(tx, **to, kind=kind, facts={}, dedupe_key=key, now=now)


async def _is_workspaces(tx: AsyncSession, row: Connection) -> bool:
    workspace = await workspaces.by_id(tx, row.workspace_id)
    return workspace is not None and workspace.workspace_connection_id == row.id


async def _recipients(tx: AsyncSession, row: Connection) -> list[str]:
    """Return the owner, and the other app admins if the workspace uses this connection."""
    workspace = await workspaces.by_id(tx, row.workspace_id)
    if workspace is None or workspace.workspace_connection_id != row.id:
        return [row.user_id]
    admins = await workspaces.with_role(tx, workspace_id=row.workspace_id, role=Role.ADMIN)
    return [row.user_id, *(user_id for user_id in admins if user_id != row.user_id)]


async def _notify(
    tx: AsyncSession, row: Connection, user_id: str, kind: str, *, now: datetime, dedupe_suffix: str = "", **facts: str
) -> bool:
    """Once per sign-in (`sign_in_id`), and per `mark` where one sign-in has several."""
    return await outbox.add_notice(
        tx,
        workspace_id=row.workspace_id,
        user_id=user_id,
        kind=kind,
        facts=facts,
        dedupe_key=f"{kind}:{row.id}:{row.sign_in_id}{dedupe_suffix}:{user_id}",
        now=now,
        company_pk=None,
    )

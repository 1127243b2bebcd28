"""Notices about sign-ins, each written in the transaction of the transition it tells."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import Role
from bot.features.delivery.model import (
    COMPANY_REFUSED,
    HANDED_OVER,
    NOW_ANSWERING,
    OWNER_LEFT,
    SIGN_IN_BACK,
    SIGN_IN_ENDED,
    SIGN_IN_ENDING,
)
from storage.queries import outbox, workspaces
from storage.tables.core import Connection


async def sign_in_ended(tx: AsyncSession, row: Connection, *, reason: str, now: datetime) -> None:
    """Notify the owner; and the other app admins if the workspace uses this connection."""
    for user_id in await _recipients(tx, row):
        await _notify(tx, row, user_id, SIGN_IN_ENDED, now=now, reason=reason, owner=row.user_id)


async def sign_in_back(tx: AsyncSession, row: Connection, *, away_since: datetime, now: datetime) -> None:
    """Notify the users who were told that the sign-in had ended."""
    for user_id in await _recipients(tx, row):
        await _notify(tx, row, user_id, SIGN_IN_BACK, now=now, since=away_since.isoformat(), owner=row.user_id)


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
    """Notify the other app admins, or the installer if there is none, that the sign-in waits for a hand-over."""
    workspace = await workspaces.by_id(tx, row.workspace_id)
    if workspace is None or workspace.workspace_connection_id != row.id:
        return
    admins = await workspaces.with_role(tx, workspace_id=row.workspace_id, role=Role.ADMIN)
    others = [user_id for user_id in admins if user_id != row.user_id]
    for user_id in others or [workspace.installed_by]:
        if user_id and user_id != row.user_id:
            dedupe_suffix = f":{row.state_since.isoformat()}"
            await _notify(tx, row, user_id, OWNER_LEFT, now=now, dedupe_suffix=dedupe_suffix, owner=row.user_id)


async def handed_over(tx: AsyncSession, before: Connection | None, row: Connection, *, by: str, now: datetime) -> None:
    """Notify the new and the former owner of the workspace connection, except the user who handed it over."""
    dedupe_suffix = f":{now.isoformat()}"
    if row.user_id != by:
        await _notify(tx, row, row.user_id, NOW_ANSWERING, now=now, dedupe_suffix=dedupe_suffix, by=by)
    if before is not None and before.user_id not in {by, row.user_id}:
        await _notify(
            tx, before, before.user_id, HANDED_OVER, now=now, dedupe_suffix=dedupe_suffix, by=by, owner=row.user_id
        )


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
    )

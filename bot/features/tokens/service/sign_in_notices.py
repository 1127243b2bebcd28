"""What people are told of their sign-ins: one message a transition, written in the transaction that makes it true."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import Role
from bot.features.delivery.model import (
    HANDED_OVER,
    NOW_ANSWERING,
    OWNER_LEFT,
    SIGN_IN_BACK,
    SIGN_IN_ENDED,
    SIGN_IN_ENDING,
)
from storage import notices, workspaces
from storage.tables.core import Connection


async def sign_in_ended(tx: AsyncSession, row: Connection, *, reason: str, now: datetime) -> None:
    """To the owner; and to the app's other admins where the workspace hangs on it."""
    for user_id in await _concerned(tx, row):
        await _tell(tx, row, user_id, SIGN_IN_ENDED, now=now, reason=reason, owner=row.user_id)


async def sign_in_back(tx: AsyncSession, row: Connection, *, away_since: datetime, now: datetime) -> None:
    """To those who were told of its end."""
    for user_id in await _concerned(tx, row):
        await _tell(tx, row, user_id, SIGN_IN_BACK, now=now, since=away_since.isoformat(), owner=row.user_id)


async def sign_in_ending(tx: AsyncSession, row: Connection, *, ends_at: datetime, days: int, now: datetime) -> bool:
    """To the owner, once for each of the warnings. False: they were warned before."""
    return await _tell(tx, row, row.user_id, SIGN_IN_ENDING, now=now, mark=f":{days}", ends_at=ends_at.isoformat())


async def owner_left(tx: AsyncSession, row: Connection, *, now: datetime) -> None:
    """To the app's other admins, or whoever installed it: a sign-in is kept, unused, until it is handed over."""
    workspace = await workspaces.by_id(tx, row.workspace_id)
    if workspace is None or workspace.workspace_connection_id != row.id:
        return
    admins = await workspaces.with_role(tx, workspace_id=row.workspace_id, role=Role.ADMIN)
    others = [user_id for user_id in admins if user_id != row.user_id]
    for user_id in others or [workspace.installed_by]:
        if user_id and user_id != row.user_id:
            mark = f":{row.state_since.isoformat()}"
            await _tell(tx, row, user_id, OWNER_LEFT, now=now, mark=mark, owner=row.user_id)


async def handed_over(tx: AsyncSession, before: Connection | None, row: Connection, *, by: str, now: datetime) -> None:
    """To the one who now answers for the workspace and the one who did, unless they did it themselves."""
    mark = f":{now.isoformat()}"
    if row.user_id != by:
        await _tell(tx, row, row.user_id, NOW_ANSWERING, now=now, mark=mark, by=by)
    if before is not None and before.user_id not in {by, row.user_id}:
        await _tell(tx, before, before.user_id, HANDED_OVER, now=now, mark=mark, by=by, owner=row.user_id)


async def _concerned(tx: AsyncSession, row: Connection) -> list[str]:
    workspace = await workspaces.by_id(tx, row.workspace_id)
    if workspace is None or workspace.workspace_connection_id != row.id:
        return [row.user_id]
    admins = await workspaces.with_role(tx, workspace_id=row.workspace_id, role=Role.ADMIN)
    return [row.user_id, *(user_id for user_id in admins if user_id != row.user_id)]


async def _tell(
    tx: AsyncSession, row: Connection, user_id: str, kind: str, *, now: datetime, mark: str = "", **facts: str
) -> bool:
    """Once per sign-in (`sign_in_id`), and per `mark` where one sign-in has several."""
    return await notices.add(
        tx,
        workspace_id=row.workspace_id,
        user_id=user_id,
        kind=kind,
        facts=facts,
        dedupe_key=f"{kind}:{row.id}:{row.sign_in_id}{mark}:{user_id}",
        now=now,
    )

"""Founding: the first sign-in that opens a company answers for the workspace, and its owner is the first admin."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import Role
from bot.features.access.model.session import Session
from bot.features.access.service.appointments import NO_ROLE, appoint
from bot.features.access.service.telling import tell
from bot.features.audit.service.log import AuditLog
from bot.features.delivery.model import FOUND, ROLE_CHANGED
from storage.queries.access import roles
from storage.queries.connections import workspaces
from storage.tables.core import Connection


async def is_founded(tx: AsyncSession, *, workspace_id: str) -> bool:
    """Return whether the app has had an admin here. Where all have left, a Slack admin claims the app instead."""
    return bool(await workspaces.with_role(tx, workspace_id=workspace_id, role=Role.ADMIN))


async def found(tx: AsyncSession, audit: AuditLog, session: Session, connection: Connection) -> bool:
    """Found the workspace with a sign-in whose company is chosen. Return False if it may not, or is founded.

    Call this last in a transaction.
    """
    # Whoever was not told before they connected, connects again first.
    if not (connection.told_founding and session.asker.may_found):
        return False
    here = {"workspace_id": session.workspace_id}
    await roles.lock(tx, **here)
    if await is_founded(tx, **here):
        return False
    if not await workspaces.hand_over(tx, **here, connection_id=connection.id):
        return False
    workspace = await workspaces.by_id(tx, session.workspace_id)
    installer = workspace.installed_by if workspace is not None else ""
    if installer and installer != session.user_id:
        facts = {"by": session.user_id, "who": session.user_id, "before": NO_ROLE, "after": Role.ADMIN, "how": FOUND}
        await tell(tx, session.workspace_id, session.now, ROLE_CHANGED, [installer], facts)
    await appoint(tx, audit, session, {session.user_id: Role.ADMIN}, action=FOUND)
    return True

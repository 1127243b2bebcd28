"""Giving a role: the row, what the admins of the app and the person are told, and the record, in one transaction."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import Role
from bot.features.access.model.session import Session
from bot.features.access.service import access_notices, own_alerts
from bot.features.access.service.telling import tell, tell_admins
from bot.features.audit.service.log import AuditLog
from bot.features.delivery.model import OWN_ROLE_CHANGED, ROLE_CHANGED, ROLE_GIVEN
from storage.queries.access import access_requests, roles
from storage.queries.connections import workspaces

NO_ROLE = "none"


async def appoint(
    tx: AsyncSession,
    audit: AuditLog,
    session: Session,
    user_id: str,
    role: Role | None,
    *,
    action: str = "change role",
    but: frozenset[str] = frozenset(),
) -> str:
    """Give a user the role, or take theirs with None. Return the name of the role before.

    Those in `but` are told in another way. Call this last in a transaction, under the lock on the roles.
    """
    people = await roles.people(tx, workspace_id=session.workspace_id)
    before, after = people.get(user_id, NO_ROLE), role.value if role is not None else NO_ROLE
    key = {"workspace_id": session.workspace_id, "user_id": user_id}
    if role is None:
        await roles.withdraw(tx, **key)
        await own_alerts.role_gone(tx, session, user_id)
    else:
        await workspaces.grant(tx, **key, role=role.value, granted_by=session.user_id, now=session.now)
        await _answer_request(tx, session, user_id, role)
        await own_alerts.follow(tx, audit, session, user_id)
    if before != after:
        facts = {"by": session.user_id, "who": user_id, "before": before, "after": after, "how": action}
        if user_id != session.user_id:
            kind = ROLE_GIVEN if before == NO_ROLE else OWN_ROLE_CHANGED
            await tell(tx, session.workspace_id, session.now, kind, [user_id], facts)
        others = {session.user_id, user_id, *but}
        await tell_admins(tx, session.workspace_id, session.now, ROLE_CHANGED, facts, but=others)
    await audit.did(tx, session, action, user_id, (before, after))
    return before


async def _answer_request(tx: AsyncSession, session: Session, user_id: str, role: Role) -> None:
    """Close the user's request for access, in whichever way the role is given."""
    asked = await access_requests.last_of(tx, workspace_id=session.workspace_id, asked_by=user_id)
    if asked is not None and asked.state == access_requests.OPEN:
        given = {"state": access_requests.GIVEN, "role": role.value, "decided_by": session.user_id}
        await access_notices.close(tx, asked, **given, now=session.now)

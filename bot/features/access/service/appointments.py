"""Giving roles: the rows, what the admins of the app and the people are told, and the record, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import Role
from bot.features.access.model.session import Session
from bot.features.access.service import access_notices, own_alerts
from bot.features.access.service.telling import tell, tell_each
from bot.features.audit.service.log import AuditLog
from bot.features.delivery.model import OWN_ROLE_CHANGED, ROLE_CHANGED, ROLE_GIVEN
from storage.queries.access import access_requests, roles
from storage.queries.connections import workspaces

NO_ROLE = "none"


async def appoint(
    tx: AsyncSession,
    audit: AuditLog,
    session: Session,
    wanted: Mapping[str, Role | None],
    *,
    action: str = "change role",
    but: frozenset[str] = frozenset(),
) -> None:
    """Give users these roles by user id, or take theirs with None.

    Those in `but` are told in another way of what others got. Call this last in a transaction, under the lock on the
    roles.
    """
    workspace_id = session.workspace_id
    people = await roles.people(tx, workspace_id=workspace_id)
    given = {user: role for user, role in wanted.items() if role is not None}
    for user_id in wanted:
        if user_id not in given:
            await roles.withdraw(tx, workspace_id=workspace_id, user_id=user_id)
            await own_alerts.role_gone(tx, session, user_id)
    if given:
        named = {user: role.value for user, role in given.items()}
        await workspaces.grant_each(
            tx, workspace_id=workspace_id, roles=named, granted_by=session.user_id, now=session.now
        )
        await _answer_requests(tx, session, given)
        await own_alerts.follow(tx, audit, session, given)
    stood = {user: (people.get(user, NO_ROLE), role.value if role else NO_ROLE) for user, role in wanted.items()}
    await _tell_of(tx, session, stood, action, but)
    await audit.did_each(tx, session, action, stood)


async def _tell_of(
    tx: AsyncSession, session: Session, stood: Mapping[str, tuple[str, str]], action: str, but: frozenset[str]
) -> None:
    """Tell each user whose role is another one, and the admins of each."""
    alike = {"by": session.user_id, "how": action}
    told = {
        user: {**alike, "who": user, "before": before, "after": after}
        for user, (before, after) in stood.items()
        if before != after
    }
    workspace_id, now = session.workspace_id, session.now
    theirs = {user: facts for user, facts in told.items() if user != session.user_id}
    for kind, is_first in ((ROLE_GIVEN, True), (OWN_ROLE_CHANGED, False)):
        those = {user: facts for user, facts in theirs.items() if (facts["before"] == NO_ROLE) is is_first}
        await tell_each(tx, workspace_id, now, kind, those)
    admins = await workspaces.with_role(tx, workspace_id=workspace_id, role=Role.ADMIN) if told else []
    for user, facts in told.items():
        others = [each for each in admins if each not in {session.user_id, user, *but}]
        await tell(tx, workspace_id, now, ROLE_CHANGED, others, facts)


async def _answer_requests(tx: AsyncSession, session: Session, given: Mapping[str, Role]) -> None:
    """Close the users' requests for access, in whichever way the roles are given."""
    for asked in await access_requests.open_of(tx, workspace_id=session.workspace_id, asked_by=given):
        role = given[asked.asked_by]
        closed = {"state": access_requests.GIVEN, "role": role.value, "decided_by": session.user_id}
        await access_notices.close(tx, asked, **closed, now=session.now)

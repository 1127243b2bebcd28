"""Re-authorization of an admin under the lock on a workspace's roles."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.features.access.model.authorization import Role, role_from
from bot.features.access.model.session import Session
from storage.queries.access import roles


async def recheck_admin(tx: AsyncSession, session: Session) -> dict[str, str]:
    """Lock the roles of the workspace and return each user's own role. Raises NotAllowed."""
    # Under the lock, so that of two admins who remove each other at once only one succeeds.
    await roles.lock(tx, workspace_id=session.workspace_id)
    people = await roles.people(tx, workspace_id=session.workspace_id)
    if role_from(people.get(session.user_id), session.groups_role) is not Role.ADMIN:
        raise NotAllowed("You aren't an admin of this app any more.", hint="")
    return people

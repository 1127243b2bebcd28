"""Looking again, inside the lock, whether whoever changes roles or settings may still do so."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed
from bot.features.access.model.authorization import Asker, Role, role_from
from storage import roles


async def recheck_admin(tx: AsyncSession, asker: Asker, by_groups: Role | None) -> dict[str, str]:
    """Everybody's own role. One at a time, and each looks again: two who remove each other would else both succeed.

    `by_groups` is asked of Slack before the lock. Raises NotAllowed.
    """
    await roles.lock(tx, workspace_id=asker.workspace_id)
    people = await roles.people(tx, workspace_id=asker.workspace_id)
    if role_from(people.get(asker.user_id), by_groups) is not Role.ADMIN:
        raise NotAllowed("You aren't an admin of this app any more.", hint="")
    return people

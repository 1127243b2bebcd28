"""The users who may decide about a release in a workspace."""

from __future__ import annotations

import asyncio

import structlog

from bot.errors import BotError, NotAllowed
from bot.features.access.model.authorization import Membership, role_from
from bot.features.access.model.rules import DECIDERS
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.access.service.user_groups import UserGroups
from bot.features.installations.service.installations import Bot, Installations
from storage.database import Database
from storage.queries.access import roles

_MOST_DECIDERS = 30

log = structlog.get_logger(__name__)


class Deciders:
    """Finds admins and controllers, by their own role or that of a user group."""

    def __init__(
        self,
        *,
        database: Database,
        installations: Installations,
        user_groups: UserGroups,
        slack_directory: SlackDirectory,
    ) -> None:
        self._database = database
        self._installations = installations
        self._user_groups = user_groups
        self._slack_directory = slack_directory

    async def of(self, workspace_id: str, *, but: str = "") -> frozenset[str]:
        """Return at most 30 deciders that are full members in Slack now, without the user `but`. Raises NotAllowed."""
        # A user whom Slack can't describe is left out.
        bot = await self._installations.bot_of(workspace_id)
        if bot is None:
            raise NotAllowed
        async with self._database.reading() as tx:
            people = await roles.people(tx, workspace_id=workspace_id)
            given = await roles.groups(tx, workspace_id=workspace_id)
        found = {user_id for user_id, role in people.items() if role_from(role) in DECIDERS}
        for row in given:
            if role_from(row.role) in DECIDERS:
                found |= await self._user_groups.members(workspace_id, (row.group_id, row.team_id, row.role))
        members: list[str] = []
        waiting = sorted(found - {but})
        # Leavers and guests take nobody's place: so many are asked about as places are left.
        while waiting and len(members) < _MOST_DECIDERS:
            group = waiting[: _MOST_DECIDERS - len(members)]
            waiting = waiting[len(group) :]
            asked = await asyncio.gather(*(self._is_full_member(bot, user_id) for user_id in group))
            members += [user_id for user_id, full in asked if full]
        return frozenset(members)

    async def _is_full_member(self, bot: Bot, user_id: str) -> tuple[str, bool]:
        try:
            membership = await self._slack_directory.membership(bot, user_id)
        except BotError as error:
            log.warning("could not look somebody up", why=type(error).__name__)
            return user_id, False
        return user_id, membership in {Membership.ADMIN, Membership.MEMBER}

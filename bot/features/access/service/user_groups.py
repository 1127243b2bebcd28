"""The members of the Slack user groups that were given a role."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog
from cachetools import TTLCache

from bot.errors import BotError, NotAllowed, SlackPosting
from bot.features.access.model.authorization import Role, role_from, roles_above
from bot.features.access.service.slack_directory import SlackDirectory, is_silence
from bot.features.installations.service.installations import Bot, Installations

FRESH = 15  # seconds for which Slack's answer about a user's membership, or a group's members, is cached
_IN_TIME = 2.0  # seconds that Slack may take to list a group

GivenRole = tuple[str, str, str]
"""(group id, the Slack team it is in, role)."""

log = structlog.get_logger(__name__)


class UserGroups:
    """Slack's user groups; each is asked for at most once in 15 seconds."""

    def __init__(
        self, *, installations: Installations, slack_directory: SlackDirectory, clock: Callable[[], datetime]
    ) -> None:
        self._installations = installations
        self._slack_directory = slack_directory
        self._members: TTLCache[tuple[str, str], frozenset[str]] = TTLCache(
            maxsize=1_000, ttl=FRESH, timer=lambda: clock().timestamp()
        )

    async def highest_role(
        self, workspace_id: str, user_id: str, own: Role | None, given: Iterable[GivenRole], *, surely: bool = False
    ) -> Role | None:
        """Return the highest of a user's own role and those of their groups.

        With `surely`, raises SlackPosting if Slack can't list a group; else such a group gives no role.
        """
        # Only groups that would raise the role are asked for: Slack isn't needed for what it could not change.
        by_role: dict[Role, list[GivenRole]] = {}
        for group in given:
            role = role_from(group[2])
            if role is not None:
                by_role.setdefault(role, []).append(group)
        for role in roles_above(own):
            asked = (self.members(workspace_id, group, surely=surely) for group in by_role.get(role, ()))
            if any(user_id in found for found in await asyncio.gather(*asked)):
                return role
        return own

    async def members(self, workspace_id: str, group: GivenRole, *, surely: bool = False) -> frozenset[str]:
        """Return the user ids in a group: none if Slack can't say, or SlackPosting with `surely`."""
        group_id, team_id, _ = group
        known = self._members.get((workspace_id, group_id))
        if known is None:
            try:
                known = await self.ask_members(workspace_id, group_id, team_id=team_id)
            except (BotError, TimeoutError) as error:
                log.warning("could not ask who is in a user group", why=type(error).__name__)
                if surely and is_silence(error):
                    raise SlackPosting("unreachable") from None
                return frozenset()
        return known

    async def ask_members(self, workspace_id: str, group_id: str, *, team_id: str) -> frozenset[str]:
        """Ask Slack for the user ids in a group. Raises NotAllowed, SlackPosting, TokensUnavailable or TimeoutError."""
        bot = await self._bot(workspace_id)
        async with asyncio.timeout(_IN_TIME):
            found = await self._slack_directory.group_members(bot, group_id, team_id=team_id)
        self._members[workspace_id, group_id] = found
        return found

    async def ids_by_handle(self, workspace_id: str, *, team_id: str) -> dict[str, str]:
        """Return the user groups of a workspace, ids by handle. Raises as `ask_members`."""
        bot = await self._bot(workspace_id)
        async with asyncio.timeout(_IN_TIME):
            return await self._slack_directory.groups(bot, team_id=team_id)

    async def _bot(self, workspace_id: str) -> Bot:
        bot = await self._installations.bot_of(workspace_id)
        if bot is None:
            raise NotAllowed
        return bot

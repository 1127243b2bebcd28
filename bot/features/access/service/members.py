"""Asking Slack for the people of a workspace, for an admin who sets a team up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from cachetools import TTLCache

from bot.errors import MembersNotListed, NotAllowed, SlackPosting
from bot.features.access.model.authorization import Action
from bot.features.access.model.member_list import MemberList
from bot.features.access.model.session import Session
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.access.service.user_groups import FRESH
from bot.features.installations.service.installations import Installations

_IN_TIME = 20.0  # seconds for at most ten pages of a thousand people

log = structlog.get_logger(__name__)


class Members:
    """Lists the people of the asker's workspace, at most every 15 seconds: leavers and guests get no role."""

    def __init__(
        self, *, installations: Installations, slack_directory: SlackDirectory, clock: Callable[[], datetime]
    ) -> None:
        self._installations = installations
        self._slack_directory = slack_directory
        # A list may take ten calls of the twenty that Slack allows in a minute.
        self._known: TTLCache[tuple[str, str], MemberList] = TTLCache(
            maxsize=100, ttl=FRESH, timer=lambda: clock().timestamp()
        )

    async def listed(self, session: Session) -> MemberList:
        """Return the people. Raises NotAllowed or MembersNotListed."""
        session.require(Action.SETTINGS)
        key = (session.workspace_id, session.asker.team_id)
        if key in self._known:
            return self._known[key]
        bot = await self._installations.bot_of(session.workspace_id)
        if bot is None:
            raise NotAllowed
        try:
            async with asyncio.timeout(_IN_TIME):
                found = await self._slack_directory.members(bot, team_id=session.asker.team_id)
        except (SlackPosting, TimeoutError) as error:
            log.warning("could not list the people of a workspace", why=type(error).__name__)
            raise MembersNotListed from None
        self._known[key] = found
        return found

"""Whether the admins of this app are still there: asked of Slack, since rows outlive people."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from bot.errors import BotError, SlackPosting
from bot.features.access.model.authorization import Membership, Role
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.installations.service.installations import Bot
from storage.database import Database
from storage.queries.connections import workspaces

_FULL = {Membership.ADMIN, Membership.MEMBER}

log = structlog.get_logger(__name__)


class Admins:
    """Asks Slack about the admins of this app. A user of whom Slack can't say that they are gone counts as there."""

    def __init__(self, *, database: Database, slack_directory: SlackDirectory) -> None:
        self._database = database
        self._slack_directory = slack_directory

    async def named(self, workspace_id: str) -> list[str]:
        """Return the user ids with an admin's role, whether they are there or not."""
        async with self._database.reading() as tx:
            return await workspaces.with_role(tx, workspace_id=workspace_id, role=Role.ADMIN)

    async def are_gone(self, bot: Bot, user_ids: Iterable[str]) -> bool:
        """Return whether Slack says of each of these users that they are no longer a full member."""
        for user_id in dict.fromkeys(user_ids):
            if not await self._is_gone(bot, user_id):
                return False
        return True

    async def installer_is_gone(self, bot: Bot) -> bool:
        """Return whether neither the first installer nor an admin of the app is there any more."""
        named = [bot.installed_by] if bot.installed_by else []
        return await self.are_gone(bot, [*named, *await self.named(bot.workspace_id)])

    async def is_full_member(self, bot: Bot, user_id: str) -> bool:
        """Return whether Slack says that this user is a full member now."""
        try:
            return await self._slack_directory.membership(bot, user_id) in _FULL
        except BotError as error:
            log.warning("could not look a deputy up", why=type(error).__name__)
            return False

    async def _is_gone(self, bot: Bot, user_id: str) -> bool:
        try:
            membership = await self._slack_directory.membership(bot, user_id)
            if membership is Membership.UNKNOWN:
                return await self._slack_directory.has_left(bot, user_id)
        except SlackPosting as error:
            return error.trouble == ChannelTrouble.LEFT
        except BotError as error:
            log.warning("could not look an admin up", why=type(error).__name__)
            return False
        return membership not in _FULL

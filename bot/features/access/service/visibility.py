"""How much a channel may be shown, with Slack asked now."""

from __future__ import annotations

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain import channel as channels
from bot.errors import BotError
from bot.features.access.model.authorization import Visibility, visibility_of
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.installations.service.installations import Installations
from storage.database import Database
from storage.queries import targets

log = structlog.get_logger(__name__)


class ChannelVisibility:
    """Reads the class that an admin gave a channel, unless people of another company read it too."""

    def __init__(self, *, database: Database, installations: Installations, slack_directory: SlackDirectory) -> None:
        self._database = database
        self._installations = installations
        self._slack_directory = slack_directory

    async def of(self, workspace_id: str, channel_id: str) -> Visibility:
        """Return a channel's visibility: PRIVATE for the asker's own conversation, CLOSED if Slack can't say."""
        if channels.is_conversation(channel_id):
            return Visibility.PRIVATE
        try:
            bot = await self._installations.bot_of(workspace_id)
            if bot is None:
                return Visibility.CLOSED
            trouble = await self._slack_directory.channel_trouble(bot, channel_id)
        except BotError as error:
            log.info("could not look at a channel", why=type(error).__name__)
            return Visibility.CLOSED
        if trouble not in {None, ChannelTrouble.NOT_IN}:
            return Visibility.CLOSED
        async with self._database.reading() as tx:
            return await channel_visibility(tx, workspace_id=workspace_id, channel_id=channel_id)


async def channel_visibility(tx: AsyncSession, *, workspace_id: str, channel_id: str) -> Visibility:
    """Return a channel's visibility by its stored class, without asking Slack whether other companies share it."""
    return visibility_of(await targets.figures_class(tx, workspace_id=workspace_id, channel_id=channel_id))

"""How much a channel may be shown of one company, with Slack asked now."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain import channel as channels
from bot.errors import BotError
from bot.features.access.model.authorization import RaisedChannel, Shown, Visibility, shown_in, visibility_of
from bot.features.access.service.slack_directory import SlackDirectory
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.installations.service.installations import Installations
from storage.database import Database
from storage.queries import settings
from storage.queries.alerts import targets
from storage.queries.alerts.targets import ChannelOfCompany

log = structlog.get_logger(__name__)


class ChannelVisibility:
    """Reads the class that an admin gave a channel for a company, unless people of another company read it too."""

    def __init__(self, *, database: Database, installations: Installations, slack_directory: SlackDirectory) -> None:
        self._database = database
        self._installations = installations
        self._slack_directory = slack_directory

    async def of(self, workspace_id: str, channel_id: str, *, company_pk: int | None) -> Visibility:
        """Return what of a company a channel is shown: PRIVATE for a direct conversation, CLOSED if Slack can't say."""
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
        where: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk, "channel_id": channel_id}
        async with self._database.reading() as tx:
            return await channel_visibility(tx, **where)


async def channel_visibility(
    tx: AsyncSession, *, workspace_id: str, company_pk: int | None, channel_id: str
) -> Visibility:
    """Return what of a company a channel is shown, without asking Slack whether other companies share the channel."""
    if company_pk is None:
        return Visibility.STATUS
    place = ChannelOfCompany(workspace_id, company_pk, channel_id)
    found = await (await tx.connection()).run_sync(channel_visibilities, [place])
    return found[place]


def channel_visibilities(
    connection: Connection, places: Collection[ChannelOfCompany]
) -> dict[ChannelOfCompany, Visibility]:
    """Return what channels are shown, as `channel_visibility` does."""
    given = targets.figures_classes(connection, places)
    return {place: visibility_of(given.get(place)) for place in places}


async def raised_channels(tx: AsyncSession, *, workspace_id: str) -> tuple[RaisedChannel, ...]:
    """Return the channels that are shown more than status or take requests, with the company of which they are."""
    given = await settings.channels(tx, workspace_id=workspace_id)
    every = (
        RaisedChannel(channel, name, shown_in(visibility_of(kept)) or Shown.STATUS, takes)
        for channel, name, kept, takes in given
    )
    return tuple(each for each in every if each.shown is not Shown.STATUS or each.takes_requests)

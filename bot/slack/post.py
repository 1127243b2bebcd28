"""A message to a channel that somebody asked for just now."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SharingFailed, SlackPosting
from bot.features.delivery.slack_messenger import asked, unrepeating
from bot.slack.views.message import Message


async def post(client: AsyncWebClient, channel_id: str, message: Message) -> None:
    """Once, without another try: after a lost answer the message may stand there. Raises SharingFailed."""
    once = unrepeating(client)
    try:
        await asked(
            once.chat_postMessage(channel=channel_id, unfurl_links=False, unfurl_media=False, **message.payload())
        )
    except SlackPosting as error:
        raise SharingFailed(error) from None

"""Posting a message to a channel on a user's request."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SharingFailed, SlackPosting
from bot.features.delivery.slack_messenger import asked, unrepeating
from bot.slack.sending.ladder import Ladder
from bot.slack.views.message import Message


async def post(client: AsyncWebClient, ladder: Ladder, channel_id: str, message: Message) -> str:
    """Post the message once, and return its ts. Raises SharingFailed."""
    # No second try: after a lost answer the message may be there already.
    once = unrepeating(client)
    try:
        posted = await ladder.send(
            message,
            lambda payload: asked(
                once.chat_postMessage(channel=channel_id, unfurl_links=False, unfurl_media=False, **payload)
            ),
        )
    except SlackPosting as error:
        raise SharingFailed(error) from None
    return str(posted.get("ts") or "")

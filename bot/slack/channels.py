"""Reading a channel from Slack, and joining one. Anything that Slack can't confirm counts as a refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain import channel as channels
from bot.domain.channel import Channel
from bot.errors import ChannelUnknown

Look = Callable[[str], Awaitable[Channel]]

log = structlog.get_logger(__name__)


def looking(client: AsyncWebClient, *, org_wide: bool) -> Look:
    """Return a function that reads a channel by id and raises ChannelUnknown; `org_wide` as in `readers_of`."""

    async def look(channel_id: str) -> Channel:
        try:
            answer = await client.conversations_info(channel=channel_id)
        except SlackApiError as error:
            if error.response.get("error") == "channel_not_found":
                return Channel(channel_id)
            log.warning("could not look at a channel", why=error.response.get("error"))
            raise ChannelUnknown from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("could not look at a channel", why=type(error).__name__)
            raise ChannelUnknown from None
        return channel_of(channel_id, answer.get("channel"), org_wide=org_wide)

    return look


def joining(client: AsyncWebClient, *, org_wide: bool) -> Look:
    """Return a function like `looking`'s that also joins a public channel."""
    # Services call it last, once all else is allowed.
    look = looking(client, org_wide=org_wide)

    async def look_and_join(channel_id: str) -> Channel:
        channel = await look(channel_id)
        if channel.is_member or channel.is_private or channels.refusal(channel):
            return channel
        try:
            await client.conversations_join(channel=channel_id)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("could not join a channel", why=type(error).__name__)
            return replace(channel, is_private=True)
        return replace(channel, is_member=True)

    return look_and_join


def channel_of(channel_id: str, shown: Any, *, org_wide: bool) -> Channel:
    """Return the channel of a `conversations.info` answer; anything not stated plainly counts against posting there."""
    if not isinstance(shown, dict) or shown.get("id") != channel_id:
        raise ChannelUnknown
    return Channel(
        channel_id,
        is_member=shown.get("is_member") is True,
        is_private=shown.get("is_private") is not False,
        is_archived=shown.get("is_archived") is not False,
        readers=channels.readers_of(shown, org_wide=org_wide),
    )

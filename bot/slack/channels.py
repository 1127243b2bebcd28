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

_A_PAGE, _MOST_PAGES = 1_000, 10

Look = Callable[[str], Awaitable[Channel]]

log = structlog.get_logger(__name__)


def looking(client: AsyncWebClient, *, user_id: str, org_wide: bool) -> Look:
    """Return a function that reads a channel by id and raises ChannelUnknown; `org_wide` as in `readers_of`.

    A private channel that the user isn't in is read as one that doesn't exist: nothing tells the two apart.
    """

    async def look(channel_id: str) -> Channel:
        try:
            answer = await client.conversations_info(channel=channel_id)
            channel = channel_of(channel_id, answer.get("channel"), org_wide=org_wide)
            if channel.is_private and not await _is_in(client, channel_id, user_id):
                return Channel(channel_id)
        except SlackApiError as error:
            if error.response.get("error") == "channel_not_found":
                return Channel(channel_id)
            log.warning("could not look at a channel", why=error.response.get("error"))
            raise ChannelUnknown from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("could not look at a channel", why=type(error).__name__)
            raise ChannelUnknown from None
        return channel

    return look


async def _is_in(client: AsyncWebClient, channel_id: str, user_id: str) -> bool:
    """Return whether the user is among the first members of a channel, as far as a few pages list them."""
    cursor = ""
    for _ in range(_MOST_PAGES):
        answer = await client.conversations_members(channel=channel_id, limit=_A_PAGE, cursor=cursor or None)
        if user_id in (answer.get("members") or ()):
            return True
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return False


def joining(client: AsyncWebClient, *, user_id: str, org_wide: bool) -> Look:
    """Return a function like `looking`'s that also joins a public channel."""
    # Services call it last, once all else is allowed.
    look = looking(client, user_id=user_id, org_wide=org_wide)

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

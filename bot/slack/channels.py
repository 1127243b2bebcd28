"""Reading a channel from Slack, and joining one. Anything that Slack can't confirm counts as a refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain import channel as channels
from bot.domain.channel import Channel
from bot.errors import ChannelUnknown, MembersNotListed
from bot.features.installations.scopes import OPTIONAL
from bot.features.team.model.channels import NamedChannel, NamedChannels

_A_PAGE, _MOST_PAGES, _MOST_LISTED = 1_000, 10, 3

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
            raise ChannelUnknown(lacks_scope=scope_lacked(error, "channels:read")) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("could not look at a channel", why=type(error).__name__)
            raise ChannelUnknown from None
        return channel

    return look


def scope_lacked(error: SlackApiError, usual: str) -> str:
    """Return the permission that Slack says is missing, `usual` if it names none of ours; empty for other answers."""
    if error.response.get("error") != "missing_scope":
        return ""
    needed = str(error.response.get("needed") or "").split(",")
    return next((each for each in needed if each in OPTIONAL), usual)


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


async def named_channels(client: AsyncWebClient, *, user_id: str, team_id: str, org_wide: bool) -> NamedChannels:
    """Return the channels that aren't shared with another company, the first thousands.

    Of the private ones, those that both the app and the user are in. Raises MembersNotListed.
    """
    more: dict[str, Any] = {"exclude_archived": True, "team_id": team_id if org_wide else None, "limit": _A_PAGE}

    async def public(cursor: str | None) -> AsyncSlackResponse:
        return await client.conversations_list(types="public_channel", cursor=cursor, **more)

    async def private(cursor: str | None) -> AsyncSlackResponse:
        # "Non-public channels are restricted to those where the calling user shares membership": nobody is told the
        # name of a channel that they aren't in. https://docs.slack.dev/reference/methods/users.conversations
        return await client.users_conversations(types="private_channel", user=user_id, cursor=cursor, **more)

    lacks_scope = ""
    try:
        found = await _listed(public, is_private=False, org_wide=org_wide)
        try:
            found += await _listed(private, is_private=True, org_wide=org_wide)
        except SlackApiError as error:
            lacks_scope = scope_lacked(error, "groups:read")
            log.info("could not list private channels", why=error.response.get("error"))
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("could not list channels", why=type(error).__name__)
        raise MembersNotListed from None
    return NamedChannels(tuple(found), lacks_scope)


async def _listed(
    ask: Callable[[str | None], Awaitable[AsyncSlackResponse]], *, is_private: bool, org_wide: bool
) -> list[NamedChannel]:
    found: list[NamedChannel] = []
    cursor = ""
    for _ in range(_MOST_LISTED):
        answer = await ask(cursor or None)
        for each in answer.get("channels") or ():
            if isinstance(each, dict) and _is_offered(each, is_private=is_private, org_wide=org_wide):
                found.append(NamedChannel(str(each["id"]), str(each.get("name") or "")[:80], is_private))
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return found


def _is_offered(shown: dict[str, Any], *, is_private: bool, org_wide: bool) -> bool:
    if not isinstance(shown.get("id"), str) or shown.get("is_private") is not is_private:
        return False
    return not channels.refusal(channel_of(shown["id"], shown, org_wide=org_wide))


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

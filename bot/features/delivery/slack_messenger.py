"""The adapter to Slack's message methods: sends, edits and finds messages, and sorts Slack's refusals.

The client must not retry: a retry after a lost answer could post a message twice, and only the outbox rows know.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.channel import Readers, readers_of
from bot.errors import SlackPosting
from bot.features.access.model.authorization import Membership
from bot.features.access.model.member_list import MemberList
from bot.features.alerts.model.messages import ChangeAlert, ChannelTrouble, DebtsDigest, Digest
from bot.features.alerts.views.alert import render_alert
from bot.features.alerts.views.debts import debts_message
from bot.features.alerts.views.digest import digest_message
from bot.features.delivery.model import Notice
from bot.features.delivery.service.placement import Alert, Post, PostedAt
from bot.features.delivery.views import notice
from bot.features.installations.service.block_refusals import BlockRefusals
from bot.features.installations.service.installations import Bot
from bot.features.work_objects.model import CustomerObject
from bot.features.work_objects.views import card_entity
from bot.slack.sending.ladder import Ladder
from bot.slack.users import is_deactivated, listed_member, membership_of, name_of
from bot.slack.views.message import Message

T = TypeVar("T")

log = structlog.get_logger(__name__)

EVENT = "sage200_delivery"
_LOOK_BACK = 100
_A_PAGE, _MOST_PAGES = 1_000, 10  # of users.list

# Nothing can be posted in that place, or by that token, whatever the message is.
_TROUBLES = {
    "access_denied": ChannelTrouble.BARRED,
    "account_inactive": ChannelTrouble.NOT_INSTALLED,
    "channel_is_limited_access": ChannelTrouble.RESTRICTED,
    "channel_not_found": ChannelTrouble.GONE,
    "channel_type_not_supported": ChannelTrouble.RESTRICTED,
    "ekm_access_denied": ChannelTrouble.BARRED,
    "invalid_auth": ChannelTrouble.NOT_INSTALLED,
    "is_archived": ChannelTrouble.ARCHIVED,
    "messages_tab_disabled": ChannelTrouble.RESTRICTED,
    "method_not_supported_for_channel_type": ChannelTrouble.RESTRICTED,
    "missing_scope": ChannelTrouble.UNCHECKED,
    "no_permission": ChannelTrouble.BARRED,
    "not_authed": ChannelTrouble.NOT_INSTALLED,
    "not_in_channel": ChannelTrouble.NOT_IN,
    "org_login_required": ChannelTrouble.NOT_INSTALLED,
    "posting_to_channel_denied": ChannelTrouble.RESTRICTED,
    "posting_to_general_channel_denied": ChannelTrouble.RESTRICTED,
    "restricted_action": ChannelTrouble.RESTRICTED,
    "restricted_action_non_threadable_channel": ChannelTrouble.RESTRICTED,
    "restricted_action_read_only_channel": ChannelTrouble.RESTRICTED,
    "restricted_action_thread_only_channel": ChannelTrouble.RESTRICTED,
    "restricted_action_thread_locked": ChannelTrouble.RESTRICTED,
    "team_access_not_granted": ChannelTrouble.BARRED,
    "token_expired": ChannelTrouble.NOT_INSTALLED,
    "token_revoked": ChannelTrouble.NOT_INSTALLED,
    "user_disabled": ChannelTrouble.LEFT,
    "user_not_found": ChannelTrouble.LEFT,
}
# Nothing that time mends either: the message is one that Slack never takes.
_FINAL = {
    *_TROUBLES,
    "as_user_not_supported",
    "cannot_dm_bot",
    "invalid_blocks",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
}
_OF_THE_APP = {ChannelTrouble.NOT_INSTALLED, ChannelTrouble.LEFT, ChannelTrouble.UNCHECKED}
OF_THE_PLACE = frozenset(why for why, trouble in _TROUBLES.items() if trouble not in _OF_THE_APP)
"""Slack's refusals that are about a place and not about the message, the person or the app."""
_READ_BY = {
    Readers.COMPANY: ChannelTrouble.SHARED,
    Readers.ORGANISATION: ChannelTrouble.ORGANISATION,
    Readers.UNKNOWN: ChannelTrouble.UNCHECKED,
}
# Slack says of these that part of the work may have been done.
_IN_DOUBT = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
_UNCHANGEABLE = {"message_not_found", "cant_update_message", "edit_window_closed"}


def unrepeating(client: AsyncWebClient) -> AsyncWebClient:
    """Return a client like this one that never retries: after a lost answer the message may stand there already."""
    return AsyncWebClient(
        token=client.token,
        base_url=client.base_url,
        session=client.session,
        timeout=client.timeout,
        retry_handlers=[],
    )


class SlackMessenger:
    """Asks Slack with each workspace's own bot token. Every call raises SlackPosting."""

    def __init__(
        self, client: AsyncWebClient, *, refusals: BlockRefusals, clock: Callable[[], datetime], object_url: str = ""
    ) -> None:
        self._client = client
        self._refusals = refusals
        self._clock = clock
        self._object_url = object_url

    async def channel_trouble(self, bot: Bot, channel_id: str) -> ChannelTrouble | None:
        """Return why nothing may be posted in the channel, or None. What Slack leaves out counts as the worst."""
        answer = await asked(self._client.conversations_info(token=bot.token, channel=channel_id))
        channel = answer.get("channel")
        if not isinstance(channel, dict) or channel.get("id") != channel_id:
            return ChannelTrouble.UNCHECKED
        if channel.get("is_archived") is not False:
            return ChannelTrouble.ARCHIVED
        read_by = _READ_BY.get(readers_of(channel, org_wide=bot.is_org_wide))
        if read_by is not None:
            return read_by
        return None if channel.get("is_member") is True else ChannelTrouble.NOT_IN

    async def membership(self, bot: Bot, user_id: str) -> Membership:
        """Return the user's membership of this workspace, or of the organisation that installed the app."""
        user = (await asked(self._client.users_info(token=bot.token, user=user_id))).get("user")
        if not isinstance(user, dict):
            return Membership.UNKNOWN
        return membership_of(user, user_id, bot.slack_id)

    async def name(self, bot: Bot, user_id: str) -> str:
        """Return the user's display name, by `users.info`."""
        user = (await asked(self._client.users_info(token=bot.token, user=user_id))).get("user")
        return name_of(user) if isinstance(user, dict) else ""

    async def has_left(self, bot: Bot, user_id: str) -> bool:
        """Return whether Slack has deactivated the user's account, by `users.info`."""
        return await asked(is_deactivated(self._client, bot.token, user_id))

    async def members(self, bot: Bot, *, team_id: str) -> MemberList:
        """Return the people of a workspace by `users.list`, without bots and leavers; the first ten thousand."""
        team, cursor = team_id if bot.is_org_wide else None, ""
        found: list[dict[str, Any]] = []
        for _ in range(_MOST_PAGES):
            answer = await asked(
                self._client.users_list(token=bot.token, limit=_A_PAGE, cursor=cursor or None, team_id=team)
            )
            listed = answer.get("members")
            found += [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        every = (listed_member(each, bot.slack_id) for each in found)
        return MemberList(tuple(each for each in every if each is not None), is_whole=not cursor)

    async def groups(self, bot: Bot, *, team_id: str) -> dict[str, str]:
        """Return the ids of the team's user groups by handle in lower case, by `usergroups.list`."""
        team = team_id if bot.slack_id.startswith("E") else None
        found = (await asked(self._client.usergroups_list(token=bot.token, team_id=team))).get("usergroups")
        every = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        return {str(each.get("handle") or "").casefold(): str(each["id"]) for each in every if each.get("id")}

    async def group_members(self, bot: Bot, group_id: str, *, team_id: str) -> frozenset[str]:
        """Return the user ids in a group, by `usergroups.users.list`; an organisation's token must name the team."""
        team = team_id if bot.slack_id.startswith("E") else None
        answer = await asked(self._client.usergroups_users_list(token=bot.token, usergroup=group_id, team_id=team))
        users = answer.get("users")
        return frozenset(each for each in users if isinstance(each, str)) if isinstance(users, list) else frozenset()

    async def post(self, bot: Bot, post: Post) -> PostedAt:
        """Post a message. Raises SlackPosting, `in_doubt` where the message may have been posted all the same."""
        message, more = self._with_object(post, *_rendered(post))
        answer = await self._ladder(bot).send(
            message,
            lambda payload: asked(
                self._client.chat_postMessage(
                    token=bot.token,
                    channel=post.recipient,
                    unfurl_links=False,
                    unfurl_media=False,
                    thread_ts=post.thread_ts or None,
                    **_marked(payload, post.mark),
                )
            ),
        )
        return PostedAt(str(answer["channel"]), str(answer["ts"]), more)

    async def edit(self, bot: Bot, *, channel: str, ts: str, post: Post) -> bool:
        """Replace an earlier message. Return False if Slack no longer lets the message be changed."""
        message, _ = self._with_object(post, *_rendered(post))
        try:
            await self._ladder(bot).send(
                message,
                lambda payload: asked(
                    self._client.chat_update(token=bot.token, channel=channel, ts=ts, **_marked(payload, post.mark))
                ),
            )
        except SlackPosting as error:
            if error.why in _UNCHANGEABLE:
                return False
            raise
        return True

    def _with_object(self, post: Post, message: Message, more: int | None) -> tuple[Message, int | None]:
        """Return the message of a change with the customer as an object, where objects are on."""
        told = post.content
        if not self._object_url or not isinstance(told, Alert) or told.is_reply or told.company_pk is None:
            return message, more
        if not isinstance(told.news, ChangeAlert):
            return message, more
        customer = told.news.change.customer
        what = CustomerObject(told.company_pk, customer.customer_id)
        entity = card_entity(what, customer, self._object_url, now=self._clock())
        return replace(message, entities=(entity,)), more

    def _ladder(self, bot: Bot) -> Ladder:
        return Ladder(self._refusals, bot, self._clock())

    async def find(self, bot: Bot, post: Post) -> PostedAt | None:
        """Return where a marked message stands, among the latest of the conversation or of its thread."""
        try:
            return await self._found(bot, post)
        except SlackPosting as error:
            # A permission that an older installation lacks, or a thread that is gone: said twice is better than never.
            if error.why in {"missing_scope", "thread_not_found"}:
                return None
            raise

    async def _found(self, bot: Bot, post: Post) -> PostedAt | None:
        opened = await asked(self._client.conversations_open(token=bot.token, users=post.recipient))
        channel = str((opened.get("channel") or {}).get("id"))
        where: dict[str, Any] = {"channel": channel, "limit": _LOOK_BACK, "include_all_metadata": True}
        if post.thread_ts:
            said = self._client.conversations_replies(token=bot.token, ts=post.thread_ts, **where)
        else:
            said = self._client.conversations_history(token=bot.token, **where)
        for each in (await asked(said)).get("messages") or []:
            metadata = each.get("metadata") or {}
            if metadata.get("event_type") == EVENT and metadata.get("event_payload", {}).get("id") == post.mark:
                return PostedAt(channel, str(each["ts"]), _rendered(post)[1])
        return None


def _marked(payload: Mapping[str, Any], mark: str) -> dict[str, Any]:
    """Return the payload with the mark by which `find` recognises the message, beside its objects."""
    marked = {"event_type": EVENT, "event_payload": {"id": mark}}
    return {**payload, "metadata": {**marked, **payload.get("metadata", {})}}


def _rendered(post: Post) -> tuple[Message, int | None]:
    """Return the message, and the number at which its list goes on.

    Raises SlackPosting, permanent, for facts that can't be read.
    """
    try:
        return _words(post.content)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        log.exception("a message can't be rendered", mark=post.mark)
        raise SlackPosting(f"unreadable: {type(error).__name__}", permanent=True) from None


def _words(content: Alert | Notice) -> tuple[Message, int | None]:
    if isinstance(content, Notice):
        return notice(content), None
    if isinstance(content.news, Digest):
        return digest_message(content.news, content.shown)
    if isinstance(content.news, DebtsDigest):
        return debts_message(content.news, content.shown), None
    message = render_alert(content.news, content.shown, is_reply=content.is_reply)
    assert message is not None  # noqa: S101  (all but the list, which was taken above)
    return message, None


async def asked(call: Awaitable[T]) -> T:
    """Return Slack's answer. Raises SlackPosting, `in_doubt` where Slack may have done the work all the same."""
    try:
        return await call
    except SlackApiError as error:
        raise posting_error(error) from None
    except aiohttp.ClientConnectorError:
        # Refused before a byte was sent: surely nothing came of it.
        raise SlackPosting("unreachable") from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise SlackPosting("unreachable", in_doubt=True) from None


def posting_error(error: SlackApiError) -> SlackPosting:
    """Return Slack's refusal as SlackPosting, with the pause that Slack asks for in seconds."""
    response = error.response
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 0)
    data = getattr(response, "data", None)
    why = str(data.get("error") or "unknown")[:60] if isinstance(data, dict) else "unknown"
    if status >= 500:
        return SlackPosting("unreachable", in_doubt=True)
    pause = str(response.headers.get("Retry-After", ""))
    seconds = float(pause) if pause.isascii() and pause.isdigit() else None
    if status == 429:
        why = "ratelimited"
    trouble = _TROUBLES.get(why)
    return SlackPosting(
        why,
        permanent=why in _FINAL,
        retry_after=seconds,
        trouble=trouble.value if trouble else "",
        in_doubt=why in _IN_DOUBT,
    )

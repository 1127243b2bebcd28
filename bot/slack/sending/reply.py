"""The answer to the user of one request, by `response_url`, conversation or ephemeral message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
import structlog
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.errors import SlackPosting
from bot.features.assistant.model.answers import Thread
from bot.features.delivery.slack_messenger import OF_THE_PLACE
from bot.slack.sending.ladder import Ladder, refusal
from bot.slack.sending.pressed import PressedMessage, is_private
from bot.slack.views.message import Message

_TIMEOUT = 10  # seconds
_NOT_THERE = OF_THE_PLACE | {"user_not_in_channel"}

log = structlog.get_logger(__name__)


class Reply:
    """Answers one user privately."""

    # By a command's or click's `response_url`, else, for a mention in a channel, by an ephemeral message, else in the
    # user's conversation with the app.

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        ladder: Ladder,
        response_url: str | None,
        place: Thread,
        user_id: str = "",
        mentioned_in: Thread | None = None,
        pressed_in_private: bool = False,
    ) -> None:
        self._client = client
        self._ladder = ladder
        self._response_url = response_url
        self._place = place
        self._user_id = user_id
        self._mentioned_in = mentioned_in
        self._pressed_in_private = pressed_in_private
        self._answered = False
        self._lock = asyncio.Lock()

    @classmethod
    def to(cls, context: AsyncBoltContext, payload: dict[str, Any], *, ladder: Ladder) -> Reply:
        """Return the reply for this request. A submitted modal offers only the user's own conversation."""
        event = payload.get("event") or {}
        is_message = isinstance(event.get("channel"), str)
        return cls(
            client=context.client,
            ladder=ladder,
            response_url=context.response_url,
            place=place_of(event) if is_message else Thread(context.user_id or ""),
            user_id=context.user_id or "",
            mentioned_in=thread_of(event) if event.get("type") == "app_mention" else None,
            pressed_in_private=is_private(payload.get("container") or {}),
        )

    async def in_public(self, message: Message) -> None:
        """Post to everybody in the thread of a mention."""
        self._answered = True
        async with self._lock:
            await self._send_or_log(self._in_public(message))

    async def __call__(self, message: Message, *, in_place: bool = False) -> None:
        """Send the message; `in_place` replaces the clicked message unless others read that one too."""
        self._answered = True
        async with self._lock:
            await self._send(message, replace=in_place and self._pressed_in_private)

    async def redraw(self, pressed: PressedMessage, message: Message) -> None:
        """Put the message in the place of the one that was pressed; if Slack doesn't, send it anew."""
        if not await self._redrawn(pressed, message):
            await self(message)

    async def _redrawn(self, pressed: PressedMessage, message: Message) -> bool:
        try:
            try:
                await self._by_url(pressed.response_url, message, replace=True)
            except SlackPosting:
                if not pressed.ts:
                    raise  # no other call changes an ephemeral message
                await self._ladder.send(
                    message,
                    lambda payload: self._client.chat_update(channel=pressed.channel, ts=pressed.ts, **payload),
                )
        except (SlackApiError, SlackPosting) as error:
            log.info("a pressed message was not redrawn", why=refusal(error))
            return False
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("a pressed message was not redrawn", why=type(error).__name__)
            return False
        return True

    def answered_in_modal(self) -> None:
        """Note that the answer comes in a modal, so that no progress message is sent."""
        self._answered = True

    async def progress(self, message: Message) -> None:
        """Send a message to wait for the answer, but never after the answer."""
        # It stays in the conversation: `replace_original` does nothing on a command's response_url (bolt-js issue
        # 2287).
        async with self._lock:
            if not self._answered:
                await self._send(message, replace=False)

    async def _send(self, message: Message, *, replace: bool) -> None:
        if self._response_url:
            await self._send_or_log(self._by_url(self._response_url, message, replace=replace))
        elif self._mentioned_in is not None:
            await self._send_or_log(self._ephemeral(message))
        elif self._place.channel:
            await self._send_or_log(self._post(self._place, message))

    async def _send_or_log(self, sending: Awaitable[object]) -> None:
        """Await the sending. A failure is only logged: there is no other way to the user."""
        try:
            await sending
        except (SlackApiError, SlackPosting) as error:
            log.error("Slack refused a message", why=refusal(error))  # noqa: TRY400 - no traceback needed
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.error("Slack could not be reached with an answer", why=type(error).__name__)  # noqa: TRY400 - no traceback needed

    async def _post(self, place: Thread, message: Message) -> None:
        await self._ladder.send(
            message,
            lambda payload: self._client.chat_postMessage(
                channel=place.channel, thread_ts=place.thread or None, **payload, unfurl_links=False
            ),
        )

    async def _in_public(self, message: Message) -> None:
        try:
            await self._post(self._mentioned_in or self._place, message)
        except SlackApiError as error:
            if error.response.get("error") not in _NOT_THERE:
                raise
            await self._ephemeral(message)

    async def _ephemeral(self, message: Message) -> None:
        """Post an ephemeral message beside the mention; if Slack can't show one there, to the user's conversation."""
        # "Ephemeral messages in threads are only shown if there is already an active thread" (chat.postEphemeral): a
        # mention in the channel has none, and Slack would say ok and show nothing.
        try:
            await self._ladder.send(
                message,
                lambda payload: self._client.chat_postEphemeral(
                    channel=self._place.channel,
                    user=self._user_id,
                    thread_ts=self._place.thread or None,
                    **payload,
                ),
            )
        except SlackApiError as error:
            if error.response.get("error") not in _NOT_THERE:
                raise
            await self._post(Thread(self._user_id), message)

    async def _by_url(self, url: str, message: Message, *, replace: bool) -> None:
        """Send the message by a `response_url`. Raises SlackPosting if Slack refuses it."""
        # One client a call: Slack's hook host differs from the API's, and answers are few.
        hook = AsyncWebhookClient(url, timeout=_TIMEOUT, session=self._client.session)

        async def give(payload: Mapping[str, Any]) -> None:
            answer = await hook.send_dict({"response_type": "ephemeral", "replace_original": replace, **payload})
            if why := refused_by_hook(answer.status_code, answer.body):
                raise SlackPosting(why)

        await self._ladder.send(message, give)


def refused_by_hook(status: int, body: str) -> str:
    """Return Slack's word for why a `response_url` took nothing, as JSON or as plain text; empty if it did."""
    try:
        said = json.loads(body)
    except ValueError:
        said = body.strip()
    if isinstance(said, dict) and said.get("ok") is False:
        return str(said.get("error") or status)[:60]
    if status == 200:
        return ""
    return said[:60] if isinstance(said, str) and said else str(status)


def place_of(event: Mapping[str, Any]) -> Thread:
    """Return the channel of an event's message, and the thread that the message is a reply in, if any."""
    thread = str(event.get("thread_ts") or "")
    return Thread(str(event.get("channel") or ""), thread if thread != event.get("ts") else "")


def thread_of(event: Mapping[str, Any]) -> Thread:
    """Return the thread of an event's message, which a reply begins if nobody has."""
    return Thread(str(event.get("channel") or ""), str(event.get("thread_ts") or event.get("ts") or ""))


def clicked_in(body: Mapping[str, Any]) -> Thread:
    """Return the thread of a click, as far as the payload says."""
    # It decides no more than whose “it” is meant.
    container = body.get("container") or {}
    thread = container.get("thread_ts") or (body.get("message") or {}).get("thread_ts")
    return Thread(str(container.get("channel_id") or ""), str(thread or ""))

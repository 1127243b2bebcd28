"""The way back to the person: a command's or click's `response_url`, or their conversation with the app."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import structlog
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.views.message import Message

_TIMEOUT = 10  # seconds

log = structlog.get_logger(__name__)


class Reply:
    """Answers one person privately."""

    def __init__(self, *, client: AsyncWebClient, response_url: str | None, channel: str | None) -> None:
        self._client = client
        self._response_url = response_url
        self._channel = channel
        self._answered = False
        self._turn = asyncio.Lock()

    @classmethod
    def to(cls, context: AsyncBoltContext, payload: dict[str, Any]) -> Reply:
        """The way back that this request offers; a modal's submission has none but the person's own conversation."""
        event = payload.get("event") or {}
        return cls(
            client=context.client,
            response_url=context.response_url,
            channel=event.get("channel") if isinstance(event.get("channel"), str) else context.user_id,
        )

    async def __call__(self, message: Message, *, in_place: bool = False) -> None:
        """Send it; `in_place` puts it where the clicked message stood."""
        self._answered = True
        async with self._turn:
            await self._send(message, replace=in_place)

    async def progress(self, message: Message) -> None:
        """A note to wait for the answer, never after it. It stays: `replace_original` does nothing on a command's
        response_url (bolt-js issue 2287)."""
        async with self._turn:
            if not self._answered:
                await self._send(message, replace=False)

    async def _send(self, message: Message, *, replace: bool) -> None:
        """There is no other way to the person, so a failure is noted and no more."""
        try:
            if self._response_url:
                await self._by_url(self._response_url, message, replace=replace)
            elif self._channel:
                await self._client.chat_postMessage(channel=self._channel, **message.payload(), unfurl_links=False)
        except SlackApiError as error:
            log.error("Slack refused a message", why=error.response.get("error"))  # noqa: TRY400 - no traceback needed
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.error("Slack could not be reached with an answer", why=type(error).__name__)  # noqa: TRY400 - no traceback needed

    async def _by_url(self, url: str, message: Message, *, replace: bool) -> None:
        # One client a call: Slack's hook host differs from the API's, and answers are few.
        response = await AsyncWebhookClient(url, timeout=_TIMEOUT, session=self._client.session).send_dict(
            {"response_type": "ephemeral", "replace_original": replace, **message.payload()}
        )
        if response.status_code != 200:
            log.error("Slack refused an answer", status=response.status_code)

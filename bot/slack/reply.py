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
    """Answers one person privately; the latest answer replaces a progress note."""

    def __init__(
        self, *, client: AsyncWebClient, response_url: str | None, channel: str | None, is_click: bool
    ) -> None:
        self._client = client
        self._response_url = response_url
        self._channel = channel
        self._is_click = is_click
        self._showed_progress = False
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
            is_click=payload.get("type") == "block_actions",
        )

    async def __call__(self, message: Message, *, in_place: bool = False) -> None:
        """Send it; `in_place` puts it where the clicked message stood."""
        self._answered = True
        async with self._turn:
            replace = in_place or (self._showed_progress and not self._is_click)
            await self._send(message, replace=replace)

    async def progress(self, message: Message) -> None:
        """A note that the answer will replace; only where that is possible, and never after the answer."""
        async with self._turn:
            if self._response_url and not self._is_click and not self._answered:
                self._showed_progress = True
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

"""Publishing a user's Home, collected anew each time, and only if it differs from the one on display."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from cachetools import LRUCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError
from bot.features.access.model.authorization import Asker
from bot.features.access.model.session import Session
from bot.features.home.views.home import home
from bot.services import Services
from bot.slack.sending.explained import explained
from bot.slack.views.blocks import View
from bot.slack.views.message import Message

_SETTLES = timedelta(seconds=2)
_REMEMBERED = 10_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedHomes:
    """When each user last opened Home, in this process. Only saves work: nothing else depends on it."""

    at: LRUCache[tuple[str, str], datetime] = field(default_factory=lambda: LRUCache(_REMEMBERED))

    def again(self, asker: Asker, now: datetime) -> bool:
        """Return whether the user opened Home in the last two seconds, and note that it is open now."""
        # Slack sends the event each time a user switches tabs.
        key = (asker.workspace_id, asker.user_id)
        before = self.at.get(key)
        self.at[key] = now
        return before is not None and timedelta() <= now - before < _SETTLES

    def has(self, asker: Asker) -> bool:
        """Return whether the user opened Home in this process lately."""
        return (asker.workspace_id, asker.user_id) in self.at


@dataclass(frozen=True, slots=True)
class HomePublisher:
    """Publishes the Home of the user behind one request. `displayed` is the Home that Slack sent along."""

    services: Services
    session: Callable[[], Awaitable[Session]]
    client: AsyncWebClient
    opened_homes: OpenedHomes
    displayed: Mapping[str, Any]

    @classmethod
    def to(
        cls,
        services: Services,
        session: Callable[[], Awaitable[Session]],
        client: AsyncWebClient,
        body: Mapping[str, Any],
        opened_homes: OpenedHomes,
    ) -> HomePublisher:
        """Return the publisher of one request. Events and clicks carry the view on display."""
        view = (body.get("event") or {}).get("view") or body.get("view") or {}
        is_home = isinstance(view, dict) and view.get("type") == "home"
        return cls(services, session, client, opened_homes, view if is_home else {})

    async def __call__(self, notice: str = "") -> None:
        """Publish Home as it is now, with `notice` (escaped already) on top."""
        session = await self.session()
        shown = await self.services.home.of(session)
        await self._publish(session.asker, stamped(home(shown, notice=notice)))

    async def opened(self) -> None:
        """Publish Home after the user opened it, unless that was a moment ago."""
        session = await self.session()
        if not self.opened_homes.again(session.asker, session.now):
            await self()

    async def if_seen(self) -> None:
        """Publish Home after a change made elsewhere, if the user ever opened it."""
        if self.opened_homes.has((await self.session()).asker):
            await self()

    async def after(self, action: Awaitable[Message | None]) -> None:
        """Await the action, then publish Home with its result or refusal."""
        # After a refusal too, so that a user who lost a permission sees less at once.
        try:
            done = await action
        except BotError as error:
            done = await explained(error, self.services, self.session)
        await self(done.text if done is not None else "")

    async def unless_refused(self, action: Awaitable[object]) -> None:
        """Await the opening of a form; publish Home only if that is refused."""
        try:
            await action
        except BotError as error:
            await self((await explained(error, self.services, self.session)).text)

    async def _publish(self, asker: Asker, view: View) -> None:
        """Publish the view. A failure is logged, and the next opening tries again."""
        if view["private_metadata"] == self.displayed.get("private_metadata"):
            return
        try:
            await self.client.views_publish(user_id=asker.user_id, view=view)
        except SlackApiError as error:
            log.warning("Slack refused a Home", why=error.response.get("error"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("no Home shown", why=type(error).__name__)


def stamped(view: View) -> View:
    """Return the view with a digest of its blocks as private metadata."""
    # Slack sends the metadata back, so every process knows which Home is on display.
    content = json.dumps(view["blocks"], sort_keys=True)
    return {**view, "private_metadata": hashlib.sha256(content.encode()).hexdigest()}

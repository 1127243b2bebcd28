"""Publishing somebody's Home: collected afresh each time, and only where it isn't what they see already."""

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
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError
from bot.features.access.model.authorization import Asker
from bot.features.home.views.home import home
from bot.services import Services
from bot.slack.views.errors import explain
from bot.slack.views.message import Message

_SETTLES = timedelta(seconds=2)
_REMEMBERED = 10_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedHomes:
    """When this process last answered somebody who opened their Home; for saving work, so nothing hangs on it."""

    at: LRUCache[tuple[str, str], datetime] = field(default_factory=lambda: LRUCache(_REMEMBERED))

    def again(self, asker: Asker, now: datetime) -> bool:
        """Whether they opened it a moment ago: Slack tells of each time that somebody flips through the tabs."""
        key = (asker.workspace_id, asker.user_id)
        before = self.at.get(key)
        self.at[key] = now
        return before is not None and timedelta() <= now - before < _SETTLES

    def has(self, asker: Asker) -> bool:
        """Whether they have looked at it lately."""
        return (asker.workspace_id, asker.user_id) in self.at


@dataclass(frozen=True, slots=True)
class HomePublisher:
    """The way to the Home of whoever caused this request. `seen` is the Home that they see, as Slack sends it along."""

    services: Services
    introduce: Callable[[], Awaitable[Asker]]
    client: AsyncWebClient
    clock: Callable[[], datetime]
    book: OpenedHomes
    seen: Mapping[str, Any]

    @classmethod
    def to(
        cls,
        services: Services,
        introduce: Callable[[], Awaitable[Asker]],
        client: AsyncWebClient,
        body: Mapping[str, Any],
        clock: Callable[[], datetime],
        book: OpenedHomes,
    ) -> HomePublisher:
        """Of one request: an event and a click bring the view that stands there."""
        view = (body.get("event") or {}).get("view") or body.get("view") or {}
        is_home = isinstance(view, dict) and view.get("type") == "home"
        return cls(services, introduce, client, clock, book, view if is_home else {})

    async def __call__(self, said: str = "") -> None:
        """Publish it is now; `said`, escaped already, stands on top."""
        asker = await self.introduce()
        shown = await self.services.homes.of(asker, now=self.clock())
        await self._publish(asker, stamped(home(shown, said=said)))

    async def opened(self) -> None:
        """They opened it: at most one publication, and none where nothing is new."""
        asker = await self.introduce()
        if not self.book.again(asker, self.clock()):
            await self()

    async def if_seen(self) -> None:
        """Something that stands on it was changed elsewhere: a Home that nobody has opened needn't be made."""
        if self.book.has(await self.introduce()):
            await self()

    async def after(self, doing: Awaitable[Message | None]) -> None:
        """Do it, then show Home with what came of it, a refusal included: so whoever may no more sees less at once."""
        try:
            done = await doing
        except BotError as error:
            done = explain(error)
        await self(done.text if done is not None else "")

    async def unless_refused(self, doing: Awaitable[object]) -> None:
        """Open something; Home is shown afresh only where that was refused."""
        try:
            await doing
        except BotError as error:
            await self(explain(error).text)

    async def _publish(self, asker: Asker, view: View) -> None:
        """Only for show: a failure is noted, and the next opening tries again."""
        if view.private_metadata == self.seen.get("private_metadata"):
            return
        try:
            await self.client.views_publish(user_id=asker.user_id, view=view)
        except SlackApiError as error:
            log.warning("Slack refused a Home", why=error.response.get("error"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("no Home shown", why=type(error).__name__)


def stamped(view: View) -> View:
    """With a digest of all that stands on it, which Slack brings back: every process knows by it what is there."""
    content = json.dumps([block.to_dict() for block in view.blocks or []], sort_keys=True)
    view.private_metadata = hashlib.sha256(content.encode()).hexdigest()
    return view

"""The words behind `/sage`: each listener module has a table of its own, put together where the command is answered."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion
from bot.features.access.model.authorization import Asker
from bot.services import Services
from bot.slack.users import SlackUsers
from bot.slack.views.message import Message

# Slack writes `<@U123|ben>` for a person where the command asks for it (`should_escape`).
_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]{1,30})(\|[^>]*)?>|(?P<bare>[UW][A-Z0-9]{5,30})")


@dataclass(frozen=True, slots=True)
class Typed:
    """One `/sage WORD rest`: who typed it, where, and the way to Slack for what an answer can't do."""

    services: Services
    asker: Asker
    rest: str
    now: datetime
    command: Mapping[str, Any]
    client: AsyncWebClient
    people: SlackUsers

    @property
    def channel_id(self) -> str:
        """Where it was typed."""
        return str(self.command.get("channel_id") or "")

    async def colleague(self, mention: str) -> Asker:
        """Another person by mention, looked up at Slack just now. Raises BadQuestion."""
        named = _MENTION.fullmatch(mention.strip())
        if named is None:
            raise BadQuestion("Name a person, as in `@Ben`.", typed=mention, hint="")
        return await self.people.colleague(self.client, self.asker, named["id"] or named["bare"])


Handle = Callable[[Typed], Awaitable[Message | None]]
Simple = Callable[[Services, Asker, str, datetime], Awaitable[Message]]


def simply(handle: Simple) -> Handle:
    """A word that needs no more than who asks what."""

    async def run(typed: Typed) -> Message:
        return await handle(typed.services, typed.asker, typed.rest, typed.now)

    return run

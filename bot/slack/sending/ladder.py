"""Sending a message in the richest form that the workspace's Slack takes: chart, table, lines of text, text alone.

An object that the message is about goes with it where Slack takes objects.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from slack_sdk.errors import SlackApiError

from bot.errors import SlackPosting
from bot.features.installations.model import OBJECTS
from bot.features.installations.service.block_refusals import BlockRefusals
from bot.features.installations.service.installations import Bot
from bot.slack.views.message import Message
from bot.slack.views.table import CHART, TABLE, kinds, without

T = TypeVar("T")
Payload = Mapping[str, Any]

# Slack refuses the whole message for one block (docs.slack.dev, chat.postMessage; `only_one_table_allowed` comes as
# `invalid_attachments`).
_REFUSED = {"invalid_attachments", "invalid_blocks", "invalid_blocks_format"}
_TOO_LONG = {"msg_blocks_too_long"}
# Of the objects (docs.slack.dev, Work Objects): the same message is sent without them.
_NO_OBJECTS = {
    "error_processing_metadata",
    "feature_not_enabled",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "metadata_too_large",
    "missing_interactivity_url",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The forms that one workspace's Slack takes, as far as known at `now`; `bot` is None if it isn't installed."""

    refusals: BlockRefusals
    bot: Bot | None
    now: datetime

    async def send(self, message: Message, give: Callable[[Payload], Awaitable[T]]) -> T:
        """Give Slack the message, and a plainer one each time that Slack refuses its blocks. Return Slack's answer.

        What was refused is remembered. Any other error of `give` is raised, as is the refusal of the text alone.
        """
        asked_of = kinds(message.blocks) | ({OBJECTS} if message.entities else frozenset())
        known = self.refusals.of(self.bot, asked_of, now=self.now)
        objects = list(message.entities) if OBJECTS not in known else []
        forms, refused = _forms(message, known), set[str]()
        left, payload = next(forms)
        while True:
            try:
                answer = await give({**payload, **({"metadata": {"entities": objects}} if objects else {})})
            except (SlackApiError, SlackPosting) as error:
                why = refusal(error)
                if objects and why in _NO_OBJECTS:
                    log.warning("Slack refused an object", why=why)
                    objects = []
                    refused.add(OBJECTS)
                    continue
                if "blocks" not in payload or why not in _REFUSED | _TOO_LONG:
                    raise
                log.warning(
                    "Slack refused blocks", why=why, native=sorted(kinds(message.blocks) - left), **_details(error)
                )
                left, payload = next(forms)
                if why in _REFUSED:  # a message that is too long says nothing of the next
                    refused |= left
                continue
            if self.bot is not None and (news := refused - known):
                await self.refusals.remember(self.bot, news, now=self.now)
            return answer


def refusal(error: SlackApiError | SlackPosting) -> str:
    """Return Slack's own word for what it refused."""
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else error.why


def _details(error: Exception) -> dict[str, Any]:
    """Return where Slack says the fault is: JSON pointers, never the blocks themselves."""
    found = error.response.get("errors") if isinstance(error, SlackApiError) else None
    said = [str(each.get("pointer") if isinstance(each, dict) else each)[-80:] for each in found or ()]
    return {"where": said[:5]} if said else {}


def _forms(message: Message, known: frozenset[str]) -> Iterator[tuple[frozenset[str], dict[str, Any]]]:
    """Yield each form, the richest first, with the kinds of blocks that it leaves out."""
    charts, tables, every = kinds(message.blocks, CHART), kinds(message.blocks, CHART, TABLE), kinds(message.blocks)
    left = known & every
    seen: list[frozenset[str]] = []
    for more in (left, left | charts, left | tables, every):
        if more not in seen:
            seen.append(more)
            yield more, Message(message.text, without(message.blocks, more)).payload()
    if message.blocks:
        yield every, Message(message.text).payload()

"""One gate for whatever is shown in Slack: `passes(message)` and `passes_view(view)`, for the tests of every view."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.slack.views.blocks import View
from bot.slack.views.message import Message
from bot.slack.views.table import CHART, TABLE, kinds, without
from sandbox.slack.block_kit.blocks import check_message, check_view, spoken
from sandbox.slack.methods.errors import SlackError

MOST_TEXT = 4_000
# Slack refuses a message at about 13,200 characters of blocks, undocumented (bolt-js issue 2509).
MOST_BLOCKS = 12_000

# What may be written between angle brackets: a time, a link of ours, and people, groups and channels of our own, whose
# ids begin with U0, S0 and C0 in tests. All else came from somebody's data.
_OURS = re.compile(
    r"<!date\^\d+\^[^<>|^]+\|[^<>|]+>|<https?://[^<>|\s]+\|[A-Z][A-Za-z ]+>|<@U0[A-Z0-9]+>|"
    r"<!subteam\^S0[A-Z0-9]+>|<#C0[A-Z0-9]+>"
)
_UNESCAPED = re.compile(r"[<>]|&(?!amp;|lt;|gt;)")
_MENTIONS = {"user", "usergroup", "channel", "broadcast", "team"}
_MONEY = re.compile(r"−?(?:£|€|\b[A-Z]{3} )[\d,]+\.\d\d")


def passes(message: Message) -> None:
    """AssertionError with every reason why this message must not be sent, in any form that Slack may be sent."""
    native = kinds(message.blocks)
    for refused in {frozenset(), kinds(message.blocks, CHART), native}:
        form = Message(message.text, without(message.blocks, refused))
        assert faults(form.payload()) == [], refused
    assert not kinds(message.blocks, CHART) or kinds(message.blocks, TABLE), (
        "a chart stands without a table of its figures"
    )


def passes_view(view: View) -> None:
    """The same for a modal or a home tab."""
    assert view_faults(view) == []


def faults(payload: Mapping[str, Any]) -> list[str]:
    """What is wrong with a message as it is sent."""
    text, blocks = payload.get("text", ""), payload.get("blocks", [])
    found = [*_refused(lambda: check_message(blocks, text)), *_speaking(payload)]
    if not text.strip():
        found.append("no text for notifications and screen readers")
    if len(text) > MOST_TEXT:
        found.append(f"a text of {len(text)} characters")
    if (size := len(json.dumps(blocks, ensure_ascii=False))) > MOST_BLOCKS:
        found.append(f"blocks of {size} characters")
    figures = {figure for words in spoken(blocks) for figure in _MONEY.findall(words)}
    return found + [f"{figure} is missing from the text" for figure in sorted(figures - set(_MONEY.findall(text)))]


def view_faults(view: Mapping[str, Any]) -> list[str]:
    """What is wrong with a view as it is opened."""
    return [*_refused(lambda: check_view(view)), *_speaking(view)]


def _refused(check: Any) -> list[str]:
    try:
        check()
    except SlackError as error:
        return [error.error, *error.more.get("response_metadata", {}).get("messages", [])]
    return []


def _speaking(payload: Mapping[str, Any]) -> Iterator[str]:
    """Wherever Slack reads marks, and somebody's data could make it call people or link."""
    for words in _marked(payload):
        if found := _UNESCAPED.search(_OURS.sub("", words)):
            yield f"an unescaped {found.group()} in {words[:80]!r}"
    for kind in _rich(payload.get("blocks", [])):
        yield f"a {kind} in rich text"


def _marked(payload: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(payload.get("text"), str):
        yield payload["text"]
    for part in _objects(payload):
        if part.get("type") == "mrkdwn":
            yield part["text"]


def _rich(blocks: Any) -> Iterator[str]:
    for block in blocks:
        if block.get("type") == "rich_text":
            yield from (part["type"] for part in _objects(block) if part.get("type") in _MENTIONS)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for part in value.values():
            yield from _objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part)

"""A command's message as an assistant is given it: its text as data, and its blocks without what is pressed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.slack.views.blocks import Block
from bot.slack.views.message import Message

OPENS, CLOSES = "<sage-200>", "</sage-200>"
# Slack drops all blocks of a result where one is of another kind, or where there are more.
SHOWN = frozenset(
    {"header", "section", "context", "rich_text", "divider", "table", "data_table", "data_visualization", "image"}
)
MOST_BLOCKS = 50
# Ours alone: whatever comes from Sage or a person has no `<` in it by now.
_MOMENT = re.compile(r"<!date\^[^<>|]*\|([^<>|]*)>")
_LINK = re.compile(r"<(https?://[^<>|\s]+)\|([^<>|]*)>")
_ASIDE = re.compile(r"(?<!\w)_(\([^()_\n]*\))_(?!\w)")


def data_text(message: Message) -> str:
    """Return the message's text between the marks of data; nothing in it can write those marks."""
    return f"{OPENS}\n{readable_text(message.text)}\n{CLOSES}"


def readable_text(text: str) -> str:
    """Return Slack's text with times, links and asides written plainly. A `<` of somebody's data stays escaped."""
    return _ASIDE.sub(r"\1", _LINK.sub(r"\2: \1", _MOMENT.sub(r"\1", text))).replace("&amp;", "&")


def refusal_text(message: Message) -> str:
    """Return why there is no answer, in our own words."""
    return readable_text(message.text)


def shown_blocks(message: Message) -> list[Block]:
    """Return the blocks that Slack shows beside an assistant's words; none if they are too many."""
    blocks = [block for block in message.blocks if block.get("type") in SHOWN and not _is_pressed(block)]
    return blocks if len(blocks) <= MOST_BLOCKS else []


def _is_pressed(block: Mapping[str, Any]) -> bool:
    return "accessory" in block

"""A message as views return it: blocks, and a text with the same facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack.views.blocks import (
    Block,
    Element,
    actions_block,
    context_block,
    header_block,
    mrkdwn,
    section_block,
)
from bot.slack.views.text import cut


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `text`, already escaped, is for notifications and screen readers.

    `entities` are the objects it is about, for Slack to draw; they are sent only with what is posted.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    entities: tuple[dict[str, Any], ...] = ()

    def payload(self) -> dict[str, Any]:
        """Return the message as the Web API and response URLs take one."""
        return {"text": self.text, **({"blocks": list(self.blocks)} if self.blocks else {})}


def section(text: str) -> Block:
    """Make a paragraph of a text, already escaped, as long as Slack takes. Returns a block."""
    return section_block(mrkdwn(cut(text, most=3_000)))


def note(text: str, *extra: Block) -> Message:
    """Return a short message of our own, with buttons or context below if given."""
    return Message(text, (section(text), *extra))


def heading(text: str) -> Block:
    """Make a headline of plain text. Returns a block."""
    return header_block(text)


def aside(*texts: str) -> Block:
    """Make small print of texts, already escaped, as long as Slack takes. Returns a block."""
    return context_block([mrkdwn(cut(text, most=2_000)) for text in texts])


def buttons(*elements: Element) -> Block:
    """Make a row of things to press. Returns a block."""
    return actions_block(elements)


def joined(lines: Sequence[str], *, most: int = 4_000) -> str:
    """Return the lines as one text of at most `most` characters: empty lines and overlong ends are left out."""
    fitting: list[str] = []
    for line in filter(None, lines):
        most -= len(line) + 1
        if most < 0:
            break
        fitting.append(line)
    return "\n".join(fitting)

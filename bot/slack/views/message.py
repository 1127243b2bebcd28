"""A message as views return it: blocks, and a text that carries the same facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ContextBlock,
    HeaderBlock,
    InteractiveElement,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)


@dataclass(frozen=True, slots=True)
class Message:
    """`text` is what notifications and screen readers get; it is already escaped."""

    text: str
    blocks: tuple[Block, ...] = ()

    def payload(self) -> dict[str, Any]:
        """As the Web API and response URLs take it; slack_sdk refuses blocks beyond Slack's limits here."""
        blocks = [block.to_dict() for block in self.blocks]
        return {"text": self.text, **({"blocks": blocks} if blocks else {})}


def mrkdwn(text: str) -> MarkdownTextObject:
    """Formatted text, already escaped. Verbatim, or Slack makes links of names like "#1 Tyres" and "www.abs.test"."""
    return MarkdownTextObject(text=text, verbatim=True)


def section(text: str) -> SectionBlock:
    """A paragraph, already escaped."""
    return SectionBlock(text=mrkdwn(text))


def note(text: str, *extra: Block) -> Message:
    """A few words of our own, with buttons or context below if given."""
    return Message(text, (section(text), *extra))


def heading(text: str) -> HeaderBlock:
    """A headline of plain text."""
    return HeaderBlock(text=PlainTextObject(text=text, emoji=False))


def aside(*texts: str) -> ContextBlock:
    """Small print, already escaped."""
    return ContextBlock(elements=[mrkdwn(text) for text in texts])


def buttons(*elements: InteractiveElement) -> ActionsBlock:
    """A row of things to press."""
    return ActionsBlock(elements=list(elements))


def joined(lines: Sequence[str], *, most: int = 4_000) -> str:
    """Lines as one text, empty ones left out, and whole lines from the end when it would be too long for Slack."""
    kept: list[str] = []
    for line in filter(None, lines):
        most -= len(line) + 1
        if most < 0:
            break
        kept.append(line)
    return "\n".join(kept)

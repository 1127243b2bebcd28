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


def note(text: str, *extra: Block) -> Message:
    """A few words of our own, with buttons or context below if given."""
    return Message(text, (SectionBlock(text=MarkdownTextObject(text=text)), *extra))


def heading(text: str) -> HeaderBlock:
    """A headline of plain text."""
    return HeaderBlock(text=PlainTextObject(text=text, emoji=False))


def aside(*texts: str) -> ContextBlock:
    """Small print, already escaped."""
    return ContextBlock(elements=[MarkdownTextObject(text=text) for text in texts])


def buttons(*elements: InteractiveElement) -> ActionsBlock:
    """A row of things to press."""
    return ActionsBlock(elements=list(elements))


def joined(lines: Sequence[str]) -> str:
    """Lines as one text, empty ones left out."""
    return "\n".join(line for line in lines if line)

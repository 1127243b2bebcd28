"""Modals that only tell something: to wait, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, PlainTextObject
from slack_sdk.models.views import View

from bot.slack.views.message import Message, section

TITLE = "Sage 200"


def waiting(text: str = "Asking Sage 200…", *, title: str = TITLE) -> View:
    """While the answer is on its way."""
    return modal([section(text)], title=title)


def told(message: Message, *, title: str = TITLE) -> View:
    """A message in a modal; its text stands in its blocks already."""
    return modal(message.blocks, title=title)


def modal(blocks: Sequence[Block], *, title: str) -> View:
    """Something to read and close."""
    return View(
        type="modal", title=PlainTextObject(text=title), close=PlainTextObject(text="Close"), blocks=list(blocks)
    )

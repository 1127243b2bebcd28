"""Modals without a form: a request to wait, or a message."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.views.blocks import Block, View, modal_view
from bot.slack.views.message import Message, section
from bot.slack.views.table import everywhere

TITLE = "Sage 200"


def waiting(text: str = "Asking Sage 200…", *, title: str = TITLE) -> View:
    """Return the modal shown while the answer is on its way."""
    return modal([section(text)], title=title)


def message_modal(message: Message, *, title: str = TITLE) -> View:
    """Return a message as a modal, without its text, which its blocks repeat."""
    return modal(message.blocks, title=title)


def modal(blocks: Sequence[Block], *, title: str) -> View:
    """Return a modal to read and close; a table stands in it as lines."""
    return modal_view(everywhere(blocks), title=title, close="Close")

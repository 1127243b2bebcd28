"""Modals without a form: a request to wait, or a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.slack.views.blocks import Block, View, modal_view
from bot.slack.views.message import Message, section
from bot.slack.views.table import everywhere

TITLE = "Sage 200"


def waiting(text: str = "Asking Sage 200…", *, title: str = TITLE) -> View:
    """Return the modal shown while the answer is on its way."""
    return modal([section(text)], title=title)


def late_answer(window: str) -> View:
    """Return the modal above a form whose answer isn't there in time; `window` is its external id.

    Closing it closes the form too: what it asked for is being done.
    """
    told = "This takes longer than usual, and is still being done. If you close this, a message says how it ended."
    return {**waiting(told), "external_id": window, "clear_on_close": True}


def refused_late(errors: Mapping[str, str]) -> View:
    """Return what is wrong with a form that lies below this modal, with what was filled in."""
    told = "Nothing was changed. Close this window, and the form is there again as you filled it in."
    return modal([*(section(each) for each in dict.fromkeys(errors.values())), section(told)], title=TITLE)


def message_modal(message: Message, *, title: str = TITLE) -> View:
    """Return a message as a modal, without its text, which its blocks repeat."""
    return modal(message.blocks, title=title)


def modal(blocks: Sequence[Block], *, title: str) -> View:
    """Return a modal to read and close; a table stands in it as lines."""
    return modal_view(everywhere(blocks), title=title, close="Close")

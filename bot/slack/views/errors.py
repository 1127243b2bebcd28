"""Expected errors as messages: what happened, and what to do next."""

from __future__ import annotations

from bot.errors import (
    RECONNECTS,
    BadQuestion,
    BotError,
    NotInChannel,
    WorkspaceSignInEnded,
)
from bot.features.connections.views.connect import connect_button
from bot.features.connections.views.status import sign_in_missing
from bot.features.subscriptions.views.list import not_in
from bot.slack.views.blocks import Block
from bot.slack.views.message import Message, buttons, joined, note
from bot.slack.views.text import escaped, readable, words


def explain(error: BotError) -> Message:
    """Return the error's message and hint, with a button if a button fixes it."""
    if isinstance(error, NotInChannel):
        return not_in(error)
    if isinstance(error, WorkspaceSignInEnded) and error.since is not None:
        return note(joined([sign_in_missing(error.owner, error.state, error.since), words(error.hint)]), _connect())
    text = joined(
        [words(error.message), *(_misread(error) if isinstance(error, BadQuestion) else []), words(error.hint)]
    )
    if isinstance(error, RECONNECTS):
        return note(text, _connect())
    return note(text)


def _connect() -> Block:
    return buttons(connect_button())


def _misread(error: BadQuestion) -> list[str]:
    """Return the part that wasn't understood, and what would be, escaped: it may be Sage's or the user's text."""
    typed = f"You typed “{readable(error.typed, most=60)}”." if error.typed else ""
    offered = f"You can type: {', '.join(map(_to_copy, error.offered))}." if error.offered else ""
    return [line for line in (typed, offered) if line]


def _to_copy(offered: str) -> str:
    return f"`{escaped(offered, most=100).replace(chr(96), chr(39))}`"


def still_asking() -> Message:
    """Return the notice while Sage is slow; the answer follows it."""
    return note("Still asking Sage 200. It is slow at the moment; the answer will follow here.")

"""Every expected error as what a person reads: what happened, and what to do next."""

from __future__ import annotations

from bot.errors import BotError, NotConnected, ReconnectNeeded, SageSignInRefused
from bot.slack.views.connect import connect_button
from bot.slack.views.message import Message, buttons, joined, note

_RECONNECT = (NotConnected, ReconnectNeeded, SageSignInRefused)


def explain(error: BotError) -> Message:
    """The error's own words and its mend, with a button where a button mends it."""
    text = joined([error.message, error.mend])
    if isinstance(error, _RECONNECT):
        return note(text, buttons(connect_button()))
    return note(text)


def still_asking() -> Message:
    """Shown while Sage takes its time; the answer follows it."""
    return note("Still asking Sage 200. It is slow just now; the answer will follow here.")

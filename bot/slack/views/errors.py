"""Expected errors as messages: what happened, and what to do next."""

from __future__ import annotations

from bot.errors import (
    RECONNECTS,
    BadQuestion,
    BotError,
    NotInChannel,
    WorkspaceSignInEnded,
)
from bot.features.access.views import ask_button
from bot.features.connections.model import ConnectLinkOffer
from bot.features.connections.views.connect import LINK_LASTS, link_buttons, link_line
from bot.features.connections.views.status import sign_in_missing
from bot.features.subscriptions.views.list import not_in
from bot.slack.views.blocks import Block
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import escaped, readable, words


def lacks_sign_in(error: BotError) -> bool:
    """Return whether a Sage sign-in of the asker's own would mend this."""
    return isinstance(error, RECONNECTS)


def explain(error: BotError, offer: ConnectLinkOffer | None = None) -> Message:
    """Return the error's message and hint, with what mends it: the asker's own connect link, or a button."""
    if isinstance(error, NotInChannel):
        return not_in(error)
    if isinstance(error, WorkspaceSignInEnded) and error.since is not None:
        return _mended(
            joined([sign_in_missing(error.owner, error.state, error.since), words(error.hint)]), error, offer
        )
    text = joined(
        [words(error.message), *(_misread(error) if isinstance(error, BadQuestion) else []), words(error.hint)]
    )
    return _mended(text, error, offer)


def _mended(text: str, error: BotError, offer: ConnectLinkOffer | None) -> Message:
    extra: list[Block] = []
    if lacks_sign_in(error):
        small = [aside(LINK_LASTS)] if offer is not None else []
        extra += [link_buttons(offer), *small]
    if error.asks_access:
        extra.append(buttons(ask_button()))
    line = link_line(offer)
    # In the text too, for a reader of the notification alone.
    return Message(joined([text, line]), (section(text), *extra))


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

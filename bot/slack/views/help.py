"""Help: what this person may type, from the one list of all that can be typed."""

from __future__ import annotations

from collections.abc import Iterable

from bot.features.access.model.commands import (
    ENTRIES,
    CommandEntry,
    CommandGroup,
    Permissions,
    entries_of,
    nearest_commands,
)
from bot.slack.views.message import Message, aside, joined, note, section
from bot.slack.views.text import escaped

_HELP_WORDS = {"", "help", "?", "hi", "hello"}
_CLOSED = (
    "I answer questions about customers from Sage 200, for full members of this workspace. I couldn't confirm that "
    "you are one, so there is nothing here for you to type. If you think that is wrong, ask an admin of this Slack "
    "workspace."
)
_PRIVATE = "Answers are only visible to you."
_WAYS = {
    "/customer": "As in: `/customer ABS001` · `/customer garages` · `/customer NE1 4XY`",
    "/onhold": "Words go together: `/onhold mine currency:EUR` · `/onhold garages not region:Durham`",
}


def asks_for_help(text: str) -> bool:
    """An empty question counts: the person doesn't know what to type."""
    return text.strip().lower() in _HELP_WORDS


def wants_help(text: str) -> bool:
    """Where an empty question is a question."""
    return bool(text.strip()) and asks_for_help(text)


def sage_help(reach: Permissions, *, unknown: str = "") -> Message:
    """By subject; begins with the word that wasn't understood, if there was one, and what it may have meant."""
    if not reach.is_member:
        return note(_CLOSED)
    opening = joined([_unknown(unknown, reach), "Here is what you can type:"])
    # `/onhold help` tells of the others.
    shown = [entry for entry in ENTRIES if entry.command != "/onhold" or entry.word in {"", "help"}]
    parts = [part for part in (_part(group, shown, reach) for group in CommandGroup) if part]
    later = _later(shown, reach)
    said = joined([opening, *parts, later, _PRIVATE])
    blocks = [section(part) for part in (opening, *parts, later) if part]
    return Message(said, (*blocks, aside(_PRIVATE)))


def customer_help(reach: Permissions) -> Message:
    """How to ask for a customer."""
    return _of("/customer", "Ask for a customer by reference, name, short name or postcode:", reach)


def onhold_help(reach: Permissions) -> Message:
    """How to ask for the accounts on hold."""
    return _of("/onhold", "Who is on hold, since when and why:", reach)


def _of(command: str, opening: str, reach: Permissions) -> Message:
    if not reach.is_member:
        return note(_CLOSED)
    shown = entries_of(command)
    usable = [entry for entry in shown if reach.has(entry)]
    ways = _WAYS[command] if any(entry.needs for entry in usable) else ""
    return note(joined([opening if ways else "", *map(line, usable), _later(shown, reach), ways, _PRIVATE]))


def line(entry: CommandEntry) -> str:
    """One thing to type and what comes of it."""
    return f"`{entry.usage}`  {entry.meaning}"


def _part(group: CommandGroup, entries: Iterable[CommandEntry], reach: Permissions) -> str:
    lines = [line(entry) for entry in entries if entry.group is group and reach.has(entry)]
    return joined([f"*{group}*", *lines]) if lines else ""


def _later(entries: Iterable[CommandEntry], reach: Permissions) -> str:
    """What is worth connecting for."""
    usages = [f"`{entry.usage}`" for entry in entries if reach.would_have(entry)]
    return f"Once your own Sage ID is connected (`/sage connect`): {', '.join(usages)}" if usages else ""


def _unknown(word: str, reach: Permissions) -> str:
    if not word:
        return ""
    typed = escaped(word, most=40).replace("`", chr(39))
    nearest = " or ".join(f"`{usage}`" for usage in nearest_commands(word, reach))
    return f"I don't know `/sage {typed}`.{f' Did you mean {nearest}?' if nearest else ''}"

"""Help: what this user may type, from the list of commands."""

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
_EXAMPLES = {
    "/customer": "As in: `/customer ABS001` · `/customer garages` · `/customer NE1 4XY`",
    "/onhold": "Words go together: `/onhold mine currency:EUR` · `/onhold garages not region:Durham`",
}


def asks_for_help(text: str) -> bool:
    """Return whether the text asks for help; an empty text does."""
    return text.strip().lower() in _HELP_WORDS


def wants_help(text: str) -> bool:
    """Return whether the text asks for help, for a command that may be typed without words."""
    return bool(text.strip()) and asks_for_help(text)


def sage_help(permissions: Permissions, *, unknown: str = "") -> Message:
    """Return the commands by subject, after the word that wasn't understood (if any) and its nearest words."""
    if not permissions.is_member:
        return note(_CLOSED)
    opening = joined([_unknown(unknown, permissions), "Here is what you can type:"])
    # `/onhold help` lists the other uses of /onhold.
    shown = [entry for entry in ENTRIES if entry.command != "/onhold" or entry.word in {"", "help"}]
    parts = [part for part in (_part(group, shown, permissions) for group in CommandGroup) if part]
    later = _later(shown, permissions)
    text = joined([opening, *parts, later, _PRIVATE])
    blocks = [section(part) for part in (opening, *parts, later) if part]
    return Message(text, (*blocks, aside(_PRIVATE)))


def customer_help(permissions: Permissions) -> Message:
    """Return how to ask for a customer."""
    return _of("/customer", "Ask for a customer by reference, name, short name or postcode:", permissions)


def onhold_help(permissions: Permissions) -> Message:
    """Return how to ask for the accounts on hold."""
    return _of("/onhold", "Who is on hold, since when and why:", permissions)


def _of(command: str, opening: str, permissions: Permissions) -> Message:
    if not permissions.is_member:
        return note(_CLOSED)
    shown = entries_of(command)
    usable = [entry for entry in shown if permissions.has(entry)]
    examples = _EXAMPLES[command] if any(entry.needs for entry in usable) else ""
    return note(
        joined([opening if examples else "", *map(line, usable), _later(shown, permissions), examples, _PRIVATE])
    )


def line(entry: CommandEntry) -> str:
    """Return one usage with its meaning."""
    return f"`{entry.usage}`  {entry.meaning}"


def _part(group: CommandGroup, entries: Iterable[CommandEntry], permissions: Permissions) -> str:
    lines = [line(entry) for entry in entries if entry.group is group and permissions.has(entry)]
    return joined([f"*{group}*", *lines]) if lines else ""


def _later(entries: Iterable[CommandEntry], permissions: Permissions) -> str:
    """Return the usages that connecting a Sage ID would add."""
    usages = [f"`{entry.usage}`" for entry in entries if permissions.would_have(entry)]
    return f"Once your own Sage ID is connected (`/sage connect`): {', '.join(usages)}" if usages else ""


def _unknown(word: str, permissions: Permissions) -> str:
    if not word:
        return ""
    typed = escaped(word, most=40).replace("`", chr(39))
    nearest = " or ".join(f"`{usage}`" for usage in nearest_commands(word, permissions))
    return f"I don't know `/sage {typed}`.{f' Did you mean {nearest}?' if nearest else ''}"

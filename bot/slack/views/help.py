"""Help: what this user may type, from the list of commands."""

from __future__ import annotations

from collections.abc import Iterable

from bot.command_names import CUSTOMER, ONHOLD, OVERDUE, CommandName, named
from bot.domain.filters.filter_examples import DEMO, FilterExamples
from bot.errors import NotAllowed
from bot.features.access.model.commands import (
    ENTRIES,
    SUBJECTS,
    CommandEntry,
    CommandGroup,
    Permissions,
    entries_about,
    entries_of,
    nearest_commands,
)
from bot.slack.views.errors import explain
from bot.slack.views.message import Message, aside, joined, note, section
from bot.slack.views.text import escaped, words

_HELP_WORDS = {"", "help", "?", "hi", "hello"}
_LISTED = "`/sage help` lists everything you can type."
_PRIVATE = "Answers are only visible to you."
_EXAMPLES = {
    CUSTOMER: "For example: `{customer} ABS001` · `{customer} garages` · `{customer} NE1 4XY`",
    OVERDUE: "Words go together: `{overdue} mine 60+` · `{overdue} garages csv`",
    ONHOLD: "Words go together: `{onhold} mine currency:EUR` · `{onhold} garages not region:Durham`",
}


def asks_for_help(text: str) -> bool:
    """Return whether the text asks for help; an empty text does."""
    return text.strip().lower() in _HELP_WORDS


def wants_help(text: str) -> bool:
    """Return whether the text asks for help, for a command that may be typed without words."""
    return bool(text.strip()) and asks_for_help(text)


def sage_help(
    permissions: Permissions, *, unknown: str = "", topic: str = "", examples: FilterExamples = DEMO
) -> Message:
    """Return the commands by subject, or a topic's with their meanings; the nearest words to an unknown one."""
    if not permissions.is_member:
        return explain(NotAllowed())
    if unknown:
        return note(joined([_unknown(f"/sage {unknown}", unknown, permissions), _LISTED]))
    if topic:
        return _about(topic, permissions, examples)
    opening = "What you can type, by subject. The command beside a subject explains each of its commands."
    parts = [part for part in (_part(group, permissions, examples) for group in SUBJECTS) if part]
    later = _later(ENTRIES, permissions)
    text = joined([opening, *parts, later, _PRIVATE])
    blocks = [section(part) for part in (opening, *parts, later) if part]
    return Message(text, (*blocks, aside(_PRIVATE)))


def customer_help(permissions: Permissions) -> Message:
    """Return how to ask for a customer."""
    return _of(CUSTOMER, "Ask for a customer by reference, name, short name or postcode:", permissions)


def onhold_help(permissions: Permissions, *, examples: FilterExamples = DEMO) -> Message:
    """Return how to ask for the accounts on hold."""
    return _of(ONHOLD, "Who is on hold, since when and why:", permissions, examples)


def overdue_help(permissions: Permissions) -> Message:
    """Return how to ask for late debt."""
    return _of(OVERDUE, "Who is overdue, the oldest debt first:", permissions)


def _of(command: CommandName, opening: str, permissions: Permissions, examples: FilterExamples = DEMO) -> Message:
    if not permissions.is_member:
        return explain(NotAllowed())
    shown = entries_of(str(command))
    usable = [entry for entry in shown if permissions.has(entry)]
    more = _with(examples, named(_EXAMPLES[command])) if any(entry.needs for entry in usable) else ""
    lines = [line(entry, examples) for entry in usable]
    return note(joined([opening if more else "", *lines, _later(shown, permissions), more, _PRIVATE]))


def line(entry: CommandEntry, examples: FilterExamples = DEMO) -> str:
    """Return one usage with its meaning."""
    return _with(examples, f"`{entry.usage}`  {entry.meaning}")


def _with(examples: FilterExamples, text: str) -> str:
    """Return the text with the company's own example."""
    return text.replace(DEMO.condition, words(examples.condition))


def _about(topic: str, permissions: Permissions, examples: FilterExamples) -> Message:
    found = entries_about(topic, permissions)
    if not found:
        return note(joined([_unknown(f"/sage help {topic}", topic, permissions), _LISTED]))
    lines = {group: [line(each, examples) for each in found if each.group is group] for group in CommandGroup}
    parts = [joined([f"*{group}*", *theirs]) for group, theirs in lines.items() if theirs]
    return Message(joined([*parts, _PRIVATE]), (*map(section, parts), aside(_PRIVATE)))


def _part(group: CommandGroup, permissions: Permissions, examples: FilterExamples) -> str:
    """Return a subject's commands without their meanings, and what to type for those."""
    usages = [_with(examples, f"`{each.usage}`") for each in ENTRIES if each.group is group and permissions.has(each)]
    return joined([f"*{group}* (`/sage help {SUBJECTS[group]}`)", " · ".join(usages)]) if usages else ""


def _later(entries: Iterable[CommandEntry], permissions: Permissions) -> str:
    """Return the usages that connecting a Sage ID would add."""
    usages = [f"`{entry.usage}`" for entry in entries if permissions.would_have(entry)]
    return f"Once your own Sage ID is connected (`/sage connect`): {', '.join(usages)}" if usages else ""


def _unknown(command: str, word: str, permissions: Permissions) -> str:
    typed = escaped(command, most=60).replace("`", chr(39))
    nearest = " or ".join(f"`{usage}`" for usage in nearest_commands(word, permissions))
    return f"`{typed}` isn't a command.{f' Did you mean {nearest}?' if nearest else ''}"

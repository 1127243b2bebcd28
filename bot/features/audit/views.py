"""The audit log as messages, one page at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.features.audit.model.hash_chain import ACCESS, AuditRow
from bot.features.audit.model.query import LONGEST
from bot.slack.views.blocks import Block, Element, button_element
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import channel_mention, escaped, group_mention, moment, user_mention

PAGE, CSV, JSON = "audit.page", "audit.csv", "audit.jsonl"
TURNED = re.compile(rf"{re.escape(PAGE)}\.\d{{1,6}}")
_PER_PAGE, _A_SECTION = 10, 5
LONGEST_WORDS = LONGEST
_HAS_IDS = re.compile(
    r"role|found|claim|deputy|offer|hand.over|change customers|change group|subscri|share a card|channel"
)
_ID = re.compile(r"(?<![\w<@#^])[UWSCG][A-Z0-9]{6,20}(?!\w)", re.ASCII)
_MENTIONS = {
    "U": user_mention,
    "W": user_mention,
    "S": group_mention,
    "C": channel_mention,
    "G": channel_mention,
}
_VALUE = re.compile(r"(\d{1,6}) ?(.*)", re.ASCII | re.DOTALL)


def audit_page(lines: Sequence[AuditRow], words: str, *, page: int = 1) -> Message:
    """Return one page of the log, latest first."""
    if not lines:
        about = f" with “{escaped(words, most=100)}”" if words else ""
        return note(f"Nothing is recorded{about}.")
    pages = -(-len(lines) // _PER_PAGE)
    page = min(max(page, 1), pages)
    seen = [_line(row) for row in lines[(page - 1) * _PER_PAGE : page * _PER_PAGE]]
    top = f"*Activity log* · {_lines(len(lines))} · page {page:,} of {pages:,}"
    turns: list[Element] = [
        button_element(text, f"{PAGE}.{to}", value=f"{to} {words[:LONGEST_WORDS]}")
        for to, text in ((page - 1, "Newer"), (page + 1, "Older"))
        if 1 <= to <= pages
    ]
    for text, action in (("Send as CSV", CSV), ("Send as JSON", JSON)):
        turns.append(button_element(text, action, value=f"1 {words[:LONGEST_WORDS]}"))
    small = "Changes to past lines are found by `bot audit verify`."
    parts = ["\n".join(seen[start : start + _A_SECTION]) for start in range(0, len(seen), _A_SECTION)]
    blocks: list[Block] = [section(top), *map(section, parts), buttons(*turns), aside(small)]
    return Message(joined([top, *seen, small]), tuple(blocks))


def audit_file_sent(count: int) -> Message:
    """Return the notice that the file was sent."""
    return note(f"The {_lines(count)} were sent to you as a file, in your conversation with the app.")


def audit_list(count: int, words: str) -> str:
    """Return what the file holds, as the audit log names it."""
    return _lines(count) + (f" with “{words}”" if words else "")


def comment(count: int) -> str:
    """Return the text above the file."""
    return f"Activity log: {_lines(count)}, the latest first."


def audit_page_pressed(action: Mapping[str, Any]) -> tuple[str, int]:
    """Return (words, page) from a button's payload; page 0 if the value is not one of ours."""
    found = _VALUE.fullmatch(str(action.get("value") or ""))
    return (found[2], int(found[1])) if found else ("", 0)


def _lines(count: int) -> str:
    return f"{count:,} line{'s' if count != 1 else ''}"


def _line(row: AuditRow) -> str:
    line = row.line
    who = user_mention(line.who) if line.who else "the app"
    change = " → ".join(_named(line.action, _within(each, 90)) for each in (line.before, line.after) if each)
    what = _named(line.action, _within(line.what, 140))
    return f"`{_letter(row)}{row.number}` {moment(line.at)} {who}: *{escaped(line.action, most=40)}* {what}" + (
        f" ({change})" if change else ""
    )


def _letter(row: AuditRow) -> str:
    """Return what tells the numbers of the two chains apart."""
    return "r" if row.chain == ACCESS else ""


def _named(action: str, text: str) -> str:
    """Return a text already escaped, with names in place of the Slack ids that the app itself put there."""
    # Only in lines that hold ids of ours: elsewhere such a word may be a customer's reference, or what somebody typed.
    return _ID.sub(lambda found: _MENTIONS[found[0][0]](found[0]), text) if _HAS_IDS.search(action) else text


def _within(text: str, most: int) -> str:
    """Return the text escaped, at most `most` characters long after escaping."""
    lengths = (most, most // 2, most // 3, most // 5)
    return next(said for length in lengths if len(said := escaped(text, most=length)) <= most)

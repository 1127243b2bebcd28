"""Dates in a sentence. No figure here is of another day than today, so that a date is only told apart from names."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_SHORT_DAY = r"(?:mon|tues?|wed|thurs?|fri|sat|sun)"
_NTH = r"\d{1,2}(?:st|nd|rd|th)"
_YEAR = r"(?:,?\s+20\d\d)?"
_BEFORE = r"(?:since|by|until|till|before|after|during|from|in|on|at|for|of|due|to)"
_LAST = rf"(?:(?:{_BEFORE}|the|last|next|this|end of|start of|beginning of|early|late|mid)\s+)"
_HOLIDAY = r"(?:christmas|xmas|easter|new year(?:'s)?|the bank holiday)"
_SPANS = (
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b{_YEAR}",
    rf"{_LAST}{_MONTH}(?:\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\b)?{_YEAR}(?!\s+(?-i:[A-Z]))",
    rf"{_LAST}{_HOLIDAY}",
    r"(?:[12]?\d|0\d|3[01])[/.-](?:0?[1-9]|1[0-2])[/.-](?:20)?\d\d",
    r"20\d\d-\d\d-\d\d",
    rf"(?:on|by|since|before|after|until|till)\s+(?:the\s+)?(?:{_NTH}|\d{{1,2}}/\d{{1,2}})(?!\s+(?-i:[A-Z])|[\d/])",
    r"(?:in|since|during|of|for|from|before)\s+(?:the\s+year\s+)?20\d\d(?!\s*(?-i:[A-Z])|[\d,.]*\d)",
    r"(?:in|for|of|this|last|next)\s+(?:the\s+)?q[1-4]",
)
_BEGINS = r"(?=\w)(?<![\w£$€])"
# Month names need a small word before them: “March Motors” and “may” are no dates.
_CALENDAR = re.compile(rf"{_BEGINS}(?:{_BEFORE}\s+)?(?:the\s+)?(?:{'|'.join(_SPANS)})(?!\w)", re.IGNORECASE)
_CAPITAL = re.compile(r"\s+[A-Z]")
_WHEN = re.compile(
    rf"{_BEGINS}(?:{_BEFORE}\s+)?(?:"
    rf"(?:(?:this|next|last|coming)\s+)?{_DAY}|(?:by|on|since|until|till|before|this|next|last)\s+{_SHORT_DAY}|"
    r"(?:the\s+)?(?:end|start|beginning|middle)\s+of\s+(?:the\s+|this\s+|next\s+|last\s+)?(?:week|month|quarter|year)|"
    r"(?:this|next|last)\s+(?:week(?:end)?|month|quarter|year)|tomorrow|yesterday|month end|year end|"
    r"(?:(?:last|past|next)\s+)?(?:\d{1,3}|a|a few|two|three|couple of)\s+(?:days?|weeks?|months?|years?)\s+ago|"
    r"(?:the\s+)?(?:last|past|next)\s+(?:\d{1,3}|few|two|three)\s+(?:days|weeks|months|years)"
    r")(?!\w)",
    re.IGNORECASE,
)


def without_dates(text: str) -> str:
    """Return the text without the dates that could be taken for names and numbers: “on 1 June”, “in March”."""
    return _without(text, _calendar(text))


def dates_in(text: str) -> tuple[str, ...]:
    """Return every date and period in a text, as typed."""
    calendar = _calendar(text)
    return (*(found[0] for found in calendar), *(found[0] for found in _WHEN.finditer(_without(text, calendar))))


def _calendar(text: str) -> list[re.Match[str]]:
    return [found for found in _CALENDAR.finditer(text) if not _is_name(found, text)]


def _without(text: str, dates: Sequence[re.Match[str]]) -> str:
    begins, ends = [0, *(found.end() for found in dates)], [*(found.start() for found in dates), len(text)]
    return " ".join(text[begin:end] for begin, end in zip(begins, ends, strict=True))


def _is_name(found: re.Match[str], text: str) -> bool:
    """Return whether a word with a capital follows, as in “for May Motors”."""
    return _CAPITAL.match(text, found.end()) is not None and not any(mark.isdigit() for mark in found[0])

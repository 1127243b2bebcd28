"""A day to come as people type it: `Friday`, `tomorrow`, `20 March`, `20/03/2026`, `2026-03-20`, `month end`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from bot.domain.schedule import DAYS

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>[a-z]{3,9})"
_FORMS = (
    re.compile(r"(?P<year>\d{4})-(?P<number>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})[/.](?P<number>\d{1,2})(?:[/.](?P<year>\d{4}|\d{2}))?"),
    re.compile(rf"(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},?(?: (?P<year>\d{{4}}))?"),
    re.compile(rf"{_MONTH} (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?(?: (?P<year>\d{{4}}))?"),
)
_AHEAD = re.compile(r"in (?P<count>\d{1,3}) (?P<unit>day|week)s?")
_NEAR = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}
_MOST_WORDS = 5
# In December "10 January" is the coming one; in March "20 February" is a slip.
_NEXT_YEAR = timedelta(days=183)


class NoSuchDay(ValueError):
    """A day was meant, and the calendar has none like it."""


def day_typed(words: Sequence[str], today: date) -> tuple[date, int] | None:
    """Return the day that the first words name, and how many words those are; None if they name none.

    A day of the week is the next one. The day may lie in the past. Raises NoSuchDay for `31 June` and the like.
    """
    for count in range(min(len(words), _MOST_WORDS), 0, -1):
        found = _day(" ".join(words[:count]).casefold().rstrip(".,;"), today)
        if found is not None:
            return found, count
    return None


def _day(text: str, today: date) -> date | None:
    if text in _NEAR:
        return today + timedelta(days=_NEAR[text])
    if text in {"month end", "end of month", "end of the month", "the end of the month"}:
        return (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    name = text.removeprefix("next ").removeprefix("this ").removeprefix("on ")
    ahead_or_back = 1
    if name.startswith("last "):
        name, ahead_or_back = name.removeprefix("last "), -1
    for count in range(1, 8):
        day = today + timedelta(days=ahead_or_back * count)
        long = DAYS[day.weekday()].casefold()
        if name in {long, long[:3], long[:4], long[:5]}:
            return day
    ahead = _AHEAD.fullmatch(text)
    if ahead is not None:
        return today + timedelta(days=int(ahead["count"]) * (7 if ahead["unit"] == "week" else 1))
    return next((found for form in _FORMS if (found := _dated(form.fullmatch(text), today)) is not None), None)


def _dated(found: re.Match[str] | None, today: date) -> date | None:
    if found is None:
        return None
    parts = found.groupdict()
    month = int(parts["number"]) if "number" in parts else _month(parts["month"])
    if month is None:
        return None
    year, day = parts["year"], int(parts["day"])
    if year is not None:
        return _made(int(year) + (2000 if len(year) == 2 else 0), month, day)
    this = _made(today.year, month, day)
    if this < today:
        following = _made(today.year + 1, month, day)
        return following if following - today <= _NEXT_YEAR else this
    return this


def _month(name: str) -> int | None:
    whole = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october")
    known = {**{each: place for place, each in enumerate(_MONTHS, 1)}, "sept": 9, "november": 11, "december": 12}
    known |= {each: place for place, each in enumerate(whole, 1)}
    return known.get(name)


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NoSuchDay from None

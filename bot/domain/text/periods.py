"""A period of past days as people type it: `since Monday`, `last week`, `1 Nov to 7 Nov`, `in October`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.domain.schedule import DAYS
from bot.domain.text.parsing import NUMBERS, unquoted
from bot.errors import BadQuestion

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY_NAMES = "|".join(day.lower() for day in DAYS)
_SHORT_NAMES = r"mon|tues?|wed|thurs?|fri|sat|sun"
_COUNTS = {**NUMBERS, "a": 1, "couple of": 2, "a couple of": 2, "": 1}
_COUNT = rf"(?:\d{{1,3}}|a\s+couple\s+of|couple\s+of|a|{'|'.join(NUMBERS)})"
_UNIT = r"(?:week|month|quarter|year)"
# One day, as it may stand alone.
_DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:\s+\d{{4}})?|"
    rf"{_MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?:\s+\d{{4}})?|\d{{1,2}}/\d{{1,2}}(?:/\d{{4}})?|"
    rf"today|this\s+morning|this\s+afternoon|tonight|yesterday|last\s+night|(?:last\s+|this\s+)?(?:{_DAY_NAMES})|"
    rf"{_COUNT}\s+(?:days?|weeks?)\s+ago)"
)
# Several days, as they may stand alone.
_SPAN = (
    rf"(?:(?:this|last|previous)\s+{_UNIT}|"
    rf"(?:the\s+)?(?:last|past)\s+(?:{_COUNT}\s+)?(?:days?|weeks?|months?|years?|fortnight)|"
    rf"(?:the\s+)?(?:start|beginning)\s+of\s+(?:the|this|last)\s+{_UNIT})"
)
# These are days only behind a word that leads to them: “May” and “Sun” are names too.
_LED = rf"(?:(?:last\s+|this\s+)?(?:{_SHORT_NAMES})|{_MONTH}(?:\s+\d{{4}})?|20\d\d)"
_ANY = rf"(?:{_SPAN}|{_DATE}|{_LED})"
_ENDS = r"(?![\w-]|/\d)"
_BEGINS = r"(?<![\w:=-])"
_FORMS = (
    re.compile(rf"{_BEGINS}(?:from\s+|between\s+)?({_ANY})\s+(?:to|until|till|and|-)\s+({_ANY}){_ENDS}", re.IGNORECASE),
    re.compile(rf"{_BEGINS}(?:ever\s+since|since|from|after)\s+({_ANY})(?:\s+onwards?)?{_ENDS}", re.IGNORECASE),
    re.compile(rf"{_BEGINS}(?:up\s+to|to|until|till)\s+({_ANY}){_ENDS}", re.IGNORECASE),
    re.compile(rf"{_BEGINS}before\s+({_ANY}){_ENDS}", re.IGNORECASE),
    re.compile(
        rf"{_BEGINS}(?:(?:on|in|during|over|within)\s+({_ANY})|(?:for\s+)?({_SPAN}|{_DATE})){_ENDS}", re.IGNORECASE
    ),
)
_BETWEEN, _SINCE, _UNTIL, _BEFORE, _DURING = _FORMS
_AND = re.compile(r"\sand\s", re.IGNORECASE)
_SINCE_WHAT = re.compile(r"(?<!\S)since(?!\S)", re.IGNORECASE)
_ROLLING = re.compile(
    rf"(?:the )?(?:(?:last|past) (?P<count>{_COUNT}) (?P<unit>day|week|month|year)s?|"
    r"(?P<past>past|the last) (?P<one>day|week|month|year)s?|(?:last|past) fortnight)"
)
_AGO = re.compile(rf"(?P<count>{_COUNT}) (?P<unit>day|week)s? ago")
_SPOKEN = {"today": 0, "this morning": 0, "this afternoon": 0, "tonight": 0, "yesterday": 1, "last night": 1}
_WEEK, _DAY = timedelta(days=7), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days from the first to the last, both in it; None where it has no beginning, or lasts until now."""

    first: date | None = None
    last: date | None = None

    def begin(self, zone: ZoneInfo) -> datetime | None:
        """Return the moment it begins."""
        return _beginning(self.first, zone) if self.first is not None else None

    def end(self, zone: ZoneInfo) -> datetime | None:
        """Return the moment it is over, which is no more in it."""
        return _beginning(self.last + _DAY, zone) if self.last is not None else None


ANY_TIME = Period()


class PeriodSaid(NamedTuple):
    """A period as it stands in a text: what was typed, and the text without it."""

    said: str
    rest: str


def period_in(text: str) -> PeriodSaid:
    """Return the first period in a text, unread; empty if there is none. What is in quotation marks is a name."""
    found = _found(text)
    return (
        PeriodSaid("", text) if found is None else PeriodSaid(" ".join(found[1][0].split()), _without(text, found[1]))
    )


def period_typed(text: str, today: date, *, hint: str) -> tuple[Period | None, str]:
    """Return the first period in a text, and the text without it; None if there is none.

    A day without a year is the last such day that is not to come. Raises BadQuestion for “since” and no day, for
    `31 June` and for a period that ends before it begins.
    """
    found = _found(text)
    unread = _SINCE_WHAT.search(unquoted(text if found is None else _without(text, found[1])))
    if unread is not None:
        is_alone = not text[unread.end() :].strip()
        words = "Say since which day." if is_alone else "There is no such day."
        raise BadQuestion(words, typed="" if is_alone else text[unread.start() :], hint=hint)
    if found is None:
        return None, text
    form, match = found
    try:
        units = [_days(each, today) for each in match.groups() if each]
        # “Today and yesterday” are both, whichever is said first.
        period = _period(form, sorted(units, key=lambda unit: unit[0]) if _AND.search(match[0]) else units)
    except (ValueError, OverflowError):
        raise BadQuestion("There is no such day.", typed=match[0], hint=hint) from None
    if period.first is not None and period.last is not None and period.first > period.last:
        raise BadQuestion("The first day is after the last one.", typed=match[0], hint=hint)
    return period, _without(text, match)


def _found(text: str) -> tuple[re.Pattern[str], re.Match[str]] | None:
    plain = unquoted(text)
    return next(((form, found) for form in _FORMS if (found := form.search(plain)) is not None), None)


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _period(form: re.Pattern[str], units: list[tuple[date, date | None]]) -> Period:
    (first, last), (_, end) = units[0], units[-1]
    if form is _SINCE:
        return Period(first)
    if form is _UNTIL:
        return Period(None, last)
    return Period(None, first - _DAY) if form is _BEFORE else Period(first, end)


def _days(typed: str, today: date) -> tuple[date, date | None]:
    """Return the first and the last day of one day, week and the like; None for those that last until now."""
    text = " ".join(typed.casefold().split())
    if (rolling := _ROLLING.fullmatch(text)) is not None:
        return _back(today, rolling), None
    first, _, unit = text.partition(" ")
    if unit in {"week", "month", "quarter", "year"}:
        begin = _first_of(unit, today)
        return (begin, _last_of(unit, begin)) if first == "this" else _before(unit, begin)
    if text.removeprefix("the ").startswith(("start of", "beginning of")):
        *_, which, unit = text.split()
        begin = _first_of(unit, today)
        begin = _before(unit, begin)[0] if which == "last" else begin
        return begin, begin
    if (month := re.fullmatch(rf"({_MONTH})(?: (\d{{4}}))?", text)) is not None:
        number = _MONTHS.index(month[1][:3]) + 1
        begin = date(int(month[2] or today.year - (number > today.month)), number, 1)
        return begin, _last_of("month", begin)
    if re.fullmatch(r"20\d\d", text):
        return date(int(text), 1, 1), date(int(text), 12, 31)
    day = _day(text, today)
    return day, day


def _day(text: str, today: date) -> date:
    if text in _SPOKEN:
        return today - timedelta(days=_SPOKEN[text])
    if (ago := _AGO.fullmatch(text)) is not None:
        return today - _count(ago["count"]) * (_WEEK if ago["unit"] == "week" else _DAY)
    name = text.removeprefix("last ").removeprefix("this ")
    for index, day in enumerate(DAYS):
        if name[:3] == day[:3].casefold():
            back = (today.weekday() - index) % 7
            return today - timedelta(days=7 if not back and text.startswith("last ") else back)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    return _dated(text, today)


def _dated(text: str, today: date) -> date:
    """Return the day of `1 Nov`, `1/11/2025`."""
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    month = re.search(_MONTH, text)
    if month is not None:
        numbers.insert(1, _MONTHS.index(month[0][:3]) + 1)
    if len(numbers) == 3:
        return date(numbers[2], numbers[1], numbers[0])
    this_year = date(today.year, numbers[1], numbers[0])
    return this_year if this_year <= today else date(today.year - 1, numbers[1], numbers[0])


def _back(today: date, rolling: re.Match[str]) -> date:
    """Return the day so many days, weeks, months or years ago."""
    unit, count = rolling["unit"] or rolling["one"] or "week", _count(rolling["count"] or "")
    if unit in {"day", "week"}:
        fortnight = not (rolling["unit"] or rolling["one"])
        return today - (2 if fortnight else count) * (_WEEK if unit == "week" else _DAY)
    months = today.year * 12 + today.month - 1 - count * (12 if unit == "year" else 1)
    return date(months // 12, months % 12 + 1, min(today.day, 28))


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _COUNTS[text]


def _first_of(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1}.get(unit, 1)
    return day.replace(month=month, day=1)


def _last_of(unit: str, begin: date) -> date:
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit, 0)
    if not months:
        return begin + 6 * _DAY
    following = begin.year * 12 + begin.month - 1 + months
    return date(following // 12, following % 12 + 1, 1) - _DAY


def _before(unit: str, begin: date) -> tuple[date, date]:
    """Return the week, month, quarter or year before the one that begins then."""
    last = begin - _DAY
    return _first_of(unit, last), last


def _beginning(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)

"""The parser of a digest's schedule: `weekdays 08:30`, `daily 7am`, `mon,wed,fri 16:00 Europe/London`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import time
from functools import cache

from bot.domain.schedule import DAYS, WEEKDAYS, WEEKEND, OnHoliday, Region, Schedule
from bot.domain.time_zones import known_zones, nearest_zones
from bot.errors import BadQuestion

SCHEDULE_EXAMPLE = "Try `weekdays 08:30`, `mon,wed,fri 16:00` or `daily 7am Europe/London`."
FILLERS = {"every", "each", "at", "on", "and", "the", "in", "day"}
_SEVERAL_DAYS = {
    ("weekdays", "weekday", "workdays", "working-days"): WEEKDAYS,
    ("daily", "everyday", "every-day"): WEEKDAYS | WEEKEND,
    ("weekends", "weekend"): WEEKEND,
}
_ONE_DAY = [
    {name.lower(), f"{name.lower()}s", name[:3].lower(), *also}
    for name, also in zip(DAYS, ((), ("tues",), ("weds",), ("thur", "thurs"), (), (), ()), strict=True)
]
_REGIONS = {
    "england-and-wales": Region.ENGLAND_AND_WALES,
    "england": Region.ENGLAND_AND_WALES,
    "wales": Region.ENGLAND_AND_WALES,
    "scotland": Region.SCOTLAND,
    "northern-ireland": Region.NORTHERN_IRELAND,
}
_INCLUDING = "including-holidays"
_CHOICES = {"skip": OnHoliday.SKIP, "next-working-day": OnHoliday.NEXT_WORKING_DAY}
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(am|pm)?")
_WORDED_TIMES = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_DAY_NAMES = "|".join(sorted(frozenset().union(*_ONE_DAY), key=len, reverse=True))
_PHRASES = [
    (re.compile(rf"\b({_DAY_NAMES})\s*(?:-|to|until|till|through)\s*({_DAY_NAMES})\b", re.I), r"\1-\2"),
    (re.compile(r"(\d)\s+(am|pm)\b", re.I), r"\1\2"),
    (re.compile(r"\bengland (?:and|&) wales\b", re.I), "england-and-wales"),
    (re.compile(r"\bnorthern ireland\b", re.I), "northern-ireland"),
    (re.compile(r"\b(?:including|incl|inc)\W+(?:bank[ -])?holidays\b", re.I), _INCLUDING),
    (re.compile(r"\bskip(?:ping)?\W+(?:bank[ -])?holidays\b", re.I), "skip"),
    (re.compile(r"\bnext working day\b", re.I), "next-working-day"),
    (re.compile(r"\bworking days\b", re.I), "working-days"),
    (re.compile(r"\bevery day\b", re.I), "every-day"),
]


@dataclass(slots=True)
class _Reading:
    """A schedule half read."""

    days: set[int] = field(default_factory=set)
    at: list[time] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    region: Region | None = None
    on_holiday: OnHoliday | None = None
    including: bool = False


_LONGEST = 500  # every day, time, zone and holiday written out takes some two hundred


def parse_schedule(words: str, *, zone: str, region: Region | None = None) -> Schedule:
    """Return the typed schedule; `zone` and `region` are the workspace's, for a schedule that names none.

    Bank holidays concern digests of working days alone unless a region is typed: who says "daily" means Christmas
    too. Raises BadQuestion, with an example.
    """
    if len(words) > _LONGEST:
        raise BadQuestion("That is too long for days and times.", hint=SCHEDULE_EXAMPLE)
    text = with_phrases_joined(" ".join(words.casefold().split()))
    reading = _Reading()
    for word in filter(None, re.split(r"[\s,]+", text)):
        _read(reading, word)
    if not reading.days:
        raise BadQuestion("On which days?", typed=words, hint=SCHEDULE_EXAMPLE)
    if len(reading.at) != 1:
        problem = "At what time?" if not reading.at else "One digest has one time; subscribe twice for two."
        raise BadQuestion(problem, typed=words, hint=SCHEDULE_EXAMPLE)
    if len(reading.zones) > 1:
        raise BadQuestion("One digest has one time zone.", typed=words, hint=SCHEDULE_EXAMPLE)
    days = frozenset(reading.days)
    chosen = reading.region or (region if days <= WEEKDAYS or reading.on_holiday else None)
    if reading.on_holiday and not chosen:
        raise BadQuestion("Whose bank holidays?", offered=list(Region), hint=SCHEDULE_EXAMPLE)
    return Schedule(
        days=days,
        at=reading.at[0],
        zone=reading.zones[0] if reading.zones else zone,
        region=None if reading.including else chosen,
        on_holiday=OnHoliday.SKIP if reading.including or chosen is None else reading.on_holiday or OnHoliday.SKIP,
    )


def with_phrases_joined(text: str) -> str:
    """Return the text with what is several words, such as `next working day`, made one."""
    for phrase, single in _PHRASES:
        text = phrase.sub(single, text)
    return text


def is_word(word: str) -> bool:
    """Return whether a word in lower case can be a part of a schedule."""
    if word in FILLERS or word in _REGIONS or word in _CHOICES or word == _INCLUDING or word in known_zones():
        return True
    return bool(_days(word)) or bool(_TIME.fullmatch(word)) or word in _WORDED_TIMES or word in _cities()


def is_time(word: str) -> bool:
    """Return whether the word is a time of day written with figures, such as `08:30`."""
    return _TIME.fullmatch(word.casefold()) is not None


def _read(reading: _Reading, word: str) -> None:
    """Add one word of any kind to the reading. Raises BadQuestion."""
    days, at = _days(word), _time(word)
    if days:
        reading.days |= days
    elif at is not None:
        reading.at.append(at)
    elif word in _REGIONS:
        reading.region = _REGIONS[word]
    elif word in _CHOICES:
        reading.on_holiday = _CHOICES[word]
    elif word == _INCLUDING:
        reading.including = True
    elif word not in FILLERS:
        reading.zones.append(_zone(word))


def _days(word: str) -> frozenset[int]:
    """Return the days of `weekdays`, `mon`, `Mondays` or `mon-fri`; none for any other word."""
    for spellings, days in _SEVERAL_DAYS.items():
        if word in spellings:
            return days
    first, dash, last = word.partition("-")
    start, end = _day(first), _day(last) if dash else _day(first)
    if start is None or end is None:
        return frozenset()
    return frozenset((start + step) % 7 for step in range((end - start) % 7 + 1))


def _day(word: str) -> int | None:
    return next((number for number, spellings in enumerate(_ONE_DAY) if word in spellings), None)


def _time(word: str) -> time | None:
    """Return the time of `08:30`, `8.30`, `7am`, `12pm`, `9` or `noon`; None for any other word. Raises BadQuestion."""
    found = _TIME.fullmatch(word)
    if word in _WORDED_TIMES or found is None:
        return _WORDED_TIMES.get(word)
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if minute > 59 or not (1 <= hour <= 12 if half else hour <= 23):
        raise BadQuestion("There is no such time of day.", typed=word, hint=SCHEDULE_EXAMPLE)
    return time(hour % 12 + (12 if half == "pm" else 0) if half else hour, minute)


@cache
def _cities() -> frozenset[str]:
    return frozenset(key.rpartition("/")[2] for key in known_zones() if key.count("/") == 1)


def _zone(word: str) -> str:
    """Return a time zone by its name in any case, or by its city alone. Raises BadQuestion."""
    known = known_zones()
    if word in known:
        return known[word]
    cities = sorted(name for key, name in known.items() if key.rpartition("/")[2] == word and key.count("/") == 1)
    if len(cities) == 1:
        return cities[0]
    raise BadQuestion(
        "That isn't a day, a time or a time zone.",
        typed=word,
        # For what doesn't look like a zone, three cities would only puzzle.
        offered=cities or (nearest_zones(word) if "/" in word else ()),
        hint=SCHEDULE_EXAMPLE,
    )

"""A digest's schedule: days, a local time, bank holidays, and both clock changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import holidays

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = frozenset(range(5))
WEEKEND = frozenset({5, 6})
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class Region(StrEnum):
    """The parts of the UK that keep bank holidays of their own, as GOV.UK names them."""

    ENGLAND_AND_WALES = "england-and-wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"


class OnHoliday(StrEnum):
    """What happens to a digest that falls on a bank holiday."""

    SKIP = "skip"
    NEXT_WORKING_DAY = "next-working-day"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Days of the week (Monday is 0) at a local time of a zone. Without a `region` no day is a holiday."""

    days: frozenset[int]
    at: time
    zone: str
    region: Region | None = None
    on_holiday: OnHoliday = OnHoliday.SKIP

    def __post_init__(self) -> None:
        if not self.days or not self.days <= WEEKDAYS | WEEKEND:
            raise ValueError("a schedule needs days of the week, 0 to 6")
        if self.at.tzinfo is not None:
            raise ValueError("the time of a schedule is local: the zone stands beside it")


_SUBDIVISIONS = {Region.ENGLAND_AND_WALES: "ENG", Region.SCOTLAND: "SCT", Region.NORTHERN_IRELAND: "NIR"}


@cache
def _holidays(region: Region) -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[region])


def is_holiday(day: date, region: Region | None) -> bool:
    """Return whether a day is a bank holiday in the region, substitute days too; later proclamations are unknown."""
    return region is not None and day in _holidays(region)


def is_working_day(day: date, region: Region | None) -> bool:
    """Return whether a day is Monday to Friday and no bank holiday in the region."""
    return day.weekday() in WEEKDAYS and not is_holiday(day, region)


def working_days_after(day: date, count: int, region: Region | None) -> date:
    """Return the day `count` working days later; the day itself for none."""
    while count > 0:
        day += _DAY
        count -= is_working_day(day, region)
    return day


def is_due_on(schedule: Schedule, day: date) -> bool:
    """Return whether a digest is due on a calendar day, bank holidays taken into account."""
    if _planned(schedule, day):
        return True
    if schedule.on_holiday is OnHoliday.SKIP or not is_working_day(day, schedule.region):
        return False
    # A working day also takes what fell on the holidays between it and the working day before.
    earlier = day - _DAY
    while not is_working_day(earlier, schedule.region):
        if earlier.weekday() in schedule.days and is_holiday(earlier, schedule.region):
            return True
        earlier -= _DAY
    return False


def _planned(schedule: Schedule, day: date) -> bool:
    return day.weekday() in schedule.days and not is_holiday(day, schedule.region)


def moment_on(schedule: Schedule, day: date) -> datetime:
    """Return the schedule's time on a day, in UTC.

    A time that the clocks skip becomes the moment to which they go forward; of a time shown twice, the first counts.
    """
    zone = ZoneInfo(schedule.zone)
    wall = datetime.combine(day, schedule.at)
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # Read with the offset after the change it lies before the change, and with the offset before it lies after.
    low, high = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    offset = high.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, high)
    return high


def next_due(schedule: Schedule, after: datetime) -> datetime:
    """Return the first due moment strictly later than an aware one, in UTC."""
    return next(moment for moment in _due(schedule, after, _DAY) if moment > after)


def last_due(schedule: Schedule, now: datetime) -> datetime:
    """Return the latest due moment that is not later than `now`, in UTC."""
    return next(moment for moment in _due(schedule, now, -_DAY) if moment <= now)


def missed(schedule: Schedule, last: datetime, now: datetime) -> datetime | None:
    """Return the latest moment due after `last` (the last run) up to `now`, or None; earlier ones are not made up."""
    latest = last_due(schedule, now)
    return latest if latest > last else None


def _due(schedule: Schedule, near: datetime, step: timedelta) -> Iterator[datetime]:
    if near.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    # One day of margin: a skipped time may belong to the day beside.
    day = near.astimezone(ZoneInfo(schedule.zone)).date() - step
    while True:
        if is_due_on(schedule, day):
            yield moment_on(schedule, day)
        day += step


def describe_schedule(schedule: Schedule) -> str:
    """Return `weekdays at 08:30 (Europe/London), not on bank holidays in Scotland`."""
    said = f"{_days_said(schedule.days)} at {schedule.at:%H:%M} ({schedule.zone})"
    if schedule.region is None:
        return said
    # "and" is no name; the others are.
    place = " ".join(word if word == "and" else word.capitalize() for word in schedule.region.split("-"))
    if schedule.on_holiday is OnHoliday.SKIP:
        return f"{said}, not on bank holidays in {place}"
    return f"{said}, after bank holidays in {place} on the next working day"


def _days_said(days: frozenset[int]) -> str:
    if days in _NAMED:
        return _NAMED[days]
    *most, last = (DAYS[day] for day in sorted(days))
    return f"every {', '.join(most)} and {last}" if most else f"every {last}"


_NAMED = {WEEKDAYS | WEEKEND: "every day", WEEKDAYS: "weekdays", WEEKEND: "weekends"}


def schedule_as_typed(schedule: Schedule) -> str:
    """Return the text that `parse_schedule` reads as this schedule under any defaults."""
    days = ",".join(DAYS[day][:3].lower() for day in sorted(schedule.days))
    holiday = f"{schedule.region} {schedule.on_holiday}" if schedule.region else "including-holidays"
    return f"{days} {schedule.at:%H:%M} {schedule.zone} {holiday}"

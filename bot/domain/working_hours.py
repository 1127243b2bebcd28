"""The hours of a working day: when one ends, and what time is after so many working hours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.schedule import WEEKDAYS, WEEKEND, Region, Schedule, is_working_day, moment_on

_TYPED = re.compile(r"(\d{1,2})[:.]?(\d{2})?\s*(?:-|–|to)\s*(\d{1,2})[:.]?(\d{2})?", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When work begins and ends on a working day, in the workspace's own time."""

    opens: time = time(9)
    closes: time = time(17, 30)

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"


def read_hours(typed: str) -> WorkingHours | None:
    """Return the hours in `09:00-17:30` or `9 to 17`; None for anything else, and for an end before the beginning."""
    found = _TYPED.fullmatch(typed.strip())
    if found is None:
        return None
    try:
        opens = time(int(found[1]), int(found[2] or 0))
        closes = time(int(found[3]), int(found[4] or 0))
    except ValueError:
        return None
    return WorkingHours(opens, closes) if opens < closes else None


def closing_on(day: date, hours: WorkingHours, zone: str) -> datetime:
    """Return when work ends on a day, in UTC; on a day off, when it would."""
    return moment_on(_every_day(hours.closes, zone), day)


def after_working(start: datetime, span: timedelta, hours: WorkingHours, zone: str, region: Region | None) -> datetime:
    """Return the moment, in UTC, at which so much working time has passed since an aware one."""
    day, left = start.astimezone(ZoneInfo(zone)).date(), span
    while True:
        if is_working_day(day, region):
            opens = max(moment_on(_every_day(hours.opens, zone), day), start.astimezone(UTC))
            closes = closing_on(day, hours, zone)
            if opens < closes and left <= closes - opens:
                return opens + left
            left -= max(closes - opens, timedelta())
        day += _DAY


def _every_day(at: time, zone: str) -> Schedule:
    return Schedule(WEEKDAYS | WEEKEND, at, zone)

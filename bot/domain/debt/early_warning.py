"""Early warnings: what has got worse of late about a customer, each a fact that can be checked; never a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

_KEPT = 7  # months
_SLOWER_BY = 7  # days
_MUCH_USED, _USED_MORE_BY = 75, 20  # per cent of the limit
BROKEN_WITHIN = 180
"""The days for which a broken promise counts."""


class WarningKind(StrEnum):
    """What has got worse."""

    PAYS_LATER = "pays later"
    USES_MORE = "uses more of its limit"
    BREAKS_PROMISES = "breaks promises"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a customer was like on the first judged day of a month. None: not known, or no limit set."""

    day: date
    days_to_pay: int | None
    used: int | None

    def as_stored(self) -> list[Any]:
        """Return the mark as the database keeps it."""
        return [self.day.isoformat(), self.days_to_pay, self.used]


@dataclass(frozen=True, slots=True)
class WarningPoint:
    """One thing that has got worse: what it is now, and what it was on a day before. Broken promises are a number."""

    kind: WarningKind
    now: int
    before: int = 0
    since: date | None = None

    def as_stored(self) -> list[Any]:
        """Return the point as the database keeps it."""
        return [self.kind.value, self.now, self.before, self.since.isoformat() if self.since else None]


def warning_points(
    marks: Sequence[Mark], *, days_to_pay: int | None, terms: int | None, used: int | None, broken: int
) -> tuple[WarningPoint, ...]:
    """Return what has got worse since the oldest mark that knows of it; nothing where nothing is compared.

    A customer pays later by seven days on average or more, and beyond its terms (in days, as `days_to_pay`). It uses
    more of its limit by 20 points or more, and 75% or more of it. `broken` counts promises broken of late.
    """
    points = []
    paid = next(((mark.days_to_pay, mark.day) for mark in marks if mark.days_to_pay), None)
    if paid is not None and days_to_pay and days_to_pay >= paid[0] + _SLOWER_BY and days_to_pay > (terms or 0):
        points.append(WarningPoint(WarningKind.PAYS_LATER, days_to_pay, *paid))
    had = next(((mark.used, mark.day) for mark in marks if mark.used is not None), None)
    if had is not None and used is not None and used >= max(_MUCH_USED, had[0] + _USED_MORE_BY):
        points.append(WarningPoint(WarningKind.USES_MORE, used, *had))
    if broken:
        points.append(WarningPoint(WarningKind.BREAKS_PROMISES, broken))
    return tuple(points)


def with_mark(marks: Sequence[Mark], new: Mark) -> tuple[Mark, ...]:
    """Return the marks with one of this month, if there is none yet; the oldest are forgotten."""
    if marks and (marks[-1].day.year, marks[-1].day.month) == (new.day.year, new.day.month):
        return tuple(marks)
    return (*marks, new)[-_KEPT:]


def used_of(balance: Decimal | None, limit: Decimal | None) -> int | None:
    """Return the per cent of a limit that is used; None without a limit or a balance."""
    if balance is None or not limit or limit < 0:
        return None
    return max(0, int(balance / limit * 100))


def marks_from(stored: Sequence[Sequence[Any]]) -> tuple[Mark, ...]:
    """Return the marks as they were stored."""
    return tuple(Mark(date.fromisoformat(day), days, used) for day, days, used in stored)


def points_from(stored: Sequence[Sequence[Any]]) -> tuple[WarningPoint, ...]:
    """Return the points as they were stored."""
    return tuple(
        WarningPoint(WarningKind(kind), now, before, date.fromisoformat(since) if since else None)
        for kind, now, before, since in stored
    )


def whole(details: Mapping[str, Any], name: str) -> int | None:
    """Return a whole number among a customer's stored fields; None without one."""
    try:
        return int(details.get(name) or 0) or None
    except (TypeError, ValueError):
        return None

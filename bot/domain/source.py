"""The source of figures: Sage 200 just now, or the cached copy with its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

IN_TIME = 2.0
"""Seconds to wait for Sage where there is a cached copy to show instead."""


class Away(StrEnum):
    """Why Sage itself did not answer, or not with these customers."""

    SLOW = "Sage 200 did not answer in time"
    SILENT = "Sage 200 did not answer"
    BUSY = "Sage 200 is busy"
    UNREADABLE = "Sage 200 gave an answer that can't be read"
    SIGN_IN = "Sage ID did not answer"
    NOT_SHOWN = "Sage 200 does not show this customer now"
    NONE_SHOWN = "Sage 200 does not show these customers now"


@dataclass(frozen=True, slots=True)
class Copied:
    """Figures from the cached copy: why, and when they were asked for."""

    why: Away
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """The source of an answer: the company by name and key, and the time at which the figures were true."""

    company_name: str
    as_of: datetime
    copied: Copied | None = None
    company_key: str = ""

    @property
    def age(self) -> timedelta:
        """Return the copy's age when it was asked for; zero for Sage's own answer."""
        return max(timedelta(), self.copied.asked_at - self.as_of) if self.copied is not None else timedelta()


def in_words(age: timedelta) -> str:
    """Return `less than a minute`, `12 minutes`, `1 hour 5 minutes` or `2 days`."""
    minutes = int(age.total_seconds()) // 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return _counted(minutes, "minute")
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return _counted(hours // 24, "day")
    return f"{_counted(hours, 'hour')} {_counted(minutes, 'minute')}" if minutes else _counted(hours, "hour")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if number != 1 else ''}"

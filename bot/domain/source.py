"""Where figures come from: Sage 200 just now, or our copy with its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

IN_TIME = 2.0
"""Seconds that Sage may take where there is a copy to show instead."""


class Away(StrEnum):
    """Why Sage itself did not answer."""

    SLOW = "Sage 200 did not answer in time"
    SILENT = "Sage 200 did not answer"
    BUSY = "Sage 200 asked me to wait"
    UNREADABLE = "Sage 200 answered with something I can't read"
    SIGN_IN = "Sage ID did not answer"


@dataclass(frozen=True, slots=True)
class Copied:
    """The figures are our copy's: why, and when it was asked for."""

    why: Away
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Source:
    """Stands on every answer: whose books, and the moment at which the figures were true."""

    company_name: str
    as_of: datetime
    copied: Copied | None = None

    @property
    def age(self) -> timedelta:
        """How old the copy was when it was asked for; nothing for an answer of Sage's own."""
        return max(timedelta(), self.copied.asked_at - self.as_of) if self.copied is not None else timedelta()


def in_words(age: timedelta) -> str:
    """`less than a minute`, `12 minutes`, `1 hour 5 minutes`, `2 days`."""
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

"""Decoding of single fields of Sage 200: absent or null is fine, the wrong kind raises SageUnreadable."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from bot.errors import SageUnreadable

Record = Mapping[str, object]
T = TypeVar("T")

LONGEST_TEXT = 300
MOST_MONEY, MOST_WHOLE = Decimal(10) ** 15, 2**63
# Dates that were never set come as the earliest that .NET or SQL Server can write.
_FIRST_YEAR = 1900


def odd(name: str, value: object) -> SageUnreadable:
    """Return the error for a field that can't be read. Its note, for the log, has the kind of value and no value."""
    error = SageUnreadable()
    error.add_note(f"{name}: {'missing' if value is None else type(value).__name__}")
    return error


def text(record: Record, name: str, *, most: int = LONGEST_TEXT) -> str:
    """Return a stripped text, control characters as spaces, cut to `most`; "" when absent."""
    value = record.get(name)
    if not isinstance(value, str):
        if value is None:
            return ""
        raise odd(name, value)
    if not value.isprintable():
        value = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs"} else sign for sign in value)
    return value.strip()[:most]


def money(record: Record, name: str) -> Decimal | None:
    """Return an exact amount. Raises SageUnreadable for a quoted number, a bool or an implausible amount."""
    return _number(name, record.get(name), below=MOST_MONEY)


def whole(record: Record, name: str) -> int | None:
    """Return a whole number of at most 64 bits; `30.0` counts as one."""
    number = _number(name, record.get(name), below=MOST_WHOLE)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise odd(name, number)
    return int(number)


def number_of(record: Record, name: str) -> int:
    """Return a whole number that no record may lack, such as its id."""
    number = whole(record, name)
    if number is None:
        raise odd(name, None)
    return number


def flag(record: Record, name: str) -> bool | None:
    """Return True or False; anything else is unreadable."""
    value = record.get(name)
    if value is not None and not isinstance(value, bool):
        raise odd(name, value)
    return value


def moment(record: Record, name: str) -> datetime | None:
    """Return an aware UTC time; Sage writes `date_time_*` in UTC without a zone and with any number of decimals."""
    return _readable(written_moment, name, record.get(name))


def day(record: Record, name: str) -> date | None:
    """Return an accounting date: a day on the calendar, never moved between zones."""
    return _readable(written_day, name, record.get(name))


def written_moment(value: str) -> datetime | None:
    """Return the time that a text says, as `moment` does. Raises ValueError or OverflowError for no time."""
    written = datetime.fromisoformat(value)
    if written.year < _FIRST_YEAR:
        return None
    # `replace` takes four times as long.
    return datetime.combine(written, written.time(), UTC) if written.tzinfo is None else written.astimezone(UTC)


# A ledger has few days, each of them many times.
@lru_cache(maxsize=4_096)
def written_day(value: str) -> date | None:
    """Return the day that a text says, as `day` does. Raises ValueError for no day."""
    written = datetime.fromisoformat(value).date()
    return written if written.year >= _FIRST_YEAR else None


def _readable(read: Callable[[str], T | None], name: str, value: object) -> T | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise odd(name, value)
    try:
        return read(value)
    except (ValueError, OverflowError):
        raise odd(name, value) from None


def _number(name: str, value: object, *, below: int | Decimal) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise odd(name, value)
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= below:
        raise odd(name, value)
    return number

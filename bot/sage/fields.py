"""Decoding of single fields of Sage 200: absent or null is fine, the wrong kind raises SageUnreadable."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from bot.errors import SageUnreadable

Record = Mapping[str, object]

LONGEST_TEXT = 300
_MOST_MONEY = Decimal(10) ** 15
_MOST_WHOLE = Decimal(2) ** 63
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
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise odd(name, value)
    if not value.isprintable():
        value = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs"} else sign for sign in value)
    return value.strip()[:most]


def money(record: Record, name: str) -> Decimal | None:
    """Return an exact amount. Raises SageUnreadable for a quoted number, a bool or an implausible amount."""
    return _number(record, name, below=_MOST_MONEY)


def whole(record: Record, name: str) -> int | None:
    """Return a whole number of at most 64 bits; `30.0` counts as one."""
    number = _number(record, name, below=_MOST_WHOLE)
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
    value = _written(record, name)
    if value is None:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def day(record: Record, name: str) -> date | None:
    """Return an accounting date: a day on the calendar, never moved between zones."""
    value = _written(record, name)
    return None if value is None else value.date()


def _written(record: Record, name: str) -> datetime | None:
    value = record.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise odd(name, value)
    try:
        written = datetime.fromisoformat(value)
    except ValueError:
        raise odd(name, value) from None
    return written if written.year >= _FIRST_YEAR else None


def _number(record: Record, name: str, *, below: Decimal) -> Decimal | None:
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise odd(name, value)
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= below:
        raise odd(name, value)
    return number

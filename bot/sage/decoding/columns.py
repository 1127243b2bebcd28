"""Decoding of a field in many rows at once: what is as it should be in all of them is told by a look at them together.

Each function returns of every row what the function of `fields` for one row returns, and raises SageUnreadable where
that would of any. A page of a ledger has tens of thousands of fields.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import Any, TypeVar

from bot.sage.decoding import fields
from bot.sage.decoding.fields import LONGEST_TEXT, MOST_MONEY, MOST_WHOLE, Record

T = TypeVar("T")

Rows = Sequence[Record]


def texts(rows: Rows, name: str, *, most: int = LONGEST_TEXT) -> list[str]:
    """Return the text of each row, by `fields.text`."""
    given = _given(rows, name)
    kinds = set(map(type, given))
    if kinds == {NoneType}:
        return [""] * len(rows)
    if kinds <= {str, NoneType}:
        found = [each.strip() if each else "" for each in given]
        if "".join(found).isprintable() and max(map(len, found), default=0) <= most:
            return found
    return [fields.text(row, name, most=most) for row in rows]


def amounts(rows: Rows, name: str) -> list[Decimal | None]:
    """Return the exact amount of each row, by `fields.money`."""
    given = _given(rows, name)
    if set(map(type, given)) <= {Decimal, int, NoneType} and _are_below(MOST_MONEY, given):
        return [Decimal(each) if type(each) is int else each for each in given]
    return [fields.money(row, name) for row in rows]


def wholes(rows: Rows, name: str) -> list[int | None]:
    """Return the whole number of each row, by `fields.whole`."""
    given = _given(rows, name)
    if set(map(type, given)) <= {int, NoneType} and _are_below(MOST_WHOLE, given):
        return given
    return [fields.whole(row, name) for row in rows]


def numbers(rows: Rows, name: str) -> list[int]:
    """Return the whole number of each row, which none may lack, by `fields.number_of`."""
    return required(wholes(rows, name), name)


def flags(rows: Rows, name: str) -> list[bool | None]:
    """Return True or False of each row, by `fields.flag`."""
    given = _given(rows, name)
    if set(map(type, given)) <= {bool, NoneType}:
        return given
    return [fields.flag(row, name) for row in rows]


def moments(rows: Rows, name: str) -> list[datetime | None]:
    """Return the aware UTC time of each row, by `fields.moment`."""
    return _written(rows, name, fields.written_moment, fields.moment)


def days(rows: Rows, name: str) -> list[date | None]:
    """Return the accounting date of each row, by `fields.day`."""
    return _written(rows, name, fields.written_day, fields.day)


def required(found: Sequence[T | None], name: str) -> list[T]:
    """Return the values of a field that no row may lack. Raises SageUnreadable where one does."""
    said = [each for each in found if each is not None and each != ""]
    if len(said) < len(found):
        raise fields.odd(name, None)
    return said


def _written(
    rows: Rows, name: str, read: Callable[[str], T | None], one: Callable[[Record, str], T | None]
) -> list[T | None]:
    given = _given(rows, name)
    if set(map(type, given)) <= {str, NoneType}:
        try:
            return [read(each) if each else None for each in given]
        except (ValueError, OverflowError):
            pass  # `one` says which field of which row it is
    return [one(row, name) for row in rows]


def _given(rows: Rows, name: str) -> list[Any]:
    return [row.get(name) for row in rows]


def _are_below(most: int | Decimal, given: Sequence[Any]) -> bool:
    said = [each for each in given if each is not None]
    try:
        return not said or -most < min(said) <= max(said) < most
    except InvalidOperation:  # as of what is no number
        return False

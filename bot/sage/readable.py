"""Lists from Sage: worth the rows that can be read, each once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from bot.errors import SageUnreadable
from bot.sage.fields import Record, number_of

T = TypeVar("T")

_TWICE = "given twice"
_WITHOUT_A_BREAK = 100
"""Rows decoded before others have their turn: a customer takes 0.1 ms."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Readable(Generic[T]):
    """The rows that could be read, and how many could not."""

    rows: tuple[T, ...]
    unread: int = 0


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[T]):
    """The rows of one keyset page that could be read, in order of their key.

    `unread` are the keys of those that could not, `keyless` counts the rows whose key itself could not. The next page
    begins beyond `last`.
    """

    rows: tuple[T, ...]
    unread: frozenset[int]
    keyless: int
    last: int
    is_last: bool


class _LeftOut:
    """Counts what is left out of a list by kind, for the log. A kind is a field and its JSON type, never a value."""

    def __init__(self, of: str) -> None:
        self._of = of
        self._kinds: Counter[str] = Counter()

    def add(self, error: SageUnreadable) -> None:
        """Count a row by what made it unreadable."""
        self._kinds[next(iter(getattr(error, "__notes__", ())), "not as documented")] += 1

    def add_twice(self) -> None:
        """Count a row that was given before."""
        self._kinds[_TWICE] += 1

    def note(self) -> None:
        """Write one line to the log if anything was left out."""
        if self._kinds:
            log.warning(
                "rows of Sage that cannot be read", of=self._of, count=self._kinds.total(), kinds=dict(self._kinds)
            )


def readable(
    found: Sequence[Record], read: Callable[[Record], T], *, of: str, key: Callable[[T], Hashable] | None = None
) -> Readable[T]:
    """Return the rows as `read` decodes them, those of one `key` once. Raises SageUnreadable where none can be."""
    done: dict[Hashable, T] = {}
    unread, left_out = 0, _LeftOut(of)
    for place, row in enumerate(found):
        try:
            each = read(row)
        except SageUnreadable as error:
            unread += 1
            left_out.add(error)
            continue
        name = place if key is None else key(each)
        if name in done:
            left_out.add_twice()
        done.setdefault(name, each)
    left_out.note()
    # A list of nothing but unreadable rows is not an empty list.
    if unread and not done:
        raise SageUnreadable
    return Readable(tuple(done.values()), unread)


async def keyset_page(
    found: Sequence[Record], read: Callable[[Record], T], *, of: str, key: str, beyond: int | None, full: int
) -> KeysetPage[T]:
    """Return a page that was asked for in order of `key`, beyond a key; `full` rows or more are followed by others.

    The event loop has its turns while a long page is decoded. Raises SageUnreadable for a server that overlooks the
    order or the filter, which a row given twice is no sign of.
    """
    done: dict[int, T] = {}
    unread: set[int] = set()
    keyless, last, left_out = 0, beyond, _LeftOut(of)
    for place, row in enumerate(found):
        if not place % _WITHOUT_A_BREAK:  # the first time, after the answer's JSON was read
            await asyncio.sleep(0)
        try:
            number = number_of(row, key)
        except SageUnreadable as error:
            keyless += 1
            left_out.add(error)
            continue
        if (last is not None and number < last) or number == beyond:
            raise SageUnreadable
        last = number
        if number in done:
            # A view that joins contacts gives a customer once for each of them.
            left_out.add_twice()
            continue
        try:
            done[number] = read(row)
        except SageUnreadable as error:
            unread.add(number)
            left_out.add(error)
    left_out.note()
    if len(found) >= full and last == beyond:
        raise SageUnreadable  # nothing says where the next page begins
    return KeysetPage(tuple(done.values()), frozenset(unread - done.keys()), keyless, last or 0, len(found) < full)

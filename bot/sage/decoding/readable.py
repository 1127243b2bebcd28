"""Lists from Sage: worth the rows that can be read, each once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from operator import lt
from typing import Generic, TypeVar

import structlog

from bot.errors import SageUnreadable
from bot.sage.decoding.columns import Rows, numbers
from bot.sage.decoding.fields import Record

T = TypeVar("T")

_TWICE = "given twice"
_WITHOUT_A_BREAK = 100
"""Rows decoded before others have their turn: a customer takes 0.01 ms, and among odd ones 0.1 ms."""

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
    found: Rows, read: Callable[[Record], T], *, of: str, key: Callable[[T], Hashable] | None = None
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


def one_by_one(read: Callable[[Record], T]) -> Callable[[Rows], list[T]]:
    """Return a decoder of many rows by that of one."""
    return lambda rows: list(map(read, rows))


async def keyset_page(
    found: Rows, read: Callable[[Rows], list[T]], *, of: str, key: str, beyond: int | None, full: int
) -> KeysetPage[T]:
    """Return a page that was asked for in order of `key`, beyond a key; `full` rows or more are followed by others.

    `read` decodes many rows, and raises SageUnreadable where it can't decode one: rows beside it are read all the same.
    The event loop has its turns while a long page is decoded. Raises SageUnreadable for a server that overlooks the
    order or the filter, which a row given twice is no sign of.
    """
    page = _PageSoFar(read, key, beyond, _LeftOut(of))
    for start in range(0, len(found), _WITHOUT_A_BREAK):
        await asyncio.sleep(0)  # the first time, after the answer's JSON was read
        page.add(found[start : start + _WITHOUT_A_BREAK])
    page.left_out.note()
    if len(found) >= full and page.last == beyond:
        raise SageUnreadable  # nothing says where the next page begins
    unread = frozenset(page.unread - page.done.keys())
    return KeysetPage(tuple(page.done.values()), unread, page.keyless, page.last or 0, len(found) < full)


class _PageSoFar(Generic[T]):
    """What was read of a keyset page's rows, by key, and the last key."""

    def __init__(self, read: Callable[[Rows], list[T]], key: str, beyond: int | None, left_out: _LeftOut) -> None:
        self._read = read
        self._key = key
        self._beyond = beyond
        self.left_out = left_out
        self.last = beyond
        self.keyless = 0
        self.unread: set[int] = set()
        self.done: dict[int, T] = {}

    def add(self, rows: Rows) -> None:
        """Read rows all at once or, where one of them is odd, each half of them."""
        if len(rows) == 1:
            self._add_one(rows)
        elif not self._add_all(rows):
            middle = len(rows) // 2
            self.add(rows[:middle])
            self.add(rows[middle:])

    def _add_all(self, rows: Rows) -> bool:
        """Read rows of which each has a key beyond the one before. Return False, and do nothing, for others."""
        try:
            keys = numbers(rows, self._key)
            if not all(map(lt, [keys[0] - 1 if self.last is None else self.last, *keys], keys)):
                return False
            self.done.update(zip(keys, self._read(rows), strict=True))
        except SageUnreadable:
            return False
        self.last = keys[-1]
        return True

    def _add_one(self, rows: Rows) -> None:
        try:
            (number,) = numbers(rows, self._key)
        except SageUnreadable as error:
            self.keyless += 1
            self.left_out.add(error)
            return
        if (self.last is not None and number < self.last) or number == self._beyond:
            raise SageUnreadable
        self.last = number
        if number in self.done:
            # A view that joins contacts gives a customer once for each of them.
            self.left_out.add_twice()
            return
        try:
            (self.done[number],) = self._read(rows)
        except SageUnreadable as error:
            self.unread.add(number)
            self.left_out.add(error)

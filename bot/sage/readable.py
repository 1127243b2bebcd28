"""Lists from Sage: worth the rows that can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from bot.errors import SageUnreadable
from bot.sage.fields import Record

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Readable(Generic[T]):
    """The rows that could be read, and how many could not."""

    rows: tuple[T, ...]
    unread: int = 0


def readable(found: Iterable[Record], read: Callable[[Record], T], *, of: str) -> Readable[T]:
    """Return the rows as `read` decodes them, without those that can't be. Raises SageUnreadable where none can be."""
    done: list[T] = []
    unread = 0
    for row in found:
        try:
            done.append(read(row))
        except SageUnreadable:
            unread += 1
    if unread:
        log.warning("rows of Sage that cannot be read", of=of, count=unread)
    # A list of nothing but unreadable rows is not an empty list.
    if unread and not done:
        raise SageUnreadable
    return Readable(tuple(done), unread)

"""Lists of customers: their pages, and why a list can't be made from the mirror."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.text.parsing import NUMBERS, unquoted

PER_PAGE = 15
_PAGE = re.compile(rf"(?:^|\s)page\s+(?P<page>\d{{1,99}}|{'|'.join(NUMBERS)})(?=\s|$)", re.IGNORECASE)
_LAST = 999_999_999
_EVERYBODY = {"all", "everyone", "everybody"}
_CSV = re.compile(r"(?:^|\s)csv(?=\s|$)", re.IGNORECASE)
_TOP = re.compile(r"(?:^|\s)top\s+(?P<count>\d{1,3})(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListTyped:
    """What was typed behind the command of a list: the page, whether a file is wanted, and the words that narrow it."""

    words: str
    page: int = 1
    as_file: bool = False


def list_typed(text: str) -> ListTyped:
    """Return what was typed behind the command of a list; `page 2` and `csv` may stand anywhere.

    `all` alone narrows nothing; with other words it is one of a name, as it is in quotation marks.
    """
    page = _PAGE.search(text)
    rest = _PAGE.sub(" ", text)
    as_file = _CSV.search(rest) is not None
    said = page["page"].casefold() if page else "1"
    words = " ".join(_CSV.sub(" ", rest).split())
    number = NUMBERS.get(said) or min(int(said), _LAST)
    return ListTyped("" if words.casefold() in _EVERYBODY else words, number, as_file)


def top_typed(text: str) -> tuple[int, str]:
    """Return how many `top 5` asks for, 0 without it, and the rest of the words. It may stand anywhere but in quotes.

    Raises TooLong as `unquoted` does.
    """
    found = _TOP.search(unquoted(text))
    if found is None:
        return 0, text
    return max(1, int(found["count"])), " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())


def pages_of(count: int, per_page: int = PER_PAGE) -> int:
    """Return the number of pages that so many customers take, at least one."""
    return max(1, -(-count // per_page))


def nearest_page(page: int, count: int, per_page: int = PER_PAGE) -> int:
    """Return the page if there is one of that number, else the first or last."""
    return min(max(page, 1), pages_of(count, per_page))


class Unknown(StrEnum):
    """Why there is nothing to show."""

    NOT_KEPT = "no copy of this company is kept"
    READING = "the first reading is under way"
    OLD = "the copy is too old"


@dataclass(frozen=True, slots=True)
class NotKnown:
    """No list: `customers` have been read so far, or all were last known to match Sage at `as_of`."""

    why: Unknown
    company_name: str
    as_of: datetime | None = None
    customers: int = 0

"""The words typed behind `/overdue`: `30+`, a kind of debt, and a filter or words as `/onhold` takes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.customer_filter import Codes
from bot.features.on_hold.model.query import OnHoldQuery, parse_on_hold_query

_LONGEST_DAYS = 999
_DAYS = re.compile(r"(?:>|over\s+)?(?P<days>\d{1,3})\s*(?:\+|days?\+?)", re.IGNORECASE)
_PAGE = re.compile(r"(?:^|\s)page\s+(?P<page>\d{1,9})(?=\s|$)", re.IGNORECASE)
_CSV = re.compile(r"(?:^|\s)csv(?=\s|$)", re.IGNORECASE)


class DebtKind(StrEnum):
    """Which debt is listed."""

    LATE = "late"
    PROMISED = "promised"
    DISPUTED = "disputed"
    SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class OverdueWords:
    """What was typed, taken apart: the page, whether a file is wanted, and the words that say which accounts."""

    words: str
    page: int = 1
    as_file: bool = False


@dataclass(frozen=True, slots=True)
class OverdueQuery:
    """Which accounts: of what kind of debt, the oldest of it so many days late or more, and of which customers."""

    customers: OnHoldQuery
    kind: DebtKind = DebtKind.LATE
    days: int = 1

    def describe(self, labels: Mapping[int, str]) -> str:
        """Return the query in plain English, unescaped; empty for everybody who is late."""
        parts = [_KIND_SAID[self.kind]] if self.kind in _KIND_SAID else []
        parts += [f"{self.days} days or more overdue"] if self.days > 1 else []
        return ", ".join(filter(None, [*parts, self.customers.describe(labels)]))


_KIND_SAID = {
    DebtKind.PROMISED: "with a promise to pay",
    DebtKind.DISPUTED: "with debt in query",
    DebtKind.SUGGESTED: "suggested for a hold",
}


def overdue_typed(text: str) -> OverdueWords:
    """Return what was typed behind the command; `page 2` and `csv` may stand anywhere."""
    page = _PAGE.search(text)
    rest = _PAGE.sub(" ", text)
    as_file = _CSV.search(rest) is not None
    return OverdueWords(" ".join(_CSV.sub(" ", rest).split()), int(page["page"]) if page else 1, as_file)


def parse_overdue_query(
    typed: str, labels: Mapping[int, str], values: Mapping[int, Collection[str]], *, mine: tuple[Codes, ...]
) -> OverdueQuery:
    """Parse the words; no words mean everybody who is late. Raises BadQuestion as `parse_on_hold_query` does."""
    kind, days, rest = DebtKind.LATE, 1, []
    words = typed.split()
    for place, word in enumerate(words):
        if word.casefold() in set(DebtKind):
            kind = DebtKind(word.casefold())
        elif (found := _DAYS.fullmatch(word)) is not None and int(found["days"]) <= _LONGEST_DAYS:
            days = max(1, int(found["days"]))
        elif word.casefold() in {"day", "days"} and place and words[place - 1].rstrip("+").isdigit():
            continue
        else:
            rest.append(word)
    return OverdueQuery(parse_on_hold_query(" ".join(rest), labels, values, mine=mine), kind, days)

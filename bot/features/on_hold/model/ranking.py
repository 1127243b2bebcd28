"""A ranking of customers: over their limit or near it, or owing the most."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from bot.domain.customer import Customer
from bot.domain.hold_reasons import kind_of_reason
from bot.domain.money import Currency
from bot.features.assistant.model.questions import Largest, NearLimit, OverLimit
from bot.features.customers.model.listing import list_typed, pages_of, top_typed

MOST_SHOWN = 20
RankedBy = OverLimit | NearLimit | Largest


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first customers in order, and how many there are.

    `asked` says what the words meant; `is_narrowed`: the asker sees only their own customers.

    `meant` are filters to suggest to a user who found nobody. `words` repeat the question.
    """

    question: RankedBy
    customers: tuple[Customer, ...]
    count: int
    company_name: str
    as_of: datetime
    asked: str = ""
    is_narrowed: bool = False
    meant: tuple[str, ...] = ()
    page: int = 1
    words: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)
    company_key: str = ""

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return pages_of(self.count, per_page(self.question))


@dataclass(frozen=True, slots=True)
class RankingFile:
    """All customers of a ranking as a CSV file; `ranking` says what was asked for, and has no customers."""

    ranking: Ranking
    content: bytes


@dataclass(frozen=True, slots=True)
class RankingTyped:
    """What was typed behind `/sage balances` or `/sage over-limit`, taken apart."""

    question: RankedBy
    words: str
    page: int = 1
    as_file: bool = False


BALANCES, OVER = "balances", "over-limit"
_USED = re.compile(r"(?:^|\s)(?P<percent>\d{1,3})\s?(?:%|per\s?cent)(?=\s|$)|^(?P<alone>\d{1,3})$", re.IGNORECASE)


def used_at_least(question: RankedBy) -> int | None:
    """Return the share of the limit in per cent that all have used, 100 for more than all; None for the balances."""
    if isinstance(question, NearLimit):
        return question.percent
    return 100 if isinstance(question, OverLimit) else None


def per_page(question: RankedBy) -> int:
    """Return how many customers stand on a page: as many as were asked for, where that is not too many."""
    return min(question.count or MOST_SHOWN, MOST_SHOWN)


def ranking_typed(text: str) -> RankingTyped:
    """Return what `balances` or `over-limit` and the words behind ask for.

    `top 5`, `80%` of the limit, `page 2` and `csv` stand anywhere.
    """
    word, _, rest = text.partition(" ")
    asked = list_typed(rest)
    count, words = top_typed(asked.words)
    if word == OVER:
        used = _USED.search(words)
        words = " ".join(_USED.sub(" ", words).split())
        percent = int(used["percent"] or used["alone"]) if used else 0
        over = OverLimit(count=count) if percent in {0, 100} else NearLimit(percent=percent, count=count)
        return RankingTyped(over, words, asked.page, asked.as_file)
    return RankingTyped(Largest(count=count or Largest().count), words, asked.page, asked.as_file)


def as_typed(question: RankedBy, words: str) -> str:
    """Return the text that `ranking_typed` reads as this question."""
    word = BALANCES if isinstance(question, Largest) else OVER
    used = f"{question.percent}%" if isinstance(question, NearLimit) else ""
    top = f"top {question.count}" if question.count != type(question)().count else ""
    return " ".join(filter(None, (word, used, top, words)))


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many accounts are on hold for a reason, what they owe by currency, and how many holds began within a year."""

    kind: str
    now: int
    owed: tuple[tuple[Currency, Decimal], ...]
    within_a_year: int


@dataclass(frozen=True, slots=True)
class ReasonCounts:
    """The holds of a company by reason, the most frequent first."""

    rows: tuple[ReasonCount, ...]
    company_name: str
    as_of: datetime
    is_narrowed: bool = False


def counted(
    found: Iterable[tuple[str, Currency, int, Decimal, int]], reasons: Iterable[str]
) -> tuple[ReasonCount, ...]:
    """Return the counts by kind, of (reason, currency, how many now, what they owe, how many within a year)."""
    kinds = tuple(reasons)
    now: dict[str, int] = {}
    owed: dict[str, dict[Currency, Decimal]] = {}
    begun: dict[str, int] = {}
    for reason, currency, count, balance, often in found:
        kind = kind_of_reason(reason, kinds)
        now[kind] = now.get(kind, 0) + count
        begun[kind] = begun.get(kind, 0) + often
        if count:
            sums = owed.setdefault(kind, {})
            sums[currency] = sums.get(currency, Decimal(0)) + balance
    made = (ReasonCount(kind, now[kind], tuple(owed.get(kind, {}).items()), begun[kind]) for kind in now)
    return tuple(sorted(made, key=lambda each: (-each.now, -each.within_a_year, each.kind)))

"""A ranking of customers: over their limit, or owing the most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.customer import Customer
from bot.domain.hold_reasons import kind_of_reason
from bot.domain.money import Currency
from bot.features.assistant.model.questions import Largest, OverLimit

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Ranking:
    """The first customers in order, and how many there are.

    `asked` says what the words meant; `is_narrowed`: the asker sees only their own customers.

    `meant` are filters to suggest to a user who found nobody.
    """

    question: OverLimit | Largest
    customers: tuple[Customer, ...]
    count: int
    company_name: str
    as_of: datetime
    asked: str = ""
    is_narrowed: bool = False
    meant: tuple[str, ...] = ()


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

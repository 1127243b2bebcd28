"""Aged debt: what is owed, by how long ago it was due or dated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from bot.domain.debt.debts import NOTHING, DebtItem, ItemKind

USUAL_PERIODS = (30, 60, 90)


@dataclass(frozen=True, slots=True)
class Band:
    """The debits of some ages. `begin` and `end` are days, both included; None: without an end on that side."""

    begin: int | None
    end: int | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Ageing:
    """Debits by age, the youngest first; credit is in no band. All of it comes to the balance."""

    bands: tuple[Band, ...]
    undated: Decimal
    not_allocated: Decimal

    @property
    def total(self) -> Decimal:
        """Return the sum of everything."""
        return sum((band.amount for band in self.bands), NOTHING) + self.undated + self.not_allocated


def days_late_bands(items: Iterable[DebtItem], today: date, starts: Sequence[int] = USUAL_PERIODS) -> Ageing:
    """Return the debits by days late: not due (today included), 1 to 30, … and over the last period."""
    return _banded(items, today, [(None, 0), *_periods(1, starts)], by_due=True)


def period_bands(items: Iterable[DebtItem], today: date, starts: Sequence[int], *, by_due: bool) -> Ageing:
    """Return the debits in Sage's periods, by due date or by the day of the transaction.

    Sage's "future" lies after today, and its "current" holds today and the whole first period: what is overdue can't be
    read off it.
    """
    return _banded(items, today, [(None, -1), *_periods(0, starts)], by_due=by_due)


def _periods(first: int, starts: Sequence[int]) -> list[tuple[int | None, int | None]]:
    ends = sorted({days for days in starts if days >= first})
    begins = [first, *(days + 1 for days in ends)]
    return [(begin, following - 1) for begin, following in pairwise(begins)] + [(begins[-1], None)]


def _banded(
    items: Iterable[DebtItem], today: date, bounds: Sequence[tuple[int | None, int | None]], *, by_due: bool
) -> Ageing:
    sums = [NOTHING] * len(bounds)
    undated = credit = NOTHING
    for item in items:
        if item.is_foreign or item.kind is ItemKind.DELETED:
            continue
        day = item.due if by_due else item.dated
        if item.is_credit:
            credit += item.outstanding
        elif day is None:
            undated += item.outstanding
        else:
            sums[_place((today - day).days, bounds)] += item.outstanding
    bands = tuple(Band(begin, end, amount) for (begin, end), amount in zip(bounds, sums, strict=True))
    return Ageing(bands, undated, credit)


def _place(days: int, bounds: Sequence[tuple[int | None, int | None]]) -> int:
    return next(place for place, (_, end) in enumerate(bounds) if end is None or days <= end)

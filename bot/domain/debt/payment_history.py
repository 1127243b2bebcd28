"""How a customer or a ledger pays: average days late, days sales outstanding, collection effectiveness."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from bot.domain.debt.debts import NOTHING

_TENTH = Decimal("0.1")
_A_YEAR = timedelta(days=365)
_FEWEST_SETTLED = 3
_MOST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Settled:
    """An invoice that was paid in full, and when."""

    gross: Decimal
    due: date
    settled: date


def year_before(today: date) -> date:
    """Return the first day of the year that counts."""
    return today - _A_YEAR


def settled_lately(invoices: Iterable[Settled], today: date) -> list[Settled]:
    """Return the invoices settled within a year."""
    return [each for each in invoices if year_before(today) <= each.settled <= today and each.gross > 0]


def average_days_late(invoices: Iterable[Settled], today: date) -> Decimal | None:
    """Return the days late of the invoices settled within a year, by value, early ones negative; None below three."""
    lately = settled_lately(invoices, today)
    if len(lately) < _FEWEST_SETTLED:
        return None
    days = sum((each.gross * (each.settled - each.due).days for each in lately), NOTHING)
    return _tenth(days / sum((each.gross for each in lately), NOTHING))


@dataclass(frozen=True, slots=True)
class MonthSales:
    """What was invoiced in a month, less the credit notes."""

    month: date
    invoiced: Decimal

    @property
    def days(self) -> int:
        """Return the days of the month."""
        return monthrange(self.month.year, self.month.month)[1]


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def months_before(month: date, count: int) -> date:
    """Return the month so many months before; after it, for a negative number."""
    months = month.year * 12 + month.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def days_sales_outstanding(outstanding: Decimal, latest_first: Sequence[MonthSales]) -> Decimal | None:
    """Return the days of sales that are outstanding, by count-back over whole months; None: more than a year of them.

    The sales of each month are taken off what is outstanding, the last one pro rata. A month of more credit than
    invoices counts its days and takes nothing.
    """
    left, days = outstanding, NOTHING
    for month in latest_first[:_MOST_MONTHS]:
        if left <= 0:
            break
        if month.invoiced > left:
            return _tenth(days + left / month.invoiced * month.days)
        days += month.days
        left -= max(NOTHING, month.invoiced)
    return _tenth(days) if left <= 0 else None


def collection_effectiveness(
    opening: Decimal, sales: Decimal, closing: Decimal, closing_not_overdue: Decimal
) -> Decimal | None:
    """Return how much of what could be collected in a period was, in per cent; None where nothing could be."""
    could = opening + sales - closing_not_overdue
    return _tenth((opening + sales - closing) / could * 100) if could > 0 else None


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(_TENTH, rounding=ROUND_HALF_UP)

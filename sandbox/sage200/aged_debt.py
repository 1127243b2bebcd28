"""`sales_aged_debtor_summary_views`: each customer's debt by age, in the company's own periods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.sage200.books.company import SandboxCompany, midnight, money
from sandbox.sage200.books.table import Row
from sandbox.sage200.books.transactions import of, outstanding
from sandbox.sage200.document_columns import currency_of
from sandbox.sage200.fields import SALES_AGED_DEBTOR_VIEW
from sandbox.sage200.odata import BadQuery, Column
from sandbox.sage200.reference_data import plain_columns

PARAMETER = "$ageingdatetype"
_TYPES = ("transactiondate", "duedate", "calendarmonth")
_PERIODS = 8


def columns() -> dict[str, Column]:
    """Columns of the summary, which names no transaction."""
    return plain_columns(SALES_AGED_DEBTOR_VIEW)


class AgedDebt:
    """Every customer with postings; each row is worked out when it is read. Raises BadQuery for an unknown ageing.

    What Sage leaves unsaid, and we chose: a document not yet of its date is "future", one up to the first period
    "current", and the last period has no end (the company's `is_oldest_past` puts what is in it under "past").
    """

    def __init__(self, company: SandboxCompany, *, ageing: str | None, now: datetime) -> None:
        self._company = company
        self._ageing = company.usual_ageing if ageing is None else ageing
        if self._ageing not in _TYPES:
            raise BadQuery(f"{PARAMETER} must be one of {', '.join(_TYPES)}")
        self._today = midnight(now)

    @property
    def ids(self) -> list[int]:
        """Whose debts there are."""
        return sorted(self._company.transactions_of)

    def __getitem__(self, number: int) -> Row:
        """One customer's summary."""
        sums = dict.fromkeys(_BUCKETS, Decimal("0.00"))
        for row in of(self._company, number):
            sums[self._bucket(row)] += outstanding(row)
        rate = currency_of(self._company, number).rate
        return {
            "customer_id": number,
            **{f"doc_{name}": value for name, value in sums.items()},
            **{f"base_{name}": money(value / rate) for name, value in sums.items()},
            **dict(self._names()),
        }

    def _names(self) -> Iterator[tuple[str, Any]]:
        for place, days in enumerate(self._company.ageing_periods, 1):
            yield f"aged_period_{place}", str(days)

    def _bucket(self, row: Row) -> str:
        dated: datetime = row["due_date" if self._ageing == "duedate" else "transaction_date"]
        if dated > self._today:
            return "future"
        periods = self._company.ageing_periods
        place = min(self._age(dated), len(periods))
        if place == 0:
            return "current"
        return "past" if place == len(periods) and self._company.is_oldest_past else f"period_{place}"

    def _age(self, dated: datetime) -> int:
        """How many periods have begun since."""
        if self._ageing == "calendarmonth":
            return (self._today.year - dated.year) * 12 + self._today.month - dated.month
        days = (self._today - dated).days
        return sum(days > start for start in self._company.ageing_periods)


_BUCKETS = ("past", "future", "current", *(f"period_{place}" for place in range(1, _PERIODS + 1)))

"""What the customers of a company owe together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.features.alerts.model.messages import SalesOutstanding
from bot.features.on_hold.model.list import Totals
from bot.features.overdue.model.list import OverdueTotals


@dataclass(frozen=True, slots=True)
class LedgerTotals:
    """How many customers there are, and what they owe, are in credit by, and have on hold and overdue.

    `in_credit` has the sums below zero. `overdue` is None where the open items aren't known. `sales_outstanding` is of
    the whole ledger alone. `asked` says what the words meant; `is_narrowed`: the asker sees only their own customers.
    """

    company_name: str
    as_of: datetime
    customers: int
    owing: Totals
    in_credit: Totals
    on_hold: Totals
    overdue: OverdueTotals | None
    sales_outstanding: tuple[SalesOutstanding, ...] = ()
    asked: str = ""
    is_narrowed: bool = False
    meant: tuple[str, ...] = ()

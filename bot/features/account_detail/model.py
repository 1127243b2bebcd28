"""What a customer's account is made of: debt by age, open invoices, open orders, and where to reach them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.domain.customer import Customer
from bot.domain.source import Source


class AgeBy(StrEnum):
    """What Sage counts a debt's age from, in the words of its `$ageingdatetype`."""

    TRANSACTION_DATE = "transactiondate"
    DUE_DATE = "duedate"
    CALENDAR_MONTH = "calendarmonth"


@dataclass(frozen=True, slots=True)
class Bucket:
    """The debt of one age, under its label."""

    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class AgedDebt:
    """One customer's debt by age, in their own currency, the youngest first; no buckets where nothing is owed.

    `is_own_choice`: the company's own way to count age, and not one that the asker chose.
    """

    customer: Customer
    by: AgeBy
    buckets: tuple[Bucket, ...]
    source: Source
    is_own_choice: bool = True

    @property
    def total(self) -> Decimal:
        """What all ages add up to."""
        return sum((bucket.amount for bucket in self.buckets), Decimal(0))

    @property
    def differs_from_balance(self) -> bool:
        """Whether Sage's own two answers do not agree."""
        return self.customer.balance is not None and self.customer.balance != self.total


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A document with something left to settle; less than nothing for credits and money on account."""

    id: int
    reference: str
    outstanding: Decimal
    gross: Decimal | None = None
    kind: str = ""
    second_reference: str = ""
    dated: date | None = None
    due: date | None = None
    is_queried: bool = False

    def days_overdue(self, today: date) -> int:
        """Nothing for what is not due yet, or has no date."""
        return max(0, (today - self.due).days) if self.due is not None else 0


@dataclass(frozen=True, slots=True)
class OpenInvoices:
    """What a customer owes, the longest overdue first. `credits`, less than nothing, wait to be set against it."""

    customer: Customer
    items: tuple[OpenItem, ...]
    credits: Decimal
    today: date
    source: Source

    @property
    def total(self) -> Decimal:
        """Without the credits."""
        return sum((item.outstanding for item in self.items), Decimal(0))

    @property
    def overdue(self) -> tuple[OpenItem, ...]:
        """Those past their due date."""
        return tuple(item for item in self.items if item.days_overdue(self.today))


@dataclass(frozen=True, slots=True)
class Order:
    """A sales order that is not finished. `gross` includes VAT."""

    id: int
    number: str
    gross: Decimal | None = None
    dated: date | None = None
    promised: date | None = None
    customers_number: str = ""
    is_on_hold: bool = False
    is_disputed: bool = False
    is_over_limit: bool = False


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """A customer's orders that are not finished, the newest first."""

    customer: Customer
    orders: tuple[Order, ...]
    source: Source

    @property
    def total(self) -> Decimal | None:
        """None where one has no value."""
        values = [order.gross for order in self.orders]
        return None if None in values else sum((value for value in values if value is not None), Decimal(0))

    @property
    def on_hold(self) -> int:
        """How many are held."""
        return sum(order.is_on_hold for order in self.orders)


@dataclass(frozen=True, slots=True)
class Contact:
    """Where to reach a customer: `address` by line, empty where Sage has none or could not be asked."""

    customer: Customer
    address: tuple[str, ...]
    source: Source


def longest_overdue_first(items: Iterable[OpenItem], today: date) -> tuple[OpenItem, ...]:
    """Then those due soonest; what has no date comes last."""
    return tuple(
        sorted(items, key=lambda item: (-item.days_overdue(today), item.due or date.max, item.reference, item.id))
    )


def label_of(name: str, *, by: AgeBy, upto: str = "") -> str:
    """A period of the company's as people read it: Sage names it by the days after which it begins."""
    if not name.isascii() or not name.isdigit():
        return name
    if by is AgeBy.CALENDAR_MONTH:
        return f"Period from {name} days"
    return f"{int(name) + 1} to {upto} days" if upto.isascii() and upto.isdigit() else f"Over {name} days"

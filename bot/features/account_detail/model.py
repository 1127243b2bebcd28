"""The detail of a customer's account: aged debt, open invoices, open orders and the contact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.domain.customer import Customer
from bot.domain.debt.debts import DebtItem
from bot.domain.source import Source
from bot.domain.text.folding import same


class AgeBy(StrEnum):
    """The date from which Sage counts a debt's age, in the words of its `$ageingdatetype`."""

    TRANSACTION_DATE = "transactiondate"
    DUE_DATE = "duedate"
    CALENDAR_MONTH = "calendarmonth"


@dataclass(frozen=True, slots=True)
class Bucket:
    """The debt of one age period, with its label."""

    label: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PayingHabit:
    """How many days late a customer pays on average, by value, and of how many `invoices`; early is negative.

    `days_late` is None where too few invoices were settled within a year. `is_given`: Sage says when they were.
    """

    days_late: Decimal | None
    invoices: int = 0
    is_given: bool = True


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """How one customer pays."""

    customer: Customer
    habit: PayingHabit
    source: Source


@dataclass(frozen=True, slots=True)
class AgedDebt:
    """One customer's debt by age in the customer's currency, youngest first; no buckets if nothing was posted.

    `is_own_choice`: aged in the company's own way, not one that the asker chose. `habit` is None if it
    wasn't asked for.
    """

    customer: Customer
    by: AgeBy
    buckets: tuple[Bucket, ...]
    source: Source
    is_own_choice: bool = True
    habit: PayingHabit | None = None

    @property
    def total(self) -> Decimal:
        """Return the sum of all periods."""
        return sum((bucket.amount for bucket in self.buckets), Decimal(0))

    @property
    def differs_from_balance(self) -> bool:
        """Return whether Sage's balance and Sage's aged debt disagree."""
        return self.customer.balance is not None and self.customer.balance != self.total


@dataclass(frozen=True, slots=True)
class OpenInvoices:
    """A customer's open invoices, longest overdue first. `credits` (negative) are not yet set against them.

    `unread` documents can't be read, and are in no sum.
    """

    customer: Customer
    items: tuple[DebtItem, ...]
    credits: Decimal
    today: date
    source: Source
    unread: int = 0

    @property
    def total(self) -> Decimal:
        """Return the outstanding sum, without the credits."""
        return sum((item.outstanding for item in self.items), Decimal(0))

    @property
    def overdue(self) -> tuple[DebtItem, ...]:
        """Return the invoices past their due date."""
        return tuple(item for item in self.items if item.days_late(self.today))


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

    def is_called(self, typed: str) -> bool:
        """Return whether a number that was typed is this order's, with or without its leading noughts."""
        number = same(self.number).lstrip("0")
        return bool(number) and number == same(typed).lstrip("0")


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """A customer's orders that are not finished, newest first. `unread` more can't be read, and are in no sum."""

    customer: Customer
    orders: tuple[Order, ...]
    source: Source
    unread: int = 0

    @property
    def total(self) -> Decimal | None:
        """Return the sum of all orders; None if one has no value."""
        values = [order.gross for order in self.orders]
        return None if None in values else sum((value for value in values if value is not None), Decimal(0))

    @property
    def on_hold(self) -> int:
        """Return the number of orders on hold."""
        return sum(order.is_on_hold for order in self.orders)


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer's contact. `address` has one entry a line; empty if Sage has none or could not be asked."""

    customer: Customer
    address: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class LastPayment:
    """A customer's newest receipt; None: the newest postings have none, and `since` is the oldest day of these."""

    customer: Customer
    receipt: DebtItem | None
    since: date | None
    source: Source


def longest_overdue_first(items: Iterable[DebtItem], today: date) -> tuple[DebtItem, ...]:
    """Return the items sorted by days overdue, then those due soonest; items without a due date come last."""
    return tuple(
        sorted(items, key=lambda item: (-item.days_late(today), item.due or date.max, item.reference, item.id))
    )


def label_of(name: str, *, by: AgeBy, upto: str = "") -> str:
    """Return the label of an age period. Sage names a period by the number of days after which it begins."""
    if not name.isascii() or not name.isdigit():
        return name
    if by is AgeBy.CALENDAR_MONTH:
        return f"Period from {name} days"
    return f"{int(name) + 1} to {upto} days" if upto.isascii() and upto.isdigit() else f"Over {name} days"

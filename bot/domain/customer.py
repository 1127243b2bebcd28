"""A customer account as Sage 200 gives it, and the figures worked out from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from bot.domain.money import Currency, percent_used

Values = tuple[Any, ...]
"""A customer as the values of `FIELDS`. Pages of a ledger are read, compared and stored so: a `Customer` takes as long
to make as half of its fields take to decode."""
ID_DIGITS = 18
"""Of a customer's id: as many as a 64-bit column surely holds."""


@dataclass(frozen=True, slots=True)
class CustomerName:
    """One row of `lookup_customers`: enough to tell customers apart in a menu."""

    id: int
    reference: str
    name: str
    short_name: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """One account. Money is in the customer's own currency. `None` means this Sage did not say.

    `on_hold` is the only field besides the names that Sage always gives; a customer without it is unreadable.
    `analysis` maps slot (1..20) to value, blanks left out. `credit_limit` 0 means no limit is set
    (Sage's own `is_over_credit_limit` is always false then).
    """

    id: int
    reference: str
    name: str
    on_hold: bool
    short_name: str = ""
    status_reason: str | None = None
    hidden: bool = False
    currency: Currency = field(default_factory=Currency)
    balance: Decimal | None = None
    base_balance: Decimal | None = None
    credit_limit: Decimal | None = None
    open_orders: Decimal | None = None
    average_days_to_pay: int | None = None
    payment_terms_days: int | None = None
    payment_terms: str = ""
    credit_position: str = ""
    last_transaction: date | None = None
    last_credit_review: date | None = None
    next_credit_review: date | None = None
    promised_payment: bool | None = None
    account_type: str = ""
    contact_name: str = ""
    contact_telephone: str = ""
    contact_email: str = ""
    postcode: str = ""
    town: str = ""
    analysis: dict[int, str] = field(default_factory=dict)
    updated_at: datetime | None = None

    def status_only(self) -> Customer:
        """Return the customer without figures, for users who may see none: name, reference, hold."""
        return Customer(id=self.id, reference=self.reference, name=self.name, on_hold=self.on_hold)

    @property
    def has_limit(self) -> bool:
        """Return whether a credit limit is set: in Sage a limit of zero means none."""
        return self.credit_limit is not None and self.credit_limit != 0

    @property
    def headroom(self) -> Decimal | None:
        """Return limit − balance − open orders, the app's figure and not Sage's; None without a limit or a balance."""
        if self.credit_limit is None or not self.has_limit or self.balance is None:
            return None
        return self.credit_limit - self.balance - (self.open_orders or Decimal(0))

    @property
    def percent_used(self) -> Decimal | None:
        """Return the exact use of the limit in per cent, by `money.percent_used`."""
        return percent_used(self.balance, self.credit_limit)

    @property
    def over_limit(self) -> bool:
        """Return whether the balance exceeds a limit other than zero, Sage's rule; open orders do not count."""
        return self.has_limit and self.balance is not None and self.balance > (self.credit_limit or 0)


FIELDS = tuple(each.name for each in fields(Customer))
"""The fields of a customer, `id` first."""
values_of: Callable[[Customer], Values] = attrgetter(*FIELDS)

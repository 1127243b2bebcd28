"""A company and its books: what a customer, a currency and a ledger are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.sage200.books.table import Table
from sandbox.sage_id.people import CompanyKey, Edition

PENNY = Decimal("0.01")
MONEY = {"balance", "credit_limit", "value_of_current_orders_in_sop"}

# A row holds only what differs from these, so that a ledger of 100,000 fits; None says that Sage leaves the field out.
USUAL: dict[str, Any] = {
    "on_hold": False,
    "status_reason": "",
    "account_status_type": "AccountStatusActive",
    "account_type": "TradingAccountTypeOpenItem",
    "exchange_rate_type": "ExchangeRateSingle",
    "payment_terms_basis": "PaymentDueFromDocumentDate",
    "currency_id": 2103,
    "credit_limit": Decimal("0.00"),
    "balance": Decimal("0.00"),
    "value_of_current_orders_in_sop": Decimal("0.00"),
    "average_time_to_pay": 0,
    "payment_terms_days": 30,
    "terms_agreed": True,
    "website": "",
    "country": "Great Britain",
    "country_code": "GB",
    "credit_position": "Good",
    "address_1": "",
    "city": "",
    "county": "",
    "postcode": "",
    "contact_name": "",
    "telephone_area_code": "",
    "telephone_subscriber_number": "",
    "email": "",
    "office_type": "OfficeTypeNone",
    **{f"analysis_code_{slot}": "" for slot in range(1, 21)},
}
# Every field that a row may have.
KNOWN = {
    *USUAL,
    "id",
    "reference",
    "name",
    "short_name",
    "account_opened",
    "last_credit_review",
    "next_credit_review",
    "date_of_last_transaction",
    "date_time_created",
    "date_time_updated",
}


# Which part of a debt is how many days old.
Shares = tuple[tuple[Decimal, int], ...]


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of a company; `rate` is how much of it one pound buys."""

    id: int
    iso: str
    iso_id: int
    name: str
    symbol: str
    rate: Decimal = Decimal("1.000000")


POUND = Currency(2103, "GBP", 826, "Pound Sterling", "£")
EURO = Currency(2104, "EUR", 978, "Euro", "€", Decimal("1.170000"))
DOLLAR = Currency(2105, "USD", 840, "US Dollar", "$", Decimal("1.270000"))


@dataclass(slots=True)
class SandboxCompany:
    """One set of books. `old_site` leaves out what older Professional servers do not have."""

    edition: Edition
    site_id: str
    company_id: int
    company_name: str
    site_name: str
    customers: Table = field(default_factory=Table)
    transactions: Table = field(default_factory=Table)
    orders: Table = field(default_factory=Table)
    alerts: Table = field(default_factory=Table)  # shown in Sage where an order is entered
    memos: Table = field(default_factory=Table)
    transactions_of: dict[int, list[int]] = field(default_factory=dict)
    are_books_open: bool = False
    ages_of_debt: Callable[[dict[str, Any]], Shares] | None = None  # of the balances that a world begins with
    has_histories: bool = False  # invoices paid before it begins, and disputes
    has_open_orders: bool = False  # behind the values that a world begins with; Sage's own samples show a value alone
    analysis_labels: dict[int, str] = field(default_factory=dict)
    currencies: tuple[Currency, ...] = (POUND, EURO, DOLLAR)
    ageing_periods: tuple[int, ...] = (30, 60, 90)
    old_site: bool = False
    lacks: set[str] = field(default_factory=set)  # resources that its Sage doesn't offer
    oddities: dict[int, str] = field(default_factory=dict)  # whose rows are odd, and how: `odd_rows.ODDITIES`
    # Not documented either: whether an allocation stamps what it allocates, whether credits have a minus in the views,
    # and of Professional before July 2017 it is documented that it takes no brackets.
    stamps_allocations: bool = True
    has_unsigned_credits: bool = False
    takes_brackets: bool = True
    # Not documented: which dates count where none is asked for, and whether debt past the last period is "past".
    usual_ageing: str = "transactiondate"
    is_oldest_past: bool = False

    @property
    def key(self) -> CompanyKey:
        """What a person needs in their list to reach it."""
        return self.edition, self.site_id, self.company_id

    def currency(self, currency_id: int) -> Currency:
        """One of its currencies. Raises KeyError for a foreign id: the ledger is then broken."""
        for currency in self.currencies:
            if currency.id == currency_id:
                return currency
        raise KeyError(currency_id)

    def row(self, reference: str) -> dict[str, Any]:
        """The stored row of a customer. Raises KeyError."""
        return self.customers.find("reference", reference)


def money(value: Any) -> Decimal:
    """Two places, as Sage stores it."""
    return Decimal(str(value)).quantize(PENNY, rounding=ROUND_HALF_UP)


def midnight(moment: datetime) -> datetime:
    """Accounting dates have no time of day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)

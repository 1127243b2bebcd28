"""Companies and their sales ledgers, held in memory and changed by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.sage200.table import Table
from sandbox.sage_id.people import CompanyKey, Edition, Person

PENNY = Decimal("0.01")
_MONEY = {"balance", "credit_limit", "value_of_current_orders_in_sop"}

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
    analysis_labels: dict[int, str] = field(default_factory=dict)
    currencies: tuple[Currency, ...] = (POUND, EURO, DOLLAR)
    ageing_periods: tuple[int, ...] = (30, 60, 90)
    old_site: bool = False

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


@dataclass(slots=True)
class World:
    """Everything in the sandbox's Sage 200. Calls that name no company mean the first one."""

    companies: list[SandboxCompany]
    people: list[Person] = field(default_factory=list)
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def company(self, key: CompanyKey) -> SandboxCompany | None:
        """The company of this key, if there is one."""
        return next((company for company in self.companies if company.key == key), None)

    def customer(self, reference: str, *, company: SandboxCompany | None = None) -> dict[str, Any]:
        """A copy of a customer with the usual values filled in. Raises KeyError."""
        return {**USUAL, **self._of(company).row(reference)}

    def put_on_hold(self, reference: str, reason: str = "", *, company: SandboxCompany | None = None) -> None:
        """What a credit controller does in Sage itself."""
        self.update(reference, company=company, on_hold=True, status_reason=reason)

    def release(self, reference: str, reason: str = "", *, company: SandboxCompany | None = None) -> None:
        """And its opposite."""
        self.update(reference, company=company, on_hold=False, status_reason=reason)

    def update(self, reference: str, *, company: SandboxCompany | None = None, **fields: Any) -> None:
        """Change a customer and its `date_time_updated`. Names as in `customer`; None leaves the field out."""
        row = self._of(company).row(reference)
        row.update(_checked(fields), date_time_updated=self._now())

    def add(self, *, company: SandboxCompany | None = None, **fields: Any) -> int:
        """Open an account with at least `reference` and `name`; its new id."""
        rows = self._of(company).customers
        number, now = rows.next_id(first=27001), self._now()
        given = {"short_name": str(fields["name"])[:8], "date_time_created": now, "date_time_updated": now}
        rows[number] = {**given, **_checked(fields), "id": number}
        return number

    def remove(self, reference: str, *, company: SandboxCompany | None = None) -> None:
        """Delete an account. Raises KeyError."""
        del self._of(company).customers[self._of(company).row(reference)["id"]]

    def _of(self, company: SandboxCompany | None) -> SandboxCompany:
        return company or self.companies[0]

    def _now(self) -> datetime:
        now = self.clock().astimezone(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)  # SQL Server's datetime has no finer grain


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Money becomes a Decimal of two places; a name that nobody reads is a mistake in the test."""
    if unknown := (fields.keys() - KNOWN) | (fields.keys() & {"id"}):
        raise KeyError(f"no such field: {', '.join(sorted(unknown))}")
    return {name: money(value) if name in _MONEY and value is not None else value for name, value in fields.items()}


def money(value: Any) -> Decimal:
    """Two places, as Sage stores it."""
    return Decimal(str(value)).quantize(PENNY, rounding=ROUND_HALF_UP)

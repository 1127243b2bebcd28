"""A customer as a row of the mirror, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bot.domain.customer import Customer
from bot.domain.money import Currency

_PENNY = Decimal("0.01")
_TEXTS = ("payment_terms", "credit_position", "contact_name", "contact_telephone", "contact_email", "town")
_PLAIN = ("average_days_to_pay", "payment_terms_days", "promised_payment")
_DAYS = ("last_transaction", "last_credit_review", "next_credit_review")
# These say when we looked, not what Sage has.
_OURS = {"seen_at", "sweep"}


@dataclass(frozen=True, slots=True)
class CompanyKey:
    """One company of one workspace: whose mirror it is."""

    workspace_id: str
    company_pk: int

    @property
    def named(self) -> dict[str, Any]:
        """As every storage call wants it."""
        return {"workspace_id": self.workspace_id, "company_pk": self.company_pk}


def row_of(
    customer: Customer, books: CompanyKey, *, reason: str | None, fired_thresholds: Collection[int], now: datetime
) -> dict[str, Any]:
    """All columns. Figures in pennies, as they will be read again: else every reading would look like a change."""
    return {
        **books.named,
        "customer_id": customer.id,
        "reference": customer.reference,
        "name": customer.name,
        "short_name": customer.short_name,
        "postcode": customer.postcode,
        "on_hold": customer.on_hold,
        "status_reason": reason,
        "hidden": customer.hidden,
        "currency_iso": customer.currency.iso,
        "currency_symbol": customer.currency.symbol,
        "balance": _pennies(customer.balance),
        "base_balance": _pennies(customer.base_balance),
        "credit_limit": _pennies(customer.credit_limit),
        "open_orders": _pennies(customer.open_orders),
        "analysis": {str(slot): value for slot, value in customer.analysis.items()},
        "details": _details(customer),
        "fired_thresholds": sorted(fired_thresholds),
        "updated_at": customer.updated_at,
        "seen_at": now,
        "sweep": 0,
    }


def differs(stored: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether anything but the time of looking is new."""
    return any(stored[name] != value for name, value in new.items() if name not in _OURS)


def customer_of(row: Mapping[str, Any]) -> Customer:
    """What `row_of` wrote."""
    details = row["details"]
    more: dict[str, Any] = {name: details[name] for name in (*_TEXTS, *_PLAIN) if name in details}
    more |= {name: date.fromisoformat(details[name]) for name in _DAYS if name in details}
    return Customer(
        id=row["customer_id"],
        reference=row["reference"],
        name=row["name"],
        on_hold=row["on_hold"],
        short_name=row["short_name"],
        status_reason=row["status_reason"],
        hidden=row["hidden"],
        currency=Currency(row["currency_iso"], row["currency_symbol"]),
        balance=row["balance"],
        base_balance=row["base_balance"],
        credit_limit=row["credit_limit"],
        open_orders=row["open_orders"],
        postcode=row["postcode"],
        analysis={int(slot): value for slot, value in row["analysis"].items()},
        updated_at=row["updated_at"],
        **more,
    )


def _details(customer: Customer) -> dict[str, Any]:
    given = {name: getattr(customer, name) for name in (*_TEXTS, *_PLAIN)}
    days = {name: day.isoformat() for name in _DAYS if (day := getattr(customer, name)) is not None}
    return {**{name: value for name, value in given.items() if value not in {None, ""}}, **days}


def _pennies(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(_PENNY, rounding=ROUND_HALF_UP)

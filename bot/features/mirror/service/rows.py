"""Conversion between a Customer and its row in the mirror; the company key."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

from bot.domain.changes import Snapshot
from bot.domain.customer import Customer
from bot.domain.json_column import JsonColumn
from bot.domain.money import currency_of
from bot.domain.text.folding import same
from storage.queries.mirror import code_sets

_PENNY = Decimal("0.01")
# Columns of their own, most of them to query by; every other field of a customer is in `details`.
_AS_THEY_ARE = ("reference", "name", "short_name", "postcode", "on_hold", "hidden", "updated_at")
_PLAIN = attrgetter(*_AS_THEY_ARE)
_MONEY = ("balance", "base_balance", "credit_limit", "open_orders")
_DETAILS = JsonColumn(Customer, without={"id", "status_reason", "currency", "analysis", *_AS_THEY_ARE, *_MONEY})
# These say when we read the customer, not what Sage has; the keys have a table of their own.
_OURS = {"seen_at", "sweep", "analysis_keys"}


@dataclass(frozen=True, slots=True)
class CompanyKey:
    """One company of one workspace, the key of a mirror."""

    workspace_id: str
    company_pk: int

    @property
    def lease(self) -> str:
        """Return the name of the lease that writing the mirror takes."""
        return f"mirror {self.company_pk}"

    @property
    def named(self) -> dict[str, Any]:
        """Return the key as keyword arguments of storage calls."""
        return {"workspace_id": self.workspace_id, "company_pk": self.company_pk}


def row_of(
    customer: Customer, company: CompanyKey, *, reason: str | None, fired_thresholds: Collection[int], now: datetime
) -> dict[str, Any]:
    """Return all columns.

    Figures are in whole pennies, as they will be read again: else every reading would look like a change.
    """
    return {
        **company.named,
        "customer_id": customer.id,
        **dict(zip(_AS_THEY_ARE, _PLAIN(customer), strict=True)),
        # In pennies, as they are read back: else every reading would look like a change.
        **{name: _pennies(getattr(customer, name)) for name in _MONEY},
        "status_reason": reason,
        "currency_iso": customer.currency.iso,
        "currency_symbol": customer.currency.symbol,
        **keys_of(customer),
        "details": _DETAILS.write(customer),
        "fired_thresholds": sorted(fired_thresholds),
        "seen_at": now,
        "sweep": 0,
    }


def keys_of(customer: Customer) -> dict[str, Any]:
    """Return the columns that typed text is compared with, and the set of the analysis codes with its name."""
    return {
        **_code_set(tuple(customer.analysis.items())),
        "reference_key": same(customer.reference),
        "name_key": same(customer.name),
        "short_name_key": same(customer.short_name),
        "postcode_key": same(customer.postcode).replace(" ", ""),
    }


# Many customers have the same codes.
@lru_cache(maxsize=4_096)
def _code_set(codes: tuple[tuple[int, str], ...]) -> Mapping[str, Any]:
    analysis = {str(slot): value for slot, value in codes}
    analysis_keys = {slot: same(value) for slot, value in analysis.items()}
    return {
        "analysis": analysis,
        "analysis_keys": analysis_keys,
        "code_set": code_sets.name_of(analysis, analysis_keys),
    }


def differs(stored: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether any column differs, apart from those that say when we read the customer."""
    return any(stored[name] != value for name, value in new.items() if name not in _OURS)


def customer_of(row: Mapping[str, Any]) -> Customer:
    """Return the customer that `row_of` stored."""
    currency = currency_of(row["currency_iso"], row["currency_symbol"])
    return _DETAILS.read({**row, **row["details"], "id": row["customer_id"], "currency": currency})


def snapshot_of(row: Mapping[str, Any]) -> Snapshot:
    """Return the part of a stored customer that lists and news are made of."""
    return Snapshot(
        customer_id=row["customer_id"],
        reference=row["reference"],
        name=row["name"],
        on_hold=row["on_hold"],
        balance=row["balance"],
        credit_limit=row["credit_limit"],
        open_orders=row["open_orders"],
        currency=currency_of(row["currency_iso"], row["currency_symbol"]),
        analysis={int(slot): value for slot, value in row["analysis"].items()},
        hidden=row["hidden"],
        status_reason=row["status_reason"],
    )


def _pennies(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(_PENNY, rounding=ROUND_HALF_UP)

"""Conversion between a Customer and its row in the mirror; the company key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from bot.domain.changes import Snapshot
from bot.domain.customer import FIELDS, Customer, Values
from bot.domain.json_column import JsonColumn
from bot.domain.money import currency_of
from bot.domain.text.folding import same
from storage.queries.mirror import code_sets

_PENNY = Decimal("0.01")
# Columns of their own, most of them to query by; every other field of a customer is in `details`.
_AS_THEY_ARE = ("reference", "name", "short_name", "postcode", "on_hold", "hidden", "updated_at")
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


def rows_of(
    customers: Sequence[Values],
    company: CompanyKey,
    *,
    reasons: Mapping[int, str] | None = None,
    stored: Sequence[Mapping[str, Any] | None] | None = None,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the rows of customers. What isn't Sage's, or is read apart, is that of the `stored` row beside each.

    `reasons` are those just read; a stored reason stands while the hold does.
    """
    rows = as_rows(columns_of(customers, company, now=now))
    for row, old in zip(rows, stored or [None] * len(rows), strict=True):
        if old is not None:
            row["fired_thresholds"] = old["fired_thresholds"]
            row["status_reason"] = old["status_reason"] if old["on_hold"] == row["on_hold"] else None
        if reasons and row["customer_id"] in reasons:
            row["status_reason"] = reasons[row["customer_id"]]
    return rows


def as_rows(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return rows that are given column by column."""
    names = tuple(columns)
    return [dict(zip(names, each, strict=True)) for each in zip(*columns.values(), strict=True)]


def columns_of(customers: Sequence[Values], company: CompanyKey, *, now: datetime) -> dict[str, Sequence[Any]]:
    """Return the columns of the rows of customers, with no status reason and no threshold told."""
    count = len(customers)
    given = dict(zip(FIELDS, zip(*customers, strict=True), strict=True))
    return {
        **{name: [value] * count for name, value in company.named.items()},
        "customer_id": given["id"],
        **{name: given[name] for name in _AS_THEY_ARE},
        # In pennies, as they are read back: else every reading would look like a change.
        **{name: _pennies(given[name]) for name in _MONEY},
        "status_reason": [None] * count,
        "currency_iso": [each.iso for each in given["currency"]],
        "currency_symbol": [each.symbol for each in given["currency"]],
        **keys_of(given),
        "details": _DETAILS.write_many(given),
        "fired_thresholds": [[]] * count,
        "seen_at": [now] * count,
        "sweep": [0] * count,
    }


def keys_of(given: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Return the columns that typed text is compared with, and the sets of the analysis codes with their names."""
    sets = [_code_set(tuple(codes.items())) for codes in given["analysis"]]
    return {
        **{name: [each[name] for each in sets] for name in ("analysis", "analysis_keys", "code_set")},
        **{f"{name}_key": list(map(same, given[name])) for name in ("reference", "name", "short_name")},
        "postcode_key": [same(each).replace(" ", "") for each in given["postcode"]],
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
    """Return the customer whose row it is."""
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


def _pennies(amounts: Sequence[Decimal | None]) -> list[Decimal | None]:
    return [None if amount is None else amount.quantize(_PENNY, ROUND_HALF_UP) for amount in amounts]

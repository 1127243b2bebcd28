"""The list of accounts on hold, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bot.domain.money import Currency
from bot.features.alerts.model.messages import HeldAccount


@dataclass(frozen=True, slots=True)
class Account:
    """One account on hold: since which day, as far as the mirror has watched it, and why."""

    held: HeldAccount
    since: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The accounts asked for, the longest on hold first.

    `words` repeat the question and `asked` says what they mean. `labels` are the company's analysis codes.
    `is_narrowed`: the asker may see only their own customers. `meant` are filters to suggest to a user who found
    nothing.
    """

    accounts: tuple[Account, ...]
    company_name: str
    as_of: datetime
    words: str = ""
    asked: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)
    is_narrowed: bool = False
    meant: tuple[str, ...] = ()


class Unknown(StrEnum):
    """Why there is nothing to show."""

    NOT_KEPT = "no copy of this company is kept"
    READING = "the first reading is under way"
    OLD = "the copy is too old"


@dataclass(frozen=True, slots=True)
class NotKnown:
    """No list: `customers` have been read so far, or all were last known to match Sage at `as_of`."""

    why: Unknown
    company_name: str
    as_of: datetime | None = None
    customers: int = 0


def totals(accounts: Iterable[Account]) -> tuple[list[tuple[Currency, Decimal]], int]:
    """Return the sum of balances per currency, by its name, and the number of accounts without a balance."""
    sums: dict[str, tuple[Currency, Decimal]] = {}
    without = 0
    for account in accounts:
        customer = account.held.customer
        if customer.balance is None:
            without += 1
            continue
        key = customer.currency.iso or customer.currency.symbol
        currency, so_far = sums.get(key, (customer.currency, Decimal(0)))
        sums[key] = (currency, so_far + customer.balance)
    return [sums[key] for key in sorted(sums)], without

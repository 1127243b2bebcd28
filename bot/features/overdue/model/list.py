"""The list of accounts with late debt, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bot.domain.customer import Customer
from bot.domain.debt.early_warning import WarningPoint
from bot.domain.debt.lateness import DebtUnknown
from bot.domain.money import Currency
from bot.features.customers.model.listing import PER_PAGE, NotKnown
from bot.features.overdue.model.query import DebtKind

# Slack refuses a message at about 13,200 characters of blocks, and buttons take a good deal of them.
_WITH_BUTTONS = 7


@dataclass(frozen=True, slots=True)
class OverdueAccount:
    """One account: what is overdue after credit was set off, the oldest of it, and what is in query.

    `broken` was promised by `broken_on` at the latest, has not come, and is not made up for.
    `differs_by`: the balance differs from the open items by so much, in two readings running. `warnings` is what has
    got worse of late.
    """

    customer: Customer
    overdue: Decimal
    oldest_due: date | None
    oldest_days: int
    disputed: Decimal = Decimal(0)
    promised: Decimal = Decimal(0)
    promised_by: date | None = None
    broken: Decimal = Decimal(0)
    broken_on: date | None = None
    differs_by: Decimal | None = None
    warnings: tuple[WarningPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class OverdueTotals:
    """How many accounts there are, and the sum of what is overdue in each currency; never added across currencies."""

    count: int = 0
    sums: tuple[tuple[Currency, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class OverdueListing:
    """A page of the accounts asked for, the oldest debt first, and the totals of all of them.

    `words` repeat the question and `asked` says what they mean. `is_narrowed`: the asker sees their own customers only.
    `meant` are filters to suggest to a user who found nothing. `snoozed` counts suggestions that were put off;
    `may_hold`: the asker may put the accounts on hold, in the company of `company_key`.
    """

    accounts: tuple[OverdueAccount, ...]
    company_name: str
    as_of: datetime
    totals: OverdueTotals
    kind: DebtKind = DebtKind.LATE
    page: int = 1
    words: str = ""
    asked: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)
    is_narrowed: bool = False
    meant: tuple[str, ...] = ()
    alerts: str = ""
    """What to type behind `/sage subscribe` for news of this list; empty if there is none for the asker."""
    snoozed: int = 0
    may_hold: bool = False
    company_key: str = ""
    top: int = 0
    """How many were asked for; 0 for as many as a page holds."""

    @property
    def per_page(self) -> int:
        """Return how many accounts stand on a page."""
        most = _WITH_BUTTONS if self.kind is DebtKind.SUGGESTED and self.may_hold else PER_PAGE
        return min(self.top or most, most)


@dataclass(frozen=True, slots=True)
class OverdueFile:
    """Every late invoice of the accounts asked for as a CSV file; `listing` has no accounts."""

    listing: OverdueListing
    content: bytes


@dataclass(frozen=True, slots=True)
class DebtNotKnown:
    """No list, because the open items aren't known: being read (`read` so far), not given, or too old."""

    why: DebtUnknown
    company_name: str
    read: int = 0
    as_of: datetime | None = None


OverdueAnswer = OverdueListing | NotKnown | DebtNotKnown

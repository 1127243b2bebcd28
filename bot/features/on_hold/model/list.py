"""The list of accounts on hold, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from bot.domain.money import Currency
from bot.features.alerts.model.messages import HeldAccount
from bot.features.customers.model.listing import PER_PAGE, NotKnown
from bot.features.on_hold.model.query import HoldChanges
from bot.features.overdue.model.list import DebtNotKnown


@dataclass(frozen=True, slots=True)
class Account:
    """One account on hold: since which day, as far as the mirror has watched it, and why.

    Of a hold that is over, in a list of what happened, also when and why it ended. `times`: how often it happened to
    the account in the period, of which this is the latest.
    """

    held: HeldAccount
    since: date | None = None
    reason: str = ""
    released: date | None = None
    ending: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Totals:
    """How many accounts there are, the sum of their balances per currency, and how many have no known balance."""

    count: int = 0
    sums: tuple[tuple[Currency, Decimal], ...] = ()
    without_balance: int = 0

    @classmethod
    def of(cls, rows: Iterable[tuple[Currency, Decimal | None, int, int]]) -> Totals:
        """Return the totals of (currency, sum of balances, accounts, accounts with a balance) rows."""
        sums: dict[str, tuple[Currency, Decimal]] = {}
        count = without = 0
        for currency, total, accounts, with_balance in rows:
            count, without = count + accounts, without + accounts - with_balance
            if total is not None:
                # The sign is how an old site names a currency that has no code there.
                first, so_far = sums.get(currency.iso or currency.symbol, (currency, Decimal(0)))
                sums[currency.iso or currency.symbol] = (first, so_far + total)
        return cls(count, tuple(sums[key] for key in sorted(sums)), without)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the accounts asked for, the longest on hold first, and the totals of all of them.

    `words` repeat the question and `asked` says what they mean. `labels` are the company's analysis codes.
    `is_narrowed`: the asker may see only their own customers. `meant` are filters to suggest to a user who found
    nothing.
    """

    accounts: tuple[Account, ...]
    company_name: str
    as_of: datetime
    totals: Totals
    page: int = 1
    words: str = ""
    asked: str = ""
    labels: Mapping[int, str] = field(default_factory=dict)
    is_narrowed: bool = False
    meant: tuple[str, ...] = ()
    company_key: str = ""
    alerts: str = ""
    """What to type behind `/sage subscribe` for news of this list; empty if there is none for the asker."""
    trouble: str = ""
    """Why the figures are not kept fresh; empty if they are."""
    changes: HoldChanges | None = None
    """Of holds that began or ended, the latest first; None: of those that stand now."""
    watched_since: date | None = None
    """The day from which on it is known when holds began and ended."""
    top: int = 0
    """How many were asked for; 0 for as many as a page holds."""

    @property
    def per_page(self) -> int:
        """Return how many accounts stand on a page."""
        return min(self.top or PER_PAGE, PER_PAGE)


@dataclass(frozen=True, slots=True)
class AccountsFile:
    """All accounts asked for as a CSV file; `listing` says what was asked for, and has no accounts."""

    listing: Listing
    content: bytes


OnHoldAnswer = Listing | NotKnown | DebtNotKnown

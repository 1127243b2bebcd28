"""Alerts as values: one change, many changes, the list of accounts on hold, and the report after an outage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.debt.lateness import DebtUnknown
from bot.domain.hold_episode import HoldEpisode
from bot.domain.money import Currency
from bot.features.access.model import authorization as access

Shown = access.Shown
OUT_OF_DATE = timedelta(hours=24)
"""News that has waited for a channel longer than this is told in one message."""


MOST_LINES = 25
"""Accounts on hold in one message of a digest."""
MOST_RELEASED = 10


class MessageKind(StrEnum):
    """The kind of an alert's outbox row: one change, many as one, a list, a report over an outage or over a pause."""

    CHANGE = "change"
    SUMMARY = "summary"
    DIGEST = "digest"
    DEBTS = "debts"
    GAP = "gap"
    WAITED = "waited"


class ChannelTrouble(StrEnum):
    """Why nothing can be posted to a target now, in the words that a paused subscription shows."""

    ARCHIVED = "the channel is archived"
    GONE = "the channel is gone, or it is private and the app was removed from it"
    NOT_IN = "the app is not in the channel"
    SHARED = "the channel is shared with another company"
    ORGANISATION = "the channel is shared with other workspaces of the organisation, where the app isn't installed"
    UNCHECKED = "it couldn't be checked whether the channel is shared with another company"
    RESTRICTED = "not everybody may post there; somebody who manages the channel can let the app post"
    BARRED = "Slack doesn't let the app in there; an admin of Slack can allow it"
    NOT_INSTALLED = "Slack no longer accepts the app's token"
    LEFT = "they are not a full member of this workspace"
    NO_ROLE = "nobody gave them a role in this app, or said which customers are theirs"
    REFUSED = "Sage 200 doesn't let them open that company with their own Sage ID"
    OWNER = "its owner may not subscribe channels any more"


TROUBLES = frozenset(each.value for each in ChannelTrouble)
"""All of them; a subscription that is paused for one of these goes on by itself."""


@dataclass(frozen=True, slots=True)
class Rep:
    """Whose customer it is: by name, and by user id where an admin said so of a person in Slack."""

    name: str
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class ChangeAlert:
    """One change. `episode` is the hold episode of the change, `within` counts what else came during the episode.

    `passed` is the subscription's highest threshold passed; `is_first`: the lowest one too. `pings`: the reps are
    mentioned, and not only named. `number` is that of a subscription that its reader never asked for.
    `is_known`: the reader asked for the release, and has the answer to the request.
    """

    change: Change
    seen_at: datetime
    by_user: str | None = None
    episode: HoldEpisode | None = None
    days_held: int | None = None
    passed: int | None = None
    is_first: bool = True
    within: Mapping[str, int] = field(default_factory=dict)
    company_pk: int = 0
    reps: tuple[Rep, ...] = ()
    pings: bool = False
    number: int = 0
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class SummaryAlert:
    """Very many changes of one kind at once; `customers` are the first of them, reference and name.

    `count` is None where the readers may not know how many of other people's customers changed.
    """

    kind: ChangeKind
    count: int | None
    customers: tuple[tuple[str, str], ...]
    seen_at: datetime
    by_user: str | None = None


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """One line of the list. `at_least`: the account was already on hold when first read."""

    customer: Snapshot
    days: int | None
    at_least: bool = False
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """Some of `count` accounts on hold, the longest first, from number `begin` on; what happened since the last list.

    `new` of them were put on hold since, and `released` are the first of `released_count` that came off it.

    `counts` are the changes gathered for this digest, by kind, and `gathered` the first of them as (kind, reference,
    name). `is_listed`: the list was asked for, and not only the gathered changes. `is_counted`: the numbers of `counts`
    may be told, and not only that there are some.
    """

    held: tuple[HeldAccount, ...]
    due_at: datetime
    count: int = 0
    new: int = 0
    released: tuple[tuple[str, str], ...] = ()
    released_count: int = 0
    since: datetime | None = None
    late_by: timedelta = timedelta()
    as_of: datetime | None = None
    begin: int = 0
    is_listed: bool = True
    counts: Mapping[str, int] = field(default_factory=dict)
    gathered: tuple[tuple[str, str, str], ...] = ()
    is_counted: bool = True
    sums: tuple[tuple[Currency, Decimal], ...] = ()
    """What the accounts on hold owe in all, by currency."""
    company_pk: int = 0


@dataclass(frozen=True, slots=True)
class GapReport:
    """Counts of what changed during an outage of Sage 200 or, with a `reason`, while the target was paused.

    `is_counted`: the numbers may be told, and not only that there are some.
    """

    since: datetime
    until: datetime
    counts: Mapping[str, int]
    reason: str = ""
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class OverdueTotal:
    """What is overdue in one currency today, on how many accounts, and what was then."""

    currency: Currency
    total: Decimal
    accounts: int
    before: Decimal
    new: int = 0
    cleared: int = 0


@dataclass(frozen=True, slots=True)
class OverdueMover:
    """A customer whose overdue debt changed: nothing is "newly overdue" before, and nothing is left of what cleared.

    `oldest_days` is how late the oldest of it is now.
    """

    reference: str
    name: str
    currency: Currency
    now: Decimal
    before: Decimal
    oldest_days: int = 0


@dataclass(frozen=True, slots=True)
class SalesOutstanding:
    """How many days of sales were outstanding at a month's end, by count-back; None: more than `months` of them."""

    currency: Currency
    month: date
    days: Decimal | None
    months: int


@dataclass(frozen=True, slots=True)
class DebtsDigest:
    """What is overdue today against an earlier day, `since`: None where there is none to compare with.

    `unknown` says why nothing is known. Of those that became overdue, were cleared, owe more than then or owe less, the
    lists have the first of each currency. `suggested` is how many are suggested for a hold, `promises_due` how many
    promises are to be kept within a week, and `promises_broken` how many were broken in the last. `outstanding` are the
    days of sales by currency, where all customers are meant.
    """

    company_name: str
    due_at: datetime
    since: date | None = None
    late_by: timedelta = timedelta()
    as_of: datetime | None = None
    unknown: DebtUnknown | None = None
    totals: tuple[OverdueTotal, ...] = ()
    new: tuple[OverdueMover, ...] = ()
    cleared: tuple[OverdueMover, ...] = ()
    moved: tuple[OverdueMover, ...] = ()
    suggested: int = 0
    promises_due: int = 0
    promises_broken: int = 0
    outstanding: tuple[SalesOutstanding, ...] = ()


News = ChangeAlert | SummaryAlert | Digest | GapReport | DebtsDigest

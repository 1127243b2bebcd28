"""The topics that people subscribe to, and the rules for which change is news for which subscription."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from bot.domain import schedule as schedules
from bot.domain.changes import Change, ChangeKind
from bot.domain.filters import customer_filter as filters
from bot.domain.filters.customer_filter import EVERYONE, Filter, Matcher
from bot.domain.schedule import Schedule

DEFAULT_THRESHOLDS = (80, 90)
MOST_THRESHOLDS = 3
DEFAULT_DAYS = (30, 60, 90)
MOST_DAYS = 5
MOST_MESSAGES = 10


class Topic(StrEnum):
    """The topics, as people type them."""

    HOLDS = "holds"
    RELEASES = "releases"
    OVER_LIMIT = "over-limit"
    UTILISATION = "utilisation"
    PAID = "paid"
    ORDERS = "orders"
    OVERDUE = "overdue"
    OVERDUE_PAID = "overdue-paid"
    PROMISE_BROKEN = "promise-broken"
    DIGEST = "digest"
    DEBTS = "debts"


SCHEDULED = frozenset({Topic.DIGEST, Topic.DEBTS})
"""The topics that are lists, sent when their time has come."""


@dataclass(frozen=True, slots=True)
class AlertKind:
    """The kinds of change in a topic, the topic's other spellings, and its meaning in words."""

    kinds: frozenset[ChangeKind]
    spellings: tuple[str, ...]
    meaning: str


ALERT_KINDS: Mapping[Topic, AlertKind] = {
    Topic.HOLDS: AlertKind(frozenset({ChangeKind.PUT_ON_HOLD}), ("hold", "on-hold", "onhold", "held"), "put on hold"),
    Topic.RELEASES: AlertKind(frozenset({ChangeKind.RELEASED}), ("release", "released"), "released"),
    Topic.OVER_LIMIT: AlertKind(
        frozenset({ChangeKind.OVER_LIMIT, ChangeKind.BACK_UNDER_LIMIT}),
        ("overlimit", "limit", "limits"),
        "over the credit limit or back under it",
    ),
    Topic.UTILISATION: AlertKind(
        frozenset({ChangeKind.UTILISATION}), ("utilization", "usage", "used"), "use of the credit limit reaching"
    ),
    Topic.PAID: AlertKind(
        frozenset({ChangeKind.PAID_WHILE_HELD}), ("payments", "payment", "pays"), "paid while on hold"
    ),
    Topic.ORDERS: AlertKind(frozenset({ChangeKind.ORDER_WHILE_HELD}), ("order",), "order for an account on hold"),
    Topic.OVERDUE: AlertKind(frozenset({ChangeKind.OVERDUE}), ("late", "late-debt", "overdues"), "debt overdue for"),
    Topic.OVERDUE_PAID: AlertKind(
        frozenset({ChangeKind.OVERDUE_PAID}), ("paid-overdue", "late-paid"), "overdue debt paid"
    ),
    Topic.PROMISE_BROKEN: AlertKind(
        frozenset({ChangeKind.PROMISE_BROKEN}),
        ("promises-broken", "broken-promise", "broken-promises"),
        "promise to pay broken",
    ),
    Topic.DIGEST: AlertKind(frozenset(), ("digests", "summary", "list"), "list of accounts on hold"),
    Topic.DEBTS: AlertKind(frozenset(), ("debt",), "overdue debt compared with last week"),
}
# These end what was told before: a customer who paid up must not stay "on hold" in a channel for large balances.
ENDINGS = {ChangeKind.RELEASED, ChangeKind.BACK_UNDER_LIMIT}
_OF_THRESHOLDS = {ChangeKind.UTILISATION, ChangeKind.OVERDUE}


class DeliveryMode(StrEnum):
    """How alerts arrive: each at once, each in one thread, or gathered until the schedule is due."""

    AT_ONCE = "at_once"
    THREAD = "thread"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Target:
    """Where alerts go: a channel's id or, when `personal`, the id of a person who is told in a DM."""

    id: str
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Subscription:
    """ "Tell these kinds of news about customers like these there." `paused` is the reason, empty while it runs.

    `thresholds` are of the use of the limit, in per cent, and `days` of overdue debt. `pings`: the customer's reps are
    mentioned in each alert, and not only named.
    """

    topics: frozenset[Topic]
    target: Target
    filter: Filter = EVERYONE
    thresholds: tuple[int, ...] = ()
    delivery: DeliveryMode = DeliveryMode.AT_ONCE
    schedule: Schedule | None = None
    muted_until: datetime | None = None
    paused: str = ""
    days: tuple[int, ...] = ()
    pings: bool = False

    @property
    def only_mine(self) -> bool:
        """Return whether the subscription is limited to the customers that belong to a person."""
        return self.filter.mine is not None

    def is_silent(self, now: datetime) -> bool:
        """Return whether alerts are paused, or muted until later. News that comes meanwhile is not kept."""
        return bool(self.paused) or (self.muted_until is not None and now < self.muted_until)


def passed(subscription: Subscription, change: Change) -> int | None:
    """Return the highest of the subscription's thresholds that this change passed; None if there is none."""
    asked = subscription.days if change.kind is ChangeKind.OVERDUE else subscription.thresholds
    return max(set(asked) & set(change.crossed), default=None)


class Interest:
    """What subscriptions ask, prepared for testing many changes: the filter is compiled once."""

    __slots__ = ("_endings", "_matcher", "_subscription", "kinds")

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription
        self.kinds = _kinds_of(subscription.topics)
        self._matcher, self._endings = _matchers_of(subscription.filter)

    def wants(self, change: Change, now: datetime) -> bool:
        """Return whether a change is news for the subscription at this moment."""
        if change.kind not in self.kinds or self._subscription.is_silent(now):
            return False
        if change.kind in _OF_THRESHOLDS and passed(self._subscription, change) is None:
            return False
        if change.kind in ENDINGS:
            return self._endings.fits(change.customer) or self._endings.fits(change.before)
        return self._matcher.fits(change.customer)


# Of many subscriptions few differ in what they ask.
@lru_cache(maxsize=1_024)
def interest_in(
    topics: frozenset[Topic], chosen: Filter, thresholds: tuple[int, ...], days: tuple[int, ...]
) -> Interest:
    """Return what subscriptions ask that are not silent: one object for all that ask the same."""
    return Interest(Subscription(topics, Target(""), chosen, thresholds, days=days))


@lru_cache(maxsize=1_024)
def _kinds_of(topics: frozenset[Topic]) -> frozenset[ChangeKind]:
    return frozenset(kind for topic in topics for kind in ALERT_KINDS[topic].kinds)


@lru_cache(maxsize=1_024)
def _matchers_of(chosen: Filter) -> tuple[Matcher, Matcher]:
    """Return the filter prepared, and prepared for what ends an earlier alert, whatever the balance is by then."""
    matcher = Matcher(chosen)
    has_least = chosen.minimum_balance is not None
    return matcher, Matcher(replace(chosen, minimum_balance=None)) if has_least else matcher


def summary_wanted(count: int, most: int = MOST_MESSAGES) -> bool:
    """Return whether this many changes of one kind, for one target in one reading of Sage, become one message."""
    return count > most


def describe_topics(subscription: Subscription, labels: Mapping[int, str]) -> str:
    """Return the subscription in plain English, without the target. The filter's words are Sage's: escape them."""
    news = ", ".join(_said(topic, subscription) for topic in Topic if topic in subscription.topics)
    how = {DeliveryMode.AT_ONCE: "", DeliveryMode.THREAD: "in a thread", DeliveryMode.DIGEST: "in a summary"}[
        subscription.delivery
    ]
    when = schedules.describe_schedule(subscription.schedule) if subscription.schedule else ""
    about = "" if subscription.filter == EVERYONE else filters.describe_filter(subscription.filter, labels)
    pings = "pings the rep" if subscription.pings else ""
    return "; ".join(filter(None, (news, about, " ".join(filter(None, (how, when))), pings)))


def _said(topic: Topic, subscription: Subscription) -> str:
    meaning = ALERT_KINDS[topic].meaning
    if topic is Topic.UTILISATION:
        return f"{meaning} {' or '.join(f'{each}%' for each in sorted(subscription.thresholds))}"
    if topic is Topic.OVERDUE:
        return f"{meaning} {' or '.join(map(str, sorted(subscription.days)))} days"
    return meaning

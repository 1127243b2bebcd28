"""A subscription as listed, previewed and typed again, and the analysis codes that "mine" stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain import schedule as schedules
from bot.domain.changes import Change
from bot.domain.filters import customer_filter as filters
from bot.domain.filters.customer_filter import Codes
from bot.domain.text.folding import same
from bot.features.alerts.model.topics import DeliveryMode, Subscription, Topic

BY_HAND = "paused in Slack"
_DELIVERY_WORDS = {DeliveryMode.AT_ONCE: "", DeliveryMode.THREAD: " as thread", DeliveryMode.DIGEST: " as digest"}


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """One subscription by its number. `labels` are those of the analysis codes of its company.

    `stopped`: no live Sage sign-in reads the company.
    """

    number: int
    owner: str
    subscription: Subscription
    company_name: str
    labels: Mapping[int, str] = field(default_factory=dict)
    paused_since: datetime | None = None
    due_at: datetime | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """The number of alerts that the last `days` would have brought, the newest few, and whether more were left."""

    count: int
    newest: tuple[tuple[datetime, Change], ...] = ()
    more: bool = False
    days: int = 30


@dataclass(frozen=True, slots=True)
class Created:
    """A subscription just made or changed, how much its place is shown, and what it would have told lately."""

    kept: SubscriptionView
    figures_class: str
    told: Preview
    reads_as_owner: bool = False
    was_there: bool = False
    """Whether an equal subscription was there already, so that none was made."""
    overlapping: tuple[int, ...] = ()
    """The numbers of others that tell some of the same kinds in the same place."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A subscription that has ended. `typed` makes an equal one; empty unless its owner ended the subscription."""

    kept: SubscriptionView
    typed: str = ""


def is_equal(one: Subscription, other: Subscription) -> bool:
    """Return whether both tell equal news, of equal customers, in one place and one way."""
    return _told(one) == _told(other)


def _told(each: Subscription) -> Subscription:
    """Return the subscription without its silence, and with its parts in one order."""
    chosen = each.filter
    codes = tuple(sorted((replace(code, values=_sorted(code.values)) for code in chosen.codes), key=repr))
    mine = chosen.mine and tuple(sorted((replace(code, values=_sorted(code.values)) for code in chosen.mine), key=repr))
    ordered = replace(
        chosen, codes=codes, mine=mine, currencies=_sorted(chosen.currencies), customers=_sorted(chosen.customers)
    )
    return replace(each, filter=ordered, muted_until=None, paused="")


def _sorted(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(map(same, values)))


def is_reps(label: str) -> bool:
    """Return whether an analysis code of this label holds the names of sales people."""
    return "rep" in label.casefold() or "sales" in label.casefold()


def codes_of(name: str, labels: Mapping[int, str], values: Mapping[int, Collection[str]]) -> tuple[Codes, ...]:
    """Return the analysis codes whose value is a person's whole name or, where none is, the first name."""
    reps = {slot: values.get(slot, []) for slot, label in labels.items() if is_reps(label)}
    for wanted in (same(name), same(name).partition(" ")[0]):
        fitting = {
            slot: tuple(each for each in known if wanted and same(each) == wanted) for slot, known in reps.items()
        }
        if any(fitting.values()):
            return tuple(Codes(slot, found) for slot, found in sorted(fitting.items()) if found)
    return ()


def as_typed(subscription: Subscription, labels: Mapping[int, str]) -> str:
    """Return the words to type behind `/sage subscribe` for an equal subscription."""
    kinds = [_kind(topic, subscription) for topic in Topic if topic in subscription.topics]
    target = "me" if subscription.target.personal else f"<#{subscription.target.id}>"
    where = filters.filter_as_typed(subscription.filter, labels)
    at = f" at {schedules.schedule_as_typed(subscription.schedule)}" if subscription.schedule else ""
    # Kinds that are joined by commas would be read as more days by a digest, so its word comes last.
    return (
        f"{','.join(kinds)} in {target}{f' where {where}' if where else ''}{at}{_DELIVERY_WORDS[subscription.delivery]}"
        f"{' ping' if subscription.pings else ''}"
    )


def _kind(topic: Topic, subscription: Subscription) -> str:
    numbers = {Topic.UTILISATION: subscription.thresholds, Topic.OVERDUE: subscription.days}.get(topic, ())
    return f"{topic.value} {','.join(map(str, numbers))}".strip()

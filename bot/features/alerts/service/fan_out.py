"""Reads a subscription's row as a domain value, and makes alerts for the subscription's target."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from bot.domain.filters.customer_filter import Codes, Filter
from bot.domain.json_column import FILTER_JSON, SCHEDULE_JSON
from bot.domain.schedule import Schedule
from bot.features.alerts.model.messages import MessageKind
from bot.features.alerts.model.topics import DeliveryMode, Interest, Subscription, Target, Topic, interest_in
from bot.features.subscriptions.model.subscription import as_typed
from storage.tables.alerts import SubscriptionRow as Row


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the JSON columns of a subscription's row say."""

    topics: frozenset[Topic]
    filter: Filter
    thresholds: tuple[int, ...]
    days: tuple[int, ...]
    schedule: Schedule | None

    @classmethod
    def of(cls, topics: Any, chosen: Any, thresholds: Any, days: Any, schedule: Any) -> _Asked:
        """Return what is said by the columns' values."""
        when = SCHEDULE_JSON.read(schedule) if schedule is not None else None
        return cls(frozenset(map(Topic, topics)), FILTER_JSON.read(chosen), tuple(thresholds), tuple(days), when)


_JSON_COLUMNS = attrgetter("topics", "filter", "thresholds", "days", "schedule")


# Of many subscriptions few differ in these.
@lru_cache(maxsize=1_024)
def _asked_in(*texts: str | None) -> _Asked:
    return _Asked.of(*(None if text is None else json.loads(text) for text in texts))


def subscription_of(row: Row, mine: tuple[Codes, ...] = ()) -> Subscription:
    """Return the subscription that a row keeps, whose JSON columns may still be text.

    `mine` are the analysis codes of the owner today, in place of those when the subscription was made.
    """
    columns = _JSON_COLUMNS(row)
    asked = _asked_in(*columns) if isinstance(row.topics, str) else _Asked.of(*columns)
    chosen = asked.filter
    return Subscription(
        topics=asked.topics,
        target=Target(row.target_id, row.is_personal),
        filter=replace(chosen, mine=mine) if chosen.mine is not None and mine else chosen,
        thresholds=asked.thresholds,
        days=asked.days,
        delivery=DeliveryMode(row.delivery),
        schedule=asked.schedule,
        muted_until=row.muted_until,
        paused=row.paused_reason,
        pings=row.pings,
    )


def called(row: Row) -> str:
    """Return the subscription's name in the audit log."""
    return f"subscription {row.number}"


def stands(row: Row) -> str:
    """Return the state of the subscription for the audit log: owner, silence, topics and target."""
    silent = f", {row.paused_reason}" if row.paused_reason else ""
    muted = f", muted until {row.muted_until:%Y-%m-%d %H:%M} UTC" if row.muted_until else ""
    place = "in private" if row.is_personal else f"in {row.target_id}"
    typed = as_typed(subscription_of(row), {})
    shown = typed.replace(" in me" if row.is_personal else f" in <#{row.target_id}>", f" {place}", 1)
    return f"{row.owner}{silent}{muted}: {shown}"


@dataclass(frozen=True, slots=True)
class FanOut:
    """A subscription as row, as value, and prepared for testing many changes."""

    row: Row
    value: Subscription
    interest: Interest

    @classmethod
    def of(cls, row: Row, mine: tuple[Codes, ...] = ()) -> FanOut:
        """Return the subscription of a row; `mine` are the analysis codes of the owner today."""
        value = subscription_of(row, mine)
        return cls(row, value, interest_in(value.topics, value.filter, value.thresholds, value.days))

    @property
    def gathers(self) -> bool:
        """Return whether alerts wait for the subscription's digest."""
        return self.value.delivery is DeliveryMode.DIGEST


# Every look for changes reads the same subscriptions again.
@lru_cache(maxsize=2_048)
def fan_out_of(row: Any, mine: tuple[Codes, ...] = ()) -> FanOut:
    """Return what `FanOut.of` does, of a row whose JSON columns are text: one object for the same row."""
    return FanOut.of(row, mine)


def alert(
    by: FanOut,
    kind: MessageKind,
    facts: Mapping[str, Any],
    key: str,
    now: datetime,
    episode_id: int | None = None,
    *,
    at_once: bool = False,
    mark: str = "",
) -> dict[str, Any]:
    """Return the outbox row of one alert for the subscription's target.

    The alert is due now or, where the subscription gathers, with its digest.
    """
    return {
        "workspace_id": by.row.workspace_id,
        "company_pk": by.row.company_pk,
        "subscription_id": by.row.id,
        "target_id": by.value.target.id,
        "is_personal": by.value.target.personal,
        "kind": kind,
        "facts": facts,
        "dedupe_key": f"{key}:{by.row.id}{mark}",
        "due_at": None if by.gathers and not at_once else now,
        "episode_id": episode_id,
    }

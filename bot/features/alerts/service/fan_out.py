"""Reads a subscription's row as a domain value, and makes alerts for the subscription's target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.customer_filter import Codes
from bot.domain.json_column import FILTER_JSON, SCHEDULE_JSON
from bot.features.alerts.model.messages import MessageKind
from bot.features.alerts.model.topics import DeliveryMode, Interest, Subscription, Target, Topic
from bot.features.mirror.service.change_listener import ObservedChange
from bot.features.subscriptions.model.subscription import as_typed
from storage.tables.alerts import SubscriptionRow as Row


def subscription_of(row: Row, mine: tuple[Codes, ...] = ()) -> Subscription:
    """Return the subscription that a row keeps.

    `mine` are the analysis codes of the owner today, in place of those when the subscription was made.
    """
    chosen = FILTER_JSON.read(row.filter)
    return Subscription(
        topics=frozenset(map(Topic, row.topics)),
        target=Target(row.target_id, row.is_personal),
        filter=replace(chosen, mine=mine) if chosen.mine is not None and mine else chosen,
        thresholds=tuple(row.thresholds),
        days=tuple(row.days),
        delivery=DeliveryMode(row.delivery),
        schedule=SCHEDULE_JSON.read(row.schedule) if row.schedule is not None else None,
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
        return cls(row, value, Interest(value))

    @property
    def gathers(self) -> bool:
        """Return whether alerts wait for the subscription's digest."""
        return self.value.delivery is DeliveryMode.DIGEST

    def hears_of(self, seen: ObservedChange, now: datetime) -> bool:
        """Return whether this change is told: people are not told in private what they did themselves."""
        target = self.value.target
        if target.personal and target.id == seen.by_user:
            return False
        return self.interest.wants(seen.change, now)


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
        "facts": dict(facts),
        "dedupe_key": f"{key}:{by.row.id}{mark}",
        "due_at": None if by.gathers and not at_once else now,
        "episode_id": episode_id,
    }

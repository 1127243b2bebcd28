"""Publishes what the mirror has observed to subscriptions, and queues the digests that are due."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

import storage.queries.alerts.subscriptions as rows
from bot.coordination.each_alone import each_alone
from bot.domain.changes import Change, ChangeKind
from bot.domain.filters.customer_filter import codes_from
from bot.domain.json_column import CHANGE_JSON
from bot.features.alerts.model.messages import MessageKind
from bot.features.alerts.model.topics import SCHEDULED, DeliveryMode, Target, summary_wanted
from bot.features.alerts.service.digest import queue_digest
from bot.features.alerts.service.fan_out import FanOut, alert, fan_out_of
from bot.features.alerts.service.receivers import WITHOUT_A_BREAK, ToldAlike, told_alike
from bot.features.mirror.service.change_listener import ObservedChange
from bot.features.mirror.service.seen_changes import observed
from storage.database import Database
from storage.queries.access import roles
from storage.queries.alerts import outbox, snoozes

MOST_LISTED = 20
_MOST_DIGESTS = 500
# Of two subscriptions for one place that want the same change, the one that tells it soonest does.
_SOONEST = (DeliveryMode.AT_ONCE, DeliveryMode.THREAD, DeliveryMode.DIGEST)


@dataclass(slots=True)
class _Pile:
    """The changes of one kind for one target, as the parts that are told alike, each by its subscription."""

    parts: list[tuple[int, FanOut, ToldAlike]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many changes the pile has."""
        return sum(len(group.changes) for _, _, group in self.parts)

    def first(self) -> tuple[int, int, FanOut]:
        """Return (number of the change, number of the subscription, the subscription) that come first."""
        firsts = ((group.changes[0][0], number, by) for number, by, group in self.parts)
        return min(firsts, key=lambda each: each[:2])


class AlertPublisher:
    """Writes alerts to the outbox, from where `delivery` posts them."""

    def __init__(self, *, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def thresholds(self, tx: AsyncSession, *, company_pk: int) -> frozenset[int]:
        """Return the utilisation thresholds of all the company's subscriptions, in per cent."""
        return await rows.thresholds_of(tx, company_pk=company_pk)

    async def publish(
        self, tx: AsyncSession, *, workspace_id: str, company_pk: int, seen: Sequence[ObservedChange], now: datetime
    ) -> None:
        """Write each change once to each target that wants the change; very many of one kind become a summary."""
        if not seen:
            return
        snoozed = await snoozes.running(tx, workspace_id=workspace_id, company_pk=company_pk, now=now)
        told = await told_alike(await _running(tx, workspace_id, company_pk, now), seen, now, snoozed)
        await outbox.add_all(tx, await _alerts(told, now), now=now)

    async def announce(
        self, tx: AsyncSession, *, workspace_id: str, company_pk: int, changes: Sequence[Change], now: datetime
    ) -> None:
        """Store and publish changes that no reading of Sage shows: a day that passed, a promise that was broken."""
        company: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
        seen = await observed(tx, changes, **company, now=now)
        await self.publish(tx, **company, seen=seen, now=now)

    async def outage_over(
        self,
        tx: AsyncSession,
        *,
        workspace_id: str,
        company_pk: int,
        since: datetime,
        seen: Sequence[ObservedChange],
        was_away: bool,
        now: datetime,
    ) -> None:
        """Write one report of the changes since an outage began to each target, in place of `publish`.

        Unless Sage itself `was_away`, targets for which nothing changed get no report.
        """
        running = await _running(tx, workspace_id, company_pk, now)
        counts: dict[Target, Counter[str]] = {}
        snoozed = await snoozes.running(tx, workspace_id=workspace_id, company_pk=company_pk, now=now)
        for group in await told_alike(running, seen, now, snoozed):
            for _, by in group.receivers:
                counts.setdefault(by.value.target, Counter())[group.kind.value] += len(group.changes)
        reported: set[Target] = set()
        alerts = []
        for each in running:
            place = each.value.target
            # A mere list is whole whenever it comes.
            if place in reported or each.value.topics <= SCHEDULED:
                continue
            if not was_away and place not in counts:
                continue
            reported.add(place)
            facts = {"since": since.isoformat(), "until": now.isoformat(), "counts": dict(counts.get(place, {}))}
            alerts.append(alert(each, MessageKind.GAP, facts, f"gap:{company_pk}:{since.isoformat()}", now))
        await outbox.add_all(tx, alerts, now=now)

    async def digests_due(self) -> bool:
        """Return whether any digest is due."""
        async with self._database.reading() as tx:
            return bool(await rows.due(tx, now=self._clock(), limit=1))

    async def queue_digests(self, now: datetime) -> int:
        """Queue the digests that are due, each once across all processes; return the number queued."""
        async with self._database.reading() as tx:
            due = await rows.due(tx, now=now, limit=_MOST_DIGESTS)

        async def queue(each: tuple[str, int]) -> bool:
            async with self._database.transaction() as tx:
                return await queue_digest(tx, *each, now=now)

        queued = await each_alone(
            due, queue, task="queue a digest", ids=lambda each: {"workspace": each[0], "subscription": each[1]}
        )
        return sum(queued)


async def _running(tx: AsyncSession, workspace_id: str, company_pk: int, now: datetime) -> list[FanOut]:
    """Return a company's subscriptions that aren't silent.

    Those told soonest come first, then those without a minimum balance, then the oldest.
    """
    found = await rows.of_company(tx, workspace_id=workspace_id, company_pk=company_pk)
    codes = await roles.codes_of(tx, workspace_id=workspace_id, company_pk=company_pk)
    mine = {owner: codes_from(given) for owner, given in codes.items()}
    read = (fan_out_of(row, mine.get(row.owner, ())) for row in found)
    running = (each for each in read if not each.value.is_silent(now))
    return sorted(
        running, key=lambda each: (_SOONEST.index(each.value.delivery), each.value.filter.minimum_balance is not None)
    )


async def _alerts(told: Sequence[ToldAlike], now: datetime) -> list[dict[str, Any]]:
    """Return the outbox rows, in the order of the changes; very many of one kind for one target become a summary."""
    piles: dict[tuple[Target, ChangeKind, bool], _Pile] = {}
    for group in told:
        for number, by in group.receivers:
            piles.setdefault((by.value.target, group.kind, by.gathers), _Pile()).parts.append((number, by, group))
    alerts: dict[tuple[int, int], dict[str, Any]] = {}
    # Of a change or a summary to many targets the facts are one object.
    changes: dict[int, dict[str, Any]] = {}
    summaries: dict[tuple[int, ...], tuple[str, dict[str, Any]]] = {}
    read = 0
    for pile in piles.values():
        if not summary_wanted(pile.count):
            for number, by, group in pile.parts:
                for index, one in group.changes:
                    facts = changes.get(one.id) or changes.setdefault(one.id, _change(one))
                    key = f"change:{one.id}"
                    alerts[index, number] = alert(by, MessageKind.CHANGE, facts, key, now, one.episode_id)
            continue
        same = tuple(id(group) for _, _, group in pile.parts)
        if same not in summaries:
            summaries[same] = _summary([group for _, _, group in pile.parts])
            read += pile.count
            if read >= WITHOUT_A_BREAK:
                read = 0
                await asyncio.sleep(0)
        key, facts = summaries[same]
        index, number, by = pile.first()
        alerts[index, number] = alert(by, MessageKind.SUMMARY, facts, key, now)
    return [alerts[place] for place in sorted(alerts)]


def _change(seen: ObservedChange) -> dict[str, Any]:
    return {
        **CHANGE_JSON.write(seen.change),
        "change_id": seen.id,
        "episode_id": seen.episode_id,
        "by_user": seen.by_user,
        **({"asked_by": seen.asked_by} if seen.asked_by else {}),
        "seen_at": seen.seen_at.isoformat(),
    }


def _summary(groups: Sequence[ToldAlike]) -> tuple[str, dict[str, Any]]:
    """Return (key, facts) of a summary: the number and the first customers; `by_user` only where one did it all."""
    pile = [one for _, one in sorted(chain.from_iterable(group.changes for group in groups), key=itemgetter(0))]
    people = {seen.by_user for seen in pile}
    first = [seen.change.customer for seen in pile[:MOST_LISTED]]
    return f"summary:{pile[0].change.kind}:{pile[0].id}", {
        "kind": pile[0].change.kind.value,
        "count": len(pile),
        "customers": [
            {"customer_id": each.customer_id, "reference": each.reference, "name": each.name} for each in first
        ],
        "by_user": people.pop() if len(people) == 1 else None,
        "seen_at": pile[-1].seen_at.isoformat(),
    }

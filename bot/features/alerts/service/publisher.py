"""Publishes what the mirror has observed to subscriptions, and queues the digests that are due."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

import storage.queries.alerts.subscriptions as rows
from bot.coordination.each_alone import each_alone
from bot.domain.changes import Change, ChangeKind
from bot.domain.filters.customer_filter import codes_from
from bot.domain.json_column import CHANGE_JSON
from bot.features.alerts.model.messages import MessageKind
from bot.features.alerts.model.topics import ALERT_KINDS, ENDINGS, SCHEDULED, DeliveryMode, summary_wanted
from bot.features.alerts.service.digest import queue_digest
from bot.features.alerts.service.fan_out import FanOut, alert
from bot.features.mirror.service.change_listener import ObservedChange
from bot.features.mirror.service.seen_changes import observed
from storage.database import Database
from storage.queries.access import roles
from storage.queries.alerts import outbox, snoozes

MOST_LISTED = 20
_MOST_DIGESTS = 500
# Of two subscriptions for one place that want the same change, the one that tells it soonest does.
_SOONEST = (DeliveryMode.AT_ONCE, DeliveryMode.THREAD, DeliveryMode.DIGEST)


_WITHOUT_A_BREAK = 2_000  # changes tried; members of Slack are answered in between

_Pile = tuple[str, bool, ChangeKind, bool]


@dataclass(frozen=True, slots=True)
class _Publication:
    """One change for one target."""

    seen: ObservedChange
    by: FanOut

    @property
    def pile(self) -> _Pile:
        """Return the key by which very many changes become one message."""
        target = self.by.value.target
        return target.id, target.personal, self.seen.change.kind, self.by.gathers


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
        told = await _told(await _wanted(tx, workspace_id, company_pk), seen, now, snoozed)
        piles: dict[_Pile, list[int]] = {}
        for number, each in enumerate(told):
            piles.setdefault(each.pile, []).append(number)
            if number % _WITHOUT_A_BREAK == 0:
                await asyncio.sleep(0)
        summaries = {pile[0]: pile for pile in piles.values() if summary_wanted(len(pile))}
        alone = [number for pile in piles.values() if not summary_wanted(len(pile)) for number in pile]
        alerts = []
        # Of a change to many targets the facts are one object.
        changed = {told[number].seen.id: told[number].seen for number in alone}
        facts = {change_id: _change(each) for change_id, each in changed.items()}
        for number in sorted([*summaries, *alone]):
            seen_one, by = told[number].seen, told[number].by
            if number in summaries:
                key = f"summary:{seen_one.change.kind}:{seen_one.id}"
                pile = [told[each].seen for each in summaries[number]]
                alerts.append(alert(by, MessageKind.SUMMARY, _summary(pile), key, now))
            else:
                key, episode_id = f"change:{seen_one.id}", seen_one.episode_id
                alerts.append(alert(by, MessageKind.CHANGE, facts[seen_one.id], key, now, episode_id))
        await outbox.add_all(tx, alerts, now=now)

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
        running = [each for each in await _wanted(tx, workspace_id, company_pk) if not each.value.is_silent(now)]
        counts: dict[tuple[str, bool], Counter[str]] = {}
        snoozed = await snoozes.running(tx, workspace_id=workspace_id, company_pk=company_pk, now=now)
        for number, told in enumerate(await _told(running, seen, now, snoozed)):
            if number % _WITHOUT_A_BREAK == 0:
                await asyncio.sleep(0)
            target = told.by.value.target
            counts.setdefault((target.id, target.personal), Counter())[told.seen.change.kind.value] += 1
        reported: set[tuple[str, bool]] = set()
        alerts = []
        for each in running:
            place = (each.value.target.id, each.value.target.personal)
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


async def _wanted(tx: AsyncSession, workspace_id: str, company_pk: int) -> list[FanOut]:
    """Return a company's subscriptions: those told soonest first, then those without a minimum balance, then by age."""
    found = await rows.of_company(tx, workspace_id=workspace_id, company_pk=company_pk)
    codes = await roles.codes_of(tx, workspace_id=workspace_id, company_pk=company_pk)
    read = (FanOut.of(row, codes_from(codes.get(row.owner, {}))) for row in found)
    return sorted(
        read, key=lambda each: (_SOONEST.index(each.value.delivery), each.value.filter.minimum_balance is not None)
    )


async def _told(
    wanted: Sequence[FanOut], seen: Sequence[ObservedChange], now: datetime, snoozed: Collection[tuple[str, int]]
) -> list[_Publication]:
    """Return each change with one subscription for each target that wants the change, in the order of the changes.

    `snoozed` are the targets and customers of which nothing is told but what ends an earlier alert.
    """
    asking: dict[ChangeKind, list[FanOut]] = {
        kind: [each for each in wanted if any(kind in ALERT_KINDS[topic].kinds for topic in each.value.topics)]
        for kind in ChangeKind
    }
    told = []
    tried = 0
    for one in seen:
        tried += len(asking[one.change.kind]) + 1
        if tried >= _WITHOUT_A_BREAK:
            tried = 0
            await asyncio.sleep(0)
        places: set[tuple[str, bool]] = set()
        for each in asking[one.change.kind]:
            place = (each.value.target.id, each.value.target.personal)
            is_snoozed = (place[0], one.change.customer.customer_id) in snoozed and one.change.kind not in ENDINGS
            if place not in places and not is_snoozed and each.hears_of(one, now):
                places.add(place)
                told.append(_Publication(one, each))
    return told


def _change(seen: ObservedChange) -> dict[str, Any]:
    return {
        **CHANGE_JSON.write(seen.change),
        "change_id": seen.id,
        "episode_id": seen.episode_id,
        "by_user": seen.by_user,
        **({"asked_by": seen.asked_by} if seen.asked_by else {}),
        "seen_at": seen.seen_at.isoformat(),
    }


def _summary(pile: Sequence[ObservedChange]) -> dict[str, Any]:
    """Return the facts of a summary: the number and the first customers; `by_user` only where one person did it all."""
    people = {seen.by_user for seen in pile}
    first = [seen.change.customer for seen in pile[:MOST_LISTED]]
    return {
        "kind": pile[0].change.kind.value,
        "count": len(pile),
        "customers": [
            {"customer_id": each.customer_id, "reference": each.reference, "name": each.name} for each in first
        ],
        "by_user": people.pop() if len(people) == 1 else None,
        "seen_at": pile[-1].seen_at.isoformat(),
    }

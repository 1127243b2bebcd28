"""Late debt judged each working day in the morning: whose debt has reached how many days, told once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.lease import Lease, hold_lease
from bot.domain.changes import Change, ChangeKind, LateDebt
from bot.domain.debt.debts import NOTHING
from bot.domain.debt.early_warning import BROKEN_WITHIN, Mark, marks_from, used_of, warning_points, whole, with_mark
from bot.domain.schedule import WEEKDAYS, Schedule, is_due_on, next_due
from bot.features.access.model.authorization import Policy
from bot.features.access.service.sessions import policy_from
from bot.features.alerts.model.topics import DEFAULT_DAYS
from bot.features.alerts.service.publisher import AlertPublisher
from bot.features.mirror.service.rows import CompanyKey, snapshot_of
from bot.features.overdue.model.thresholds import newly_told, reached
from bot.features.overdue.service.debts import differs
from storage.database import Database
from storage.queries import promises, settings
from storage.queries.alerts import subscriptions
from storage.queries.mirror import debt_days, mirror_state, mirrored_customers, open_items
from storage.tables.alerts import LIVE, MirrorStateRow

MORNING = time(8)
_AGAIN = timedelta(minutes=10)
_KEPT_DAYS = timedelta(days=15)
_AT_ONCE = 2_000

log = structlog.get_logger(__name__)


class Ageing:
    """Judges the late debt of each company. Two processes at once do it once."""

    def __init__(self, *, database: Database, alerts: AlertPublisher, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._alerts = alerts
        self._clock = clock

    async def due(self, *, most: int) -> list[tuple[str, int]]:
        """Return (workspace id, company) of the companies whose late debt is to be judged."""
        async with self._database.reading() as tx:
            return await mirror_state.due_ageing(tx, now=self._clock(), limit=most)

    async def judge(self, *, workspace_id: str, company_pk: int) -> bool:
        """Judge one company, and write the alerts. Return False if it isn't due, or can't be judged now.

        The first judgement tells nothing: what is late by then was late before anybody asked.
        """
        company = CompanyKey(workspace_id, company_pk)
        async with hold_lease(company.lease, database=self._database, clock=self._clock) as lease:
            # The mirror writes the same rows, under the same lease.
            if lease is None:
                return False
            return await self._judge(company, lease)

    async def _judge(self, company: CompanyKey, lease: Lease) -> bool:
        now = self._clock()
        async with self._database.reading() as tx:
            state = await mirror_state.of_company(tx, **company.named)
            policy = policy_from(await settings.of_workspace(tx, workspace_id=company.workspace_id))
            thresholds = await subscriptions.days_of(tx, company_pk=company.company_pk) | set(DEFAULT_DAYS)
        if state is None or state.items_phase != LIVE or (state.ageing_due_at or now) > now:
            return False
        local = now.astimezone(ZoneInfo(policy.zone))
        mornings = Schedule(WEEKDAYS, MORNING, policy.zone, policy.region)
        is_morning = is_due_on(mornings, local.date()) and local.time() >= MORNING
        if state.aged_on is not None and not is_morning:
            await self._save(company, lease, ageing_due_at=next_due(mornings, now))
            return False
        if state.items_synced_at is None or now - state.items_synced_at > policy.trust_copy_for:
            # What Sage has now may be paid: it is judged once the copy is fresh again.
            await self._save(company, lease, ageing_due_at=now + _AGAIN)
            return False
        aged = await self._aged(company, state, policy, local.date(), thresholds)
        async with self._database.transaction() as tx:
            await lease.extend(tx)
            await debt_days.disarm(tx, **company.named, told=aged.told)
            await debt_days.warn(tx, **company.named, worse=aged.worse)
            oldest = local.date() - _KEPT_DAYS
            await debt_days.keep_day(tx, **company.named, day=local.date(), overdue=aged.overdue, until=oldest)
            changes = await _changes(tx, company, aged.news)
            await self._alerts.announce(tx, **company.named, changes=changes, now=now)
            progress: dict[str, Any] = {"aged_on": local.date(), "aged_by": sorted(thresholds)}
            await mirror_state.note(tx, **company.named, **progress, ageing_due_at=next_due(mornings, now))
        log.info("late debt judged", company=company.company_pk, late=len(aged.overdue), news=len(aged.news))
        return True

    async def _aged(
        self, company: CompanyKey, state: MirrorStateRow, policy: Policy, today: date, thresholds: Collection[int]
    ) -> _Aged:
        async with self._database.reading() as tx:
            since = self._clock() - timedelta(days=BROKEN_WITHIN)
            broken = await promises.broken_since(tx, **company.named, since=since)
        judge, last = _Judge(state, policy, today, frozenset(thresholds), broken), 0
        while True:
            async with self._database.reading() as tx:
                rows = await debt_days.debts_beyond(tx, **company.named, beyond=last, limit=_AT_ONCE)
                late = [row.customer_id for row in rows if row.oldest_due is not None and row.oldest_due < today]
                overdue = await open_items.overdue_of(tx, **company.named, ids=late, today=today)
            for row in rows:
                judge.take(row, *overdue.get(row.customer_id, (NOTHING, today)))
            if len(rows) < _AT_ONCE:
                return judge.found
            last = rows[-1].customer_id

    async def _save(self, company: CompanyKey, lease: Lease, **progress: Any) -> None:
        async with self._database.transaction() as tx:
            await lease.extend(tx)
            await mirror_state.note(tx, **company.named, **progress)


@dataclass(slots=True)
class _Aged:
    """What a judgement found: news by customer, whom which thresholds were told of, and what each owes late.

    `worse` has by customer the marks and warnings that are new, as they are stored.
    """

    news: dict[int, tuple[tuple[int, ...], LateDebt]] = field(default_factory=dict)
    told: dict[tuple[int, ...], list[int]] = field(default_factory=dict)
    overdue: dict[int, Decimal] = field(default_factory=dict)
    worse: dict[int, tuple[list[Any], list[Any]]] = field(default_factory=dict)


class _Judge:
    """Judges one customer after another."""

    def __init__(
        self,
        state: MirrorStateRow,
        policy: Policy,
        today: date,
        thresholds: frozenset[int],
        broken: Mapping[int, int],
    ) -> None:
        self.found = _Aged()
        self._broken = broken
        self._elapsed = (today - state.aged_on).days if state.aged_on is not None else 0
        self._new = thresholds - set(state.aged_by or ())
        self._least = policy.overdue_least
        self._today = today
        self._thresholds = thresholds

    def take(self, row: Row[Any], overdue: Decimal, oldest_due: date) -> None:
        """Judge one row of a debt."""
        self._warn(row)
        if overdue:
            self.found.overdue[row.customer_id] = overdue
        if _is_unsure(row):
            return  # neither news nor an end to it
        days = (self._today - oldest_due).days
        told = set(row.disarmed)
        # A threshold that nobody asked for before, at first every one, begins with who is there already: no news.
        told |= reached(days - self._elapsed, overdue, self._new, least=self._least)
        news, told_now = newly_told(told, days, overdue, self._thresholds, least=self._least)
        if sorted(told_now) != sorted(row.disarmed):
            self.found.told.setdefault(tuple(sorted(told_now)), []).append(row.customer_id)
        if news:
            self.found.news[row.customer_id] = (news, LateDebt(overdue, days))

    def _warn(self, row: Row[Any]) -> None:
        """Note what has got worse since the months before."""
        marks = marks_from(row.marks)
        days, terms = (whole(row.details, name) for name in ("average_days_to_pay", "payment_terms_days"))
        used = used_of(row.balance, row.credit_limit)
        broken = self._broken.get(row.customer_id, 0)
        points = warning_points(marks, days_to_pay=days, terms=terms, used=used, broken=broken)
        written = [mark.as_stored() for mark in with_mark(marks, Mark(self._today, days, used))]
        warned = [point.as_stored() for point in points]
        if written != row.marks or warned != row.warnings:
            self.found.worse[row.customer_id] = (written, warned)


def _is_unsure(row: Row[Any]) -> bool:
    if row.differs_since is None or row.difference is None:
        return False
    return differs(row.difference, row.outstanding + row.difference)


async def _changes(
    tx: AsyncSession, company: CompanyKey, news: dict[int, tuple[tuple[int, ...], LateDebt]]
) -> Sequence[Change]:
    """Return the news, the oldest debt first."""
    known = await mirrored_customers.with_ids(tx, **company.named, ids=news)
    promised = await promises.promised_of(tx, **company.named, ids=news)
    oldest_first = sorted(news, key=lambda number: (-news[number][1].oldest_days, number))
    found = []
    for number in oldest_first:
        if number in known:
            crossed, late = news[number]
            still = [each for each in promised.get(number, ()) if each.state == promises.OPEN]
            if still:
                total = sum((each.amount for each in still), NOTHING)
                late = replace(late, promised=total, promised_by=max(each.due for each in still))
            snapshot = snapshot_of(known[number])
            found.append(Change(ChangeKind.OVERDUE, snapshot, snapshot, crossed=crossed, late=late))
    return found

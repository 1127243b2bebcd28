"""Judging promises by what Sage received since: kept, broken, settled otherwise, or open again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.each_alone import each_alone
from bot.domain.changes import Change, ChangeKind, LateDebt
from bot.domain.debt.promise import PromiseState, judge_promise
from bot.errors import BotError
from bot.features.access.model.authorization import Policy
from bot.features.access.service.sessions import policy_from
from bot.features.alerts.service.publisher import AlertPublisher
from bot.features.audit.model.hash_chain import CHANGES, AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.delivery.model import PROMISE_JUDGED
from bot.features.mirror.service.reader_connection import ReaderConnections
from bot.features.mirror.service.rows import CompanyKey, snapshot_of
from bot.features.promises.model.payments import Payments
from bot.features.promises.service.promise_rows import facts_of, judge_at, over_at, promise_of, what
from bot.features.promises.service.promises import BACKDATED
from bot.sage.client import SageClient
from storage.database import Database
from storage.queries import promises as rows
from storage.queries import settings
from storage.queries.alerts import outbox
from storage.queries.mirror import mirror_state, mirrored_customers, open_items
from storage.tables.promises import PromiseRow

_AT_ONCE = 100
_AWAY = timedelta(minutes=10)
# A broken promise waits for what makes up for it, which moves the balance; and for no longer than this.
_WEEK, _MADE_UP_WITHIN = timedelta(days=7), timedelta(days=365)
_KEEPING = frozenset({PromiseState.KEPT, PromiseState.SETTLED})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Company:
    """What all promises of a company are judged by."""

    key: CompanyKey
    name: str
    policy: Policy
    unsigned: bool


class PromiseJudge:
    """Judges the promises of a company, one customer after the other. Calls made twice, or at once, tell once."""

    def __init__(
        self,
        *,
        database: Database,
        readers: ReaderConnections,
        alerts: AlertPublisher,
        audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._alerts = alerts
        self._database = database
        self._readers = readers
        self._audit = audit
        self._clock = clock

    async def due(self, *, most: int) -> list[tuple[str, int]]:
        """Return (workspace id, company) where a promise is to be judged."""
        async with self._database.reading() as tx:
            return await rows.companies_to_judge(tx, now=self._clock(), limit=most)

    async def judge(self, *, workspace_id: str, company_pk: int) -> None:
        """Judge what is due of a company. While Sage is away, nothing is judged."""
        key = CompanyKey(workspace_id, company_pk)
        async with self._database.reading() as tx:
            found = await rows.to_judge(tx, **key.named, now=self._clock(), limit=_AT_ONCE)
            balances = await mirrored_customers.balances(tx, **key.named, ids=found)
            policy = policy_from(await settings.of_workspace(tx, workspace_id=workspace_id))
            state = await mirror_state.of_company(tx, **key.named)
            row = await mirror_state.company(tx, **key.named)
        if row is None or not found:
            return
        company = _Company(key, row.company_name, policy, bool(state is not None and state.credits_unsigned))
        try:
            client = (await self._readers.open(key)).client
        except BotError as error:
            log.info("promises not judged", company=company_pk, why=type(error).__name__)
            await self._wait([promised for of_one in found.values() for promised in of_one])
            return

        async def of_customer(each: tuple[int, list[PromiseRow]]) -> None:
            customer_id, promised = each
            try:
                payments, owed = await _ask(client, customer_id, promised, unsigned=company.unsigned)
            except BotError as error:
                log.info("promises not judged", company=company_pk, why=type(error).__name__)
                await self._wait(promised)
                return
            copied = balances.get(customer_id)
            await self._judge(company, promised, payments, owed, balance=copied[0] if copied is not None else None)

        await each_alone(found.items(), of_customer, task="judge promises", ids=lambda each: key.named)

    async def _judge(
        self,
        company: _Company,
        promised: Sequence[PromiseRow],
        payments: Payments,
        owed: Decimal | None,
        *,
        balance: Decimal | None,
    ) -> None:
        now = self._clock()
        lines: list[AuditLine] = []
        async with self._database.transaction() as tx:
            for row in promised:
                outcome = _outcome(row, payments, owed, company.policy, now=now)
                if outcome is PromiseState.KEPT:
                    payments.take(row.amount, row.made_on, row.receipts_before)
                if row.judge_at is None:
                    continue  # its money is spent; nothing else of it changes
                moved = await self._move(tx, company, row, outcome, now=now)
                lines += [moved] if moved is not None else []
                again = _judged_again(row, outcome, company.policy, now=now)
                await rows.judged(tx, row, judge_at=again, judged_balance=balance, not_before=None)
            if lines:
                await self._audit.record_all(tx, lines, workspace_id=company.key.workspace_id, chain=CHANGES)

    async def _move(
        self, tx: AsyncSession, company: _Company, row: PromiseRow, outcome: PromiseState, *, now: datetime
    ) -> AuditLine | None:
        """Bring a promise into its new state, and tell who noted it. Return the line of the record, if it moved."""
        if row.state == PromiseState.BROKEN:
            if outcome in _KEEPING:
                await rows.judged(tx, row, made_up_at=now)
            return None
        if row.state == outcome:
            return None
        closed_at = None if outcome is PromiseState.OPEN else now
        if not await rows.move_promise(tx, row, to=outcome, closed_at=closed_at):
            return None
        if row.made_by:
            await outbox.add_notice(
                tx,
                workspace_id=row.workspace_id,
                user_id=row.made_by,
                kind=PROMISE_JUDGED,
                facts=facts_of(row, company.name, state=outcome).facts(),
                dedupe_key=f"promise:{row.id}:{outcome}:{now.isoformat()}",
                now=now,
                company_pk=row.company_pk,
            )
        if outcome is PromiseState.BROKEN:
            await self._announce(tx, company, row, now=now)
        return AuditLine(now, "", "judge a promise", what(row), row.state, outcome)

    async def _announce(self, tx: AsyncSession, company: _Company, row: PromiseRow, *, now: datetime) -> None:
        """Tell those who asked for broken promises, if the copy has the customer."""
        named, number = company.key.named, row.customer_id
        known = (await mirrored_customers.with_ids(tx, **named, ids=[number])).get(number)
        if known is None:
            return
        today = company.policy.day_of(now)
        late = (await open_items.overdue_of(tx, **named, ids=[number], today=today)).get(number)
        overdue, days = (late[0], (today - late[1]).days) if late is not None else (Decimal(0), 0)
        snapshot = snapshot_of(known)
        debt = LateDebt(overdue, days, promised_by=row.due)
        change = Change(ChangeKind.PROMISE_BROKEN, snapshot, snapshot, amount=row.amount, late=debt)
        await self._alerts.announce(tx, **named, changes=[change], now=now)

    async def _wait(self, promised: Iterable[PromiseRow]) -> None:
        """Ask no more for a while."""
        async with self._database.transaction() as tx:
            for row in promised:
                await rows.judged(tx, row, not_before=self._clock() + _AWAY)


async def _ask(
    client: SageClient, customer_id: int, promised: Sequence[PromiseRow], *, unsigned: bool
) -> tuple[Payments, Decimal | None]:
    """Return what Sage has of payments since the oldest promise, and what is owed now; None where it isn't known."""
    begin = min(row.made_on for row in promised) - BACKDATED
    found = await client.documents().payments(customer_id, begin=begin)
    customer = await client.customer_by_id(customer_id)
    # An account that Sage no longer has owes nothing.
    return Payments(found.rows, unsigned=unsigned), customer.balance if customer is not None else Decimal(0)


def _outcome(
    row: PromiseRow, payments: Payments, owed: Decimal | None, policy: Policy, *, now: datetime
) -> PromiseState:
    if row.judge_at is None:
        return PromiseState(row.state)
    return judge_promise(
        promise_of(row),
        received=payments.since(row.made_on, row.receipts_before),
        outstanding=owed if owed is not None else row.amount,
        today=policy.day_of(now),
        region=policy.region,
        grace=policy.promise_grace_days,
    )


def _judged_again(row: PromiseRow, outcome: PromiseState, policy: Policy, *, now: datetime) -> datetime | None:
    """Return when a promise is judged again; None: nothing changes it any more."""
    if row.state == PromiseState.BROKEN or outcome is PromiseState.BROKEN:
        is_over = (row.state == PromiseState.BROKEN and outcome in _KEEPING) or now > row.made_at + _MADE_UP_WITHIN
        return None if is_over else now + _WEEK
    # A receipt that bounces within the grace opens a kept promise again.
    return judge_at(row.due, policy, now=now) if now < over_at(row.due, policy) else None

"""The mirror: a copy of each company's customers, kept in step with Sage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from cachetools import LRUCache

from bot.coordination.each_alone import each_alone
from bot.coordination.lease import hold_lease
from bot.domain.customer import Customer
from bot.domain.text.folding import same
from bot.errors import BotError, LeaseLost, NotConnected, SageBusy
from bot.features.mirror.service import watermarks
from bot.features.mirror.service.change_listener import ChangeListener
from bot.features.mirror.service.incremental_sync import incremental_sync
from bot.features.mirror.service.initial_load import initial_load
from bot.features.mirror.service.open_items.load_items import load_items
from bot.features.mirror.service.reader_connection import ReaderConnections, ReadingAs
from bot.features.mirror.service.reconcile import reconcile
from bot.features.mirror.service.rows import CompanyKey, customer_of
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.ledger import Abilities
from storage.database import Database
from storage.queries.mirror import mirror_state, mirrored_customers, open_items
from storage.tables.alerts import INITIAL_LOAD, LIVE, REFUSED, MirrorStateRow

_SYNC_AGAIN = timedelta(seconds=30)
_RECONCILE_AGAIN = timedelta(minutes=10)
_MOST_REMEMBERED = 1_000

Work = Callable[[SyncRun], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A customer, and the latest moment at which Sage is known to have had these values."""

    customer: Customer
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class MirrorState:
    """The state of a company's mirror. `synced_at` None: the initial load is under way and has read `customers`."""

    customers: int
    synced_at: datetime | None
    reconciled_at: datetime | None
    trouble: str
    trouble_since: datetime | None


class Mirror:
    """The mirrors of all companies. Calls made twice, or in two processes at once, do the work once."""

    def __init__(
        self,
        *,
        database: Database,
        readers: ReaderConnections,
        change_listener: ChangeListener,
        interval: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._readers = readers
        self._change_listener = change_listener
        self._interval = interval
        self._clock = clock
        self._able: LRUCache[int, Abilities] = LRUCache(_MOST_REMEMBERED)

    async def ensure(self, *, most: int) -> None:
        """Begin a mirror of every company that a workspace connection or a subscription points at."""
        async with self._database.reading() as tx:
            missing = await mirror_state.unmirrored(tx, limit=most)

        async def begin(each: tuple[str, int]) -> None:
            async with self._database.transaction() as tx:
                await mirror_state.begin(tx, workspace_id=each[0], company_pk=each[1], now=self._clock())

        await each_alone(
            missing, begin, task="begin a mirror", ids=lambda each: {"workspace": each[0], "company": each[1]}
        )

    async def due(self, *, most: int) -> list[tuple[str, int]]:
        """Return (workspace id, company) of the companies due for a sync."""
        async with self._database.reading() as tx:
            return await mirror_state.due(tx, now=self._clock(), limit=most)

    async def due_reconciles(self, *, most: int) -> list[tuple[str, int]]:
        """Return (workspace id, company) of the companies due for a full read."""
        async with self._database.reading() as tx:
            return await mirror_state.due_reconciles(tx, now=self._clock(), limit=most)

    async def differing(self) -> int:
        """Return of how many customers, of all workspaces, the balance differs from the open items."""
        async with self._database.reading() as tx:
            return await open_items.count_all_differing(tx)

    async def sync(self, *, workspace_id: str, company_pk: int) -> bool:
        """Run the initial load or an incremental sync. Return False if another process runs it or Sage failed."""
        company = CompanyKey(workspace_id, company_pk)
        state = await self._read_state(company)
        if state is None:
            return False
        if not await self._run(company, state, initial_load if state.phase == INITIAL_LOAD else incremental_sync):
            return False
        return state.items_phase in {LIVE, REFUSED} or await self._load_items(company)

    async def reconcile(self, *, workspace_id: str, company_pk: int) -> bool:
        """Run an incremental sync, then compare everything. Return False as `sync` does."""
        company = CompanyKey(workspace_id, company_pk)
        if not await self.sync(workspace_id=workspace_id, company_pk=company_pk):
            return False
        state = await self._read_state(company)
        self._able.pop(company_pk, None)  # the site may have been upgraded: ask again for what it lacked
        return state is not None and state.phase == LIVE and await self._run(company, state, reconcile)

    async def customer(self, *, workspace_id: str, company_pk: int, reference: str) -> Mirrored | None:
        """Return the stored customer; None if there is none, or the initial load hasn't reached them."""
        async with self._database.reading() as tx:
            row = await mirrored_customers.by_reference(
                tx, workspace_id=workspace_id, company_pk=company_pk, reference_key=same(reference)
            )
            state = await mirror_state.of_company(tx, workspace_id=workspace_id, company_pk=company_pk)
        if row is None or state is None:
            return None
        return Mirrored(
            customer_of(mirrored_customers.as_stored(row)), max(row.seen_at, state.synced_at or row.seen_at)
        )

    async def synced_at(self, *, workspace_id: str, company_pk: int) -> datetime | None:
        """Return when all stored customers were last known to match Sage; None before the initial load is complete."""
        state = await self._read_state(CompanyKey(workspace_id, company_pk))
        return state.synced_at if state is not None else None

    async def state(self, *, workspace_id: str, company_pk: int) -> MirrorState | None:
        """Return the company's mirror state; None if the company has no mirror."""
        state = await self._read_state(CompanyKey(workspace_id, company_pk))
        if state is None:
            return None
        count = state.read_count
        if state.phase == LIVE:
            async with self._database.reading() as tx:
                count, _ = await mirrored_customers.counts(tx, workspace_id=workspace_id, company_pk=company_pk)
        return MirrorState(count, state.synced_at, state.reconciled_at, state.trouble or "", state.trouble_since)

    async def _load_items(self, company: CompanyKey) -> bool:
        state = await self._read_state(company)
        return state is None or state.phase != LIVE or await self._run(company, state, load_items)

    async def _run(self, company: CompanyKey, state: MirrorStateRow, work: Work) -> bool:
        try:
            reading = await self._readers.open(company)
            if work is incremental_sync:
                return await self._run_with_lease(company, reading, state, work)
            # Waited for before the company's lease is taken, which would run out meanwhile.
            async with reading.client.heavy():
                return await self._run_with_lease(company, reading, state, work)
        except NotConnected as error:
            await self._note_trouble(company, error, work)
            return False

    async def _run_with_lease(
        self, company: CompanyKey, reading: ReadingAs, planned: MirrorStateRow, work: Work
    ) -> bool:
        async with hold_lease(company.lease, database=self._database, clock=self._clock) as lease:
            state = await self._read_state(company)
            if lease is None or state is None or state.phase != planned.phase:
                return False
            await self._claim(company, work)
            if work is reconcile:
                reading.client.look_again()
            able = self._able.setdefault(company.company_pk, Abilities())
            run = SyncRun(
                company=company,
                sage=reading.client.ledger(able),
                documents=reading.client.open_items(able),
                lease=lease,
                state=state,
                database=self._database,
                change_listener=self._change_listener,
                clock=self._clock,
                interval=self._interval,
            )
            try:
                await work(run)
            except LeaseLost:
                log.warning("another process has taken over", company=company.company_pk)
                return False
            except BotError as error:
                await self._readers.note(company, reading, error)
                await self._note_trouble(company, error, work)
                return False
            await self._readers.note(company, reading, None)
            return True

    async def _claim(self, company: CompanyKey, work: Work) -> None:
        """Move the due time ahead before the work begins."""
        now = self._clock()
        # If this process dies, the row must not be found due at every look.
        due: dict[str, Any] = {"due_at": now + _SYNC_AGAIN}
        if work is reconcile:
            due = {"reconcile_due_at": now + _RECONCILE_AGAIN}
        async with self._database.transaction() as tx:
            await mirror_state.note(tx, **company.named, **due)

    async def _note_trouble(self, company: CompanyKey, error: BotError, work: Work) -> None:
        """Store the failure, since when it lasts, and the next due time."""
        now = self._clock()
        state = await self._read_state(company)
        if state is None:
            return
        log.warning("not synced", company=company.company_pk, why=type(error).__name__)
        asked = error.retry_after if isinstance(error, SageBusy) else None
        wait = watermarks.back_off(state.failures, interval=self._interval, asked=asked)
        values: dict[str, Any] = {"failures": state.failures + 1, "trouble": error.message}
        # A failed full read waits for as long as `_claim` wrote.
        values |= {} if work is reconcile else {"due_at": now + wait}
        async with self._database.transaction() as tx:
            await mirror_state.note(tx, **company.named, **values, trouble_since=state.trouble_since or now)

    async def _read_state(self, company: CompanyKey) -> MirrorStateRow | None:
        async with self._database.reading() as tx:
            return await mirror_state.of_company(tx, **company.named)

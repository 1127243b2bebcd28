"""The mirror: a copy of each company's customers that follows Sage, and tells what changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.coordination.lease import turn_of
from bot.domain.customer import Customer
from bot.errors import BotError, NotConnected, SageBusy, TurnLost
from bot.features.mirror.service import watermarks as marks
from bot.features.mirror.service.change_listener import ChangeListener
from bot.features.mirror.service.incremental_sync import incremental_sync
from bot.features.mirror.service.initial_load import initial_load
from bot.features.mirror.service.reader_connection import ReaderConnections
from bot.features.mirror.service.reconcile import reconcile
from bot.features.mirror.service.rows import CompanyKey, customer_of
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.client import SageClient
from bot.sage.ledger import Abilities
from storage import mirror_state as ledgers
from storage import mirrored_customers as rows
from storage.database import Database
from storage.tables.alerts import INITIAL_LOAD, LIVE, MirrorStateRow

_SYNC_AGAIN = timedelta(seconds=30)
_RECONCILE_AGAIN = timedelta(minutes=10)

Work = Callable[[SyncRun], Awaitable[None]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A customer, and the latest moment at which Sage is known to have had it so."""

    customer: Customer
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class MirrorState:
    """How a mirror stands. `synced_at` None: the first reading is still under way, and `customers` have been read."""

    customers: int
    synced_at: datetime | None
    reconciled_at: datetime | None
    trouble: str
    trouble_since: datetime | None


class Mirror:
    """Every company's mirror. Whatever is called twice, or in two processes at once, is done once."""

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
        self._newsroom = change_listener
        self._interval = interval
        self._clock = clock
        self._able: dict[int, Abilities] = {}

    async def ensure(self, *, most: int) -> None:
        """Begin a mirror of every company that the workspaces' own sign-ins, or subscriptions, point at."""
        async with self._database.reading() as tx:
            missing = await ledgers.unmirrored(tx, limit=most)
        for workspace_id, company_pk in missing:
            async with self._database.transaction() as tx:
                await ledgers.begin(tx, workspace_id=workspace_id, company_pk=company_pk, now=self._clock())

    async def due(self, *, most: int) -> list[tuple[str, int]]:
        """(workspace id, company) of what is to be synced now."""
        async with self._database.reading() as tx:
            return await ledgers.due(tx, now=self._clock(), limit=most)

    async def due_reconciles(self, *, most: int) -> list[tuple[str, int]]:
        """(workspace id, company) of what is to be read as a whole now."""
        async with self._database.reading() as tx:
            return await ledgers.due_reconciles(tx, now=self._clock(), limit=most)

    async def sync(self, *, workspace_id: str, company_pk: int) -> bool:
        """The first reading if there was none, else what changed. False: another is at it, or Sage was no help."""
        books = CompanyKey(workspace_id, company_pk)
        ledger = await self._ledger(books)
        if ledger is None:
            return False
        return await self._run(books, ledger, initial_load if ledger.phase == INITIAL_LOAD else incremental_sync)

    async def reconcile(self, *, workspace_id: str, company_pk: int) -> bool:
        """What changed; then everything, compared. False as with `sync`."""
        books = CompanyKey(workspace_id, company_pk)
        if not await self.sync(workspace_id=workspace_id, company_pk=company_pk):
            return False
        ledger = await self._ledger(books)
        self._able.pop(company_pk, None)  # an old site may have been brought up to date
        return ledger is not None and ledger.phase == LIVE and await self._run(books, ledger, reconcile)

    async def customer(self, *, workspace_id: str, company_pk: int, reference: str) -> Mirrored | None:
        """The customer as we last knew it; None if there is none, or the first reading hasn't come to it."""
        async with self._database.reading() as tx:
            row = await rows.by_reference(tx, workspace_id=workspace_id, company_pk=company_pk, reference=reference)
            ledger = await ledgers.of_company(tx, workspace_id=workspace_id, company_pk=company_pk)
        if row is None or ledger is None:
            return None
        return Mirrored(customer_of(rows.as_stored(row)), max(row.seen_at, ledger.synced_at or row.seen_at))

    async def synced_at(self, *, workspace_id: str, company_pk: int) -> datetime | None:
        """When all of it was last known to be as Sage has it; None before the first reading is complete."""
        ledger = await self._ledger(CompanyKey(workspace_id, company_pk))
        return ledger.synced_at if ledger is not None else None

    async def state(self, *, workspace_id: str, company_pk: int) -> MirrorState | None:
        """How it stands; None while nobody needs it."""
        ledger = await self._ledger(CompanyKey(workspace_id, company_pk))
        if ledger is None:
            return None
        count = ledger.read_count
        if ledger.phase == LIVE:
            async with self._database.reading() as tx:
                count, _ = await rows.counts(tx, workspace_id=workspace_id, company_pk=company_pk)
        return MirrorState(count, ledger.synced_at, ledger.reconciled_at, ledger.trouble or "", ledger.trouble_since)

    async def _run(self, books: CompanyKey, ledger: MirrorStateRow, work: Work) -> bool:
        try:
            sage = await self._readers.open(books, failures=ledger.failures)
            if work is incremental_sync:
                return await self._in_turn(books, sage, ledger, work)
            # Waited for before the company's turn is taken, which would run out meanwhile.
            async with sage.heavy():
                return await self._in_turn(books, sage, ledger, work)
        except NotConnected as error:
            await self._troubled(books, error, work)
            return False

    async def _in_turn(self, books: CompanyKey, sage: SageClient, planned: MirrorStateRow, work: Work) -> bool:
        name = f"mirror {books.company_pk}"
        async with turn_of(name, database=self._database, clock=self._clock) as turn:
            ledger = await self._ledger(books)
            if turn is None or ledger is None or ledger.phase != planned.phase:
                return False
            await self._claim(books, work)
            able = self._able.setdefault(books.company_pk, Abilities())
            run = SyncRun(
                books=books,
                sage=sage.ledger(able),
                turn=turn,
                ledger=ledger,
                database=self._database,
                change_listener=self._newsroom,
                clock=self._clock,
                interval=self._interval,
            )
            try:
                await work(run)
            except TurnLost:
                log.warning("another process has taken over", company=books.company_pk)
                return False
            except BotError as error:
                await self._troubled(books, error, work)
                return False
            return True

    async def _claim(self, books: CompanyKey, work: Work) -> None:
        """Not due for a while, even if this process dies at it: else every look at the rows would find it again."""
        now = self._clock()
        due: dict[str, Any] = {"due_at": now + _SYNC_AGAIN}
        if work is reconcile:
            due = {"reconcile_due_at": now + _RECONCILE_AGAIN}
        async with self._database.transaction() as tx:
            await ledgers.note(tx, **books.named, **due)

    async def _troubled(self, books: CompanyKey, error: BotError, work: Work) -> None:
        """Since when, and when to try again: alerts pause rather than lie."""
        now = self._clock()
        ledger = await self._ledger(books)
        if ledger is None:
            return
        log.warning("not synced", company=books.company_pk, why=type(error).__name__)
        asked = error.retry_after if isinstance(error, SageBusy) else None
        wait = marks.back_off(ledger.failures, interval=self._interval, asked=asked)
        values: dict[str, Any] = {"failures": ledger.failures + 1, "trouble": error.message}
        # The wait of the nightly reading is the one that `_claim` wrote.
        values |= {} if work is reconcile else {"due_at": now + wait}
        async with self._database.transaction() as tx:
            await ledgers.note(tx, **books.named, **values, trouble_since=ledger.trouble_since or now)

    async def _ledger(self, books: CompanyKey) -> MirrorStateRow | None:
        async with self._database.reading() as tx:
            return await ledgers.of_company(tx, **books.named)

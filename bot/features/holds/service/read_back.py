"""What came of a change made through us: read at once, and told at once, as the mirror would tell it later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.lease import Turn, turn_of
from bot.domain.customer import Customer
from bot.errors import TurnLost
from bot.features.mirror.service import watermarks as marks
from bot.features.mirror.service.apply_reading import Reading, apply_reading
from bot.features.mirror.service.change_listener import ChangeListener
from bot.features.mirror.service.rows import CompanyKey
from storage import mirror_state as ledgers
from storage.database import Database
from storage.tables.alerts import LIVE

_TRIES, _PAUSE = 6, 0.25

Read = Callable[[], Awaitable[Customer | None]]
Settle = Callable[[AsyncSession, Customer | None], Awaitable[bool]]
Record = Callable[[AsyncSession, Customer | None], Awaitable[None]]

log = structlog.get_logger(__name__)


class ReadBack:
    """Reads one customer in its company's turn, so that no older reading of it is written afterwards.

    While a sync has the turn, it or the next one tells the news instead: the deed says whose it is.
    """

    def __init__(
        self, *, database: Database, change_listener: ChangeListener, interval: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._newsroom = change_listener
        self._interval = interval
        self._clock = clock

    async def look(self, books: CompanyKey, *, read: Read, settle: Settle, record: Record) -> Customer | None:
        """What `read` read. Raises what `read` raises.

        `settle` is the first in the transaction that writes the mirror, which asks whose the change is; `record` the
        last, and only where there was something to settle: the record's end is locked until it commits.
        """
        if await self._is_live(books):
            for _ in range(_TRIES):
                async with turn_of(f"mirror {books.company_pk}", database=self._database, clock=self._clock) as turn:
                    if turn is not None:
                        return await self._told(books, turn, read=read, settle=settle, record=record)
                await asyncio.sleep(_PAUSE)
        customer = await read()
        await self._untold(customer, settle=settle, record=record)
        return customer

    async def _untold(self, customer: Customer | None, *, settle: Settle, record: Record) -> None:
        """The mirror tells it later."""
        async with self._database.transaction() as tx:
            if await settle(tx, customer):
                await record(tx, customer)

    async def _told(
        self, books: CompanyKey, turn: Turn, *, read: Read, settle: Settle, record: Record
    ) -> Customer | None:
        customer = await read()
        try:
            async with self._database.transaction() as tx:
                is_settled = await settle(tx, customer)
                if customer is not None:
                    await turn.keep(tx)
                    await self._note(tx, books, customer)
                if is_settled:
                    await record(tx, customer)
        except TurnLost:
            log.warning("another process has taken over", company=books.company_pk)
            await self._untold(customer, settle=settle, record=record)
        return customer

    async def _note(self, tx: AsyncSession, books: CompanyKey, customer: Customer) -> None:
        now = self._clock()
        thresholds = await self._newsroom.thresholds(tx, company_pk=books.company_pk)
        reasons = {customer.id: customer.status_reason} if customer.status_reason is not None else {}
        seen = await apply_reading(tx, books, Reading([customer], reasons=reasons), thresholds=thresholds, now=now)
        if seen:
            await self._newsroom.publish(tx, **books.named, seen=seen, now=now)

    async def _is_live(self, books: CompanyKey) -> bool:
        """A mirror that is being made, or was away for long, has more to tell than this, and does it by itself."""
        async with self._database.reading() as tx:
            ledger = await ledgers.of_company(tx, **books.named)
        if ledger is None or ledger.phase != LIVE or ledger.synced_at is None:
            return False
        usual = self._interval if ledger.changed_watermark is not None else marks.full_interval(self._interval)
        return not marks.is_outage(seen_until=ledger.synced_at, now=self._clock(), interval=usual)

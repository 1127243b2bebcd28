"""Reads the customer back after a write and applies the reading to the mirror, so alerts go out now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.lease import Lease, hold_lease
from bot.domain.customer import Customer
from bot.errors import LeaseLost
from bot.features.mirror.service import watermarks
from bot.features.mirror.service.apply_reading import Reading, apply_reading
from bot.features.mirror.service.change_listener import ChangeListener
from bot.features.mirror.service.rows import CompanyKey
from storage.database import Database
from storage.queries.mirror import mirror_state
from storage.tables.alerts import LIVE

_TRIES, _PAUSE = 6, 0.25

Read = Callable[[], Awaitable[Customer | None]]
Settle = Callable[[AsyncSession, Customer | None], Awaitable[bool]]
Record = Callable[[AsyncSession, Customer | None], Awaitable[None]]

log = structlog.get_logger(__name__)


class ReadBack:
    """Reads one customer back under its company's lease, so that no older reading overwrites it."""

    # While a sync run has the lease, that run or the next publishes the change; the intent says whose it is.

    def __init__(
        self, *, database: Database, change_listener: ChangeListener, interval: timedelta, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._change_listener = change_listener
        self._interval = interval
        self._clock = clock

    async def look(self, company_key: CompanyKey, *, read: Read, settle: Settle, record: Record) -> Customer | None:
        """Return what `read` returns. Raises what `read` raises.

        `settle` runs first in the transaction that writes the mirror, which looks for the user behind the change.
        `record` runs last, and only if `settle` returned True: the audit log's head stays locked until the commit.
        """
        if await self._is_live(company_key):
            for _ in range(_TRIES):
                async with hold_lease(
                    f"mirror {company_key.company_pk}", database=self._database, clock=self._clock
                ) as lease:
                    if lease is not None:
                        return await self._apply_with_lease(company_key, lease, read=read, settle=settle, record=record)
                await asyncio.sleep(_PAUSE)
        customer = await read()
        await self._settle_only(customer, settle=settle, record=record)
        return customer

    async def _settle_only(self, customer: Customer | None, *, settle: Settle, record: Record) -> None:
        """Settle and record without writing the mirror: the next sync publishes the change."""
        async with self._database.transaction() as tx:
            if await settle(tx, customer):
                await record(tx, customer)

    async def _apply_with_lease(
        self, company_key: CompanyKey, lease: Lease, *, read: Read, settle: Settle, record: Record
    ) -> Customer | None:
        customer = await read()
        try:
            async with self._database.transaction() as tx:
                is_settled = await settle(tx, customer)
                if customer is not None:
                    await lease.extend(tx)
                    await self._apply(tx, company_key, customer)
                if is_settled:
                    await record(tx, customer)
        except LeaseLost:
            log.warning("another process has taken over", company=company_key.company_pk)
            await self._settle_only(customer, settle=settle, record=record)
        return customer

    async def _apply(self, tx: AsyncSession, company_key: CompanyKey, customer: Customer) -> None:
        now = self._clock()
        thresholds = await self._change_listener.thresholds(tx, company_pk=company_key.company_pk)
        reasons = {customer.id: customer.status_reason} if customer.status_reason is not None else {}
        changes = await apply_reading(
            tx, company_key, Reading([customer], reasons=reasons), thresholds=thresholds, now=now
        )
        if changes:
            await self._change_listener.publish(tx, **company_key.named, seen=changes, now=now)

    async def _is_live(self, company_key: CompanyKey) -> bool:
        """Return whether the mirror is complete and recent."""
        # A mirror in its initial load, or after an outage, has more to publish, and does so in its next run.
        async with self._database.reading() as tx:
            state = await mirror_state.of_company(tx, **company_key.named)
        if state is None or state.phase != LIVE or state.synced_at is None:
            return False
        usual = self._interval if state.changed_watermark is not None else watermarks.full_interval(self._interval)
        return not watermarks.is_outage(seen_until=state.synced_at, now=self._clock(), interval=usual)

"""Named leases: one process at a time does a piece of work, and another takes over when that process dies."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import LeaseLost
from storage.database import Database
from storage.queries import leases

_LIFETIME = timedelta(seconds=30)

log = structlog.get_logger(__name__)


class Lease:
    """A named lease. Call `extend` in every transaction that writes under the lease."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self._name = name
        self._clock = clock
        self._owner = secrets.token_hex(8)

    async def extend(self, tx: AsyncSession) -> None:
        """Extend the lease in this transaction. Raises LeaseLost if it ran out and another process has had it since."""
        # What was read under a lost lease may be older than what the other process has written.
        if not await leases.extend(tx, self._name, owner=self._owner, until=self._clock() + _LIFETIME):
            raise LeaseLost

    async def take(self, database: Database) -> bool:
        """Take the lease. Return False while another process has it."""
        now = self._clock()
        async with database.transaction() as tx:
            return await leases.take(tx, self._name, owner=self._owner, now=now, until=now + _LIFETIME)

    async def keep_alive(self, database: Database) -> None:
        """Extend the lease every few seconds until it is lost or this task is cancelled."""
        while True:
            await asyncio.sleep(_LIFETIME.total_seconds() / 4)
            try:
                async with database.transaction() as tx:
                    await self.extend(tx)
            except LeaseLost:
                log.warning("lost a lease", name=self._name)
                return

    async def release(self, database: Database) -> None:
        """Free the lease for the next process."""
        async with database.transaction() as tx:
            await leases.release(tx, self._name, owner=self._owner)


@asynccontextmanager
async def hold_lease(name: str, *, database: Database, clock: Callable[[], datetime]) -> AsyncIterator[Lease | None]:
    """Yield the lease, kept alive while the block runs; yield None at once while another process has it."""
    lease = Lease(name, clock)
    if not await lease.take(database):
        yield None
        return
    holding = asyncio.create_task(lease.keep_alive(database))
    try:
        yield lease
    finally:
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        await lease.release(database)

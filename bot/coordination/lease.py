"""Work that one process does at a time, and that another takes over when that one dies."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import TurnLost
from storage import leases
from storage.database import Database

_LASTS = timedelta(seconds=30)

log = structlog.get_logger(__name__)


class Turn:
    """Held by name. Nothing may be written without `keep` in the same transaction."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self._name = name
        self._clock = clock
        self._owner = secrets.token_hex(8)

    async def keep(self, tx: AsyncSession) -> None:
        """Raises TurnLost if it ran out and another had it since: what was read meanwhile may be older than theirs."""
        if not await leases.keep(tx, self._name, owner=self._owner, until=self._clock() + _LASTS):
            raise TurnLost

    async def take(self, database: Database) -> bool:
        """False while another has it."""
        now = self._clock()
        async with database.transaction() as tx:
            return await leases.take(tx, self._name, owner=self._owner, now=now, until=now + _LASTS)

    async def hold(self, database: Database) -> None:
        """Say again and again that it goes on."""
        while True:
            await asyncio.sleep(_LASTS.total_seconds() / 4)
            try:
                async with database.transaction() as tx:
                    await self.keep(tx)
            except TurnLost:
                log.warning("lost a turn", name=self._name)
                return

    async def let_go(self, database: Database) -> None:
        """Free for the next."""
        async with database.transaction() as tx:
            await leases.release(tx, self._name, owner=self._owner)


@asynccontextmanager
async def turn_of(name: str, *, database: Database, clock: Callable[[], datetime]) -> AsyncIterator[Turn | None]:
    """The turn for as long as the block runs; None, at once, while another has it."""
    turn = Turn(name, clock)
    if not await turn.take(database):
        yield None
        return
    holding = asyncio.create_task(turn.hold(database))
    try:
        yield turn
    finally:
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        await turn.let_go(database)

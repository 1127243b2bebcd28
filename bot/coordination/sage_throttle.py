"""How much of one company's Sage 200 this app takes at once, in all processes together."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog

from bot.domain.company import Company
from bot.errors import SageBusy
from storage import leases
from storage.database import Database

_TURN = timedelta(seconds=60)  # a heavy read says every so often that it goes on
_LOOK_AGAIN = 0.5
_LONGEST_PAUSE = timedelta(hours=1)

log = structlog.get_logger(__name__)


class SageGates:
    """A gate for each company: the pauses Sage asks for, and turns for heavy reads."""

    def __init__(self, *, database: Database, clock: Callable[[], datetime], heavy_at_once: int = 1) -> None:
        self._database = database
        self._clock = clock
        self._heavy_at_once = heavy_at_once

    def of(self, company: Company) -> SageGate:
        """The company's own; the same for every workspace that uses these books, since the Sage behind it is one."""
        name = hashlib.sha256(repr((company.edition.value, company.site_id, company.company_id)).encode()).hexdigest()
        return SageGate(self._database, self._clock, name[:32], heavy_at_once=self._heavy_at_once)


class SageGate:
    """One company's gate, as `bot.sage.client.Gate`. It knows of moments alone: nothing of a workspace is kept here."""

    def __init__(self, database: Database, clock: Callable[[], datetime], name: str, *, heavy_at_once: int) -> None:
        self._database = database
        self._clock = clock
        self._pause = f"sage pause {name}"
        self._turns = [f"sage heavy {name} {number}" for number in range(heavy_at_once)]

    async def pass_through(self) -> None:
        """Raises SageBusy while Sage has asked for a pause, whichever process it asked."""
        now = self._clock()
        async with self._database.reading() as tx:
            until = await leases.ends(tx, self._pause, now=now)
        if until is not None:
            raise SageBusy(retry_after=(until - now).total_seconds())

    async def pause(self, seconds: float) -> None:
        """Sage asked us, in one process, to wait: all do."""
        until = self._clock() + min(timedelta(seconds=seconds), _LONGEST_PAUSE)
        async with self._database.transaction() as tx:
            await leases.lengthen(tx, self._pause, until=until)
        log.info("Sage asked for a pause", seconds=round(seconds, 1))

    @asynccontextmanager
    async def heavy(self) -> AsyncIterator[None]:
        """Wait for a turn, hold it for as long as the block runs, and let go.

        The turn of a killed process is free again after a minute.
        """
        owner = secrets.token_hex(8)
        turn = await self._take(owner)
        holding = asyncio.create_task(self._hold(turn, owner))
        try:
            yield
        finally:
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
            async with self._database.transaction() as tx:
                await leases.release(tx, turn, owner=owner)

    async def _take(self, owner: str) -> str:
        while True:
            now = self._clock()
            for turn in self._turns:
                async with self._database.transaction() as tx:
                    if await leases.take(tx, turn, owner=owner, now=now, until=now + _TURN):
                        return turn
            await asyncio.sleep(_LOOK_AGAIN)

    async def _hold(self, turn: str, owner: str) -> None:
        while True:
            await asyncio.sleep(_TURN.total_seconds() / 4)
            now = self._clock()
            async with self._database.transaction() as tx:
                if not await leases.take(tx, turn, owner=owner, now=now, until=now + _TURN):
                    log.warning("a heavy read lost its turn")
                    return

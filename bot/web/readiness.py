"""Readiness: the database is reachable, migrated and takes writes, and a worker is alive."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from storage.database import Database
from storage.outage import is_write_refused
from storage.queries import heartbeats
from storage.schema_version import is_current

# A worker beats every five seconds. A process that has just started gives one as long to appear: platforms often start
# workers when the web processes are ready.
SILENCE = timedelta(seconds=30)
_REMEMBERED_SECONDS = 1.0
_PATIENCE_SECONDS = 5.0
_LEAST_BYTES = 1_000_000

_AWAY = "the database can't be reached"
_SLOW = "the database is too slow: it took longer than five seconds"
_OLD = "the database needs: bot db upgrade"
_FULL = "the database can't be written: its disk is full, or it is read-only"
_NO_WORKER = "no worker is alive: start bot worker"


@dataclass(frozen=True, slots=True)
class Found:
    """What is missing, and what is awaited still. Ready means that nothing is missing.

    `worker_seconds` is how long ago a worker was last alive; None: never, or it is not known.
    """

    missing: str = ""
    awaited: str = ""
    worker_seconds: float | None = field(default=None, compare=False)


class Readiness:
    """Looks once a second at most, however many ask."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        *,
        worker: str,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._database = database
        self._patience = patience
        self._clock = clock
        self._worker = worker
        self._began = clock()
        self._found: tuple[float, Found] | None = None
        self._looking: asyncio.Task[Found] | None = None

    async def __call__(self) -> Found:
        """Return what was found within the last second."""
        if self._found is not None and time.monotonic() - self._found[0] < _REMEMBERED_SECONDS:
            return self._found[1]
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        # A caller that goes away must not end the look of the others.
        return await asyncio.shield(self._looking)

    async def _look(self) -> Found:
        try:
            async with asyncio.timeout(self._patience):
                found = await self._ask()
        except TimeoutError:
            found = Found(_SLOW)
        except (SQLAlchemyError, OSError) as error:
            found = Found(_FULL if isinstance(error, SQLAlchemyError) and is_write_refused(error) else _AWAY)
        finally:
            self._looking = None
        self._found = (time.monotonic(), found)
        return found

    async def _takes_writes(self, now: datetime) -> None:
        """Return once a row was written, or something else in this process. Raises the database's errors."""
        # Under load a write has many before it in the queue of SQLite's one writer. A queue that moves is no outage: a
        # process that is taken out of service for it would leave its load to others.
        before, probe = self._database.commits, asyncio.create_task(self._probe(now))
        try:
            while not probe.done() and self._database.commits == before:
                await asyncio.wait({probe}, timeout=self._patience / 5)
            if probe.done():
                await probe
        finally:
            probe.cancel()
            await asyncio.gather(probe, return_exceptions=True)

    async def _last_beat(self) -> datetime | None:
        async with self._database.reading() as tx:
            return await heartbeats.last(tx, kind=self._worker)

    async def _probe(self, now: datetime) -> None:
        async with self._database.writing() as tx:
            await heartbeats.beat(tx, heartbeats.PROBE, kind=heartbeats.PROBE, now=now)

    async def _ask(self) -> Found:
        now = self._clock()
        # At one time: under load each waits for its turn at the database, and three turns would be told as an outage.
        current, written, last = await asyncio.gather(
            is_current(self._database), self._takes_writes(now), self._last_beat(), return_exceptions=True
        )
        if isinstance(current, BaseException):
            raise current
        if not current:
            return Found(_OLD)
        free = self._database.free_bytes()
        if free is not None and free < _LEAST_BYTES:
            return Found(_FULL)
        if isinstance(written, BaseException):
            raise written
        if isinstance(last, BaseException):
            raise last
        age = None if last is None else max((now - last).total_seconds(), 0.0)
        if age is not None and age < SILENCE.total_seconds():
            return Found(worker_seconds=age)
        waits = now - self._began < SILENCE
        return Found(*(("", _NO_WORKER) if waits else (_NO_WORKER, "")), worker_seconds=age)

"""A worker's heartbeat: a row that says that this process is alive, so that others can tell when none is."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from storage.database import Database
from storage.queries import heartbeats

WORKER = "worker"
_EVERY_SECONDS = 5.0
_FORGOTTEN = timedelta(days=1)

log = structlog.get_logger(__name__)


@asynccontextmanager
async def beating(database: Database, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Beat at once and every few seconds; on leaving, take the row away."""
    name = f"{WORKER}:{uuid.uuid4().hex}"
    await _beat(database, name, clock())
    task = asyncio.create_task(_beat_on(database, name, clock))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with suppress(SQLAlchemyError, OSError):
            async with database.writing() as tx:
                await heartbeats.forget(tx, name, before=clock() - _FORGOTTEN)


async def _beat_on(database: Database, name: str, clock: Callable[[], datetime]) -> None:
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await _beat(database, name, clock())


async def _beat(database: Database, name: str, now: datetime) -> None:
    try:
        async with database.writing() as tx:
            await heartbeats.beat(tx, name, kind=WORKER, now=now)
    except (SQLAlchemyError, OSError) as error:
        log.warning("could not note that this worker is alive", why=type(error).__name__)

"""A web process looks whether a worker is alive: nobody else could tell that none is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BotError
from bot.jobs.heartbeat import WORKER
from bot.services import Services

_EVERY_SECONDS = 30.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def worker_watched(services: Services, clock: Callable[[], datetime]) -> AsyncIterator[None]:
    """Look every half minute until leaving."""
    task = asyncio.create_task(_watch(services, clock()))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _watch(services: Services, since: datetime) -> None:
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await look(services, since=since)


async def look(services: Services, *, since: datetime) -> None:
    """Look once, and post what there is to say: without a worker nobody else does."""
    try:
        for workspace_id, target_id in await services.standstills.look_at_worker(kind=WORKER, since=since):
            await services.outbox.post_target(workspace_id=workspace_id, target_id=target_id)
    except (SQLAlchemyError, OSError, BotError) as error:
        log.warning("could not look whether a worker is alive", why=type(error).__name__)

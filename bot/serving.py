"""The two process kinds: `web` answers HTTP, `worker` keeps the timetable; one process may be both."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
import uvicorn

from bot.app import Product, opened
from bot.config import Settings
from bot.jobs.timetable import timetable
from storage.database import Database
from storage.migrations import upgrade

log = structlog.get_logger(__name__)


async def web(settings: Settings, *, with_worker: bool) -> None:
    """Serve until SIGTERM or Ctrl-C; then finish what was accepted."""
    await _upgrade_embedded(settings)
    async with opened(settings) as product:
        server = uvicorn.Server(
            uvicorn.Config(
                product.asgi,
                host=settings.host,
                port=settings.port,
                log_config=None,
                # The access log would hold connect tickets, codes and states.
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=10,
            )
        )
        if with_worker:
            async with _working(product):
                await server.serve()
        else:
            await server.serve()


async def worker(settings: Settings) -> None:
    """Keep the timetable until SIGTERM or Ctrl-C."""
    await _upgrade_embedded(settings)
    async with opened(settings) as product, _working(product):
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
            except NotImplementedError:  # Windows: Ctrl-C ends asyncio.run by itself
                log.debug("no signal handler here", signal=number.name)
        log.info("worker started")
        await stop.wait()


@asynccontextmanager
async def _working(product: Product) -> AsyncIterator[None]:
    scheduler = timetable(product.tasks)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def _upgrade_embedded(settings: Settings) -> None:
    """An embedded database is brought up to date here; a server's by `bot db upgrade`, before the release."""
    if not settings.database_url.startswith("sqlite"):
        return
    database = Database(settings.database_url)
    try:
        await upgrade(database)
    finally:
        await database.close()

"""The two process kinds: `web` answers HTTP, `worker` keeps the timetable; one process may be both."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import structlog
import uvicorn

from bot.app import CANNOT_OPEN, Clock, Product, open_database, opened, utc_now
from bot.config import BadSettings, Settings
from bot.jobs.timetable import timetable
from storage.migrations import upgrade

_DRAIN_SECONDS = 20

log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """uvicorn, stopped by us: its own handler raises the signal again, and accepted work would be lost with us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def web(settings: Settings, *, with_worker: bool, clock: Clock = utc_now) -> None:
    """Serve until SIGTERM or Ctrl-C; then finish what was accepted."""
    await _upgrade_embedded(settings)
    async with AsyncExitStack() as stack:
        product = await stack.enter_async_context(opened(settings, clock=clock))
        server = _Server(
            uvicorn.Config(
                product.asgi,
                log_config=None,
                # The access log would hold connect tickets, codes and states.
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=10,
            )
        )
        if with_worker:
            await stack.enter_async_context(_working(product))
        bound = stack.enter_context(_bound(settings.host, settings.port))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        stopping = asyncio.create_task(_told_to_stop())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        stopping.cancel()
        await serving


async def worker(settings: Settings, *, clock: Clock = utc_now) -> None:
    """Keep the timetable until SIGTERM or Ctrl-C."""
    await _upgrade_embedded(settings)
    async with opened(settings, clock=clock) as product, _working(product):
        log.info("worker started")
        await _told_to_stop()


def _bound(host: str, port: int) -> socket.socket:
    """The listening socket. Raises BadSettings, because the mend is a setting."""
    try:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=kind, backlog=2048)
    except OSError as error:
        fault = f"PORT {port} can't be used on HOST {host}: {error.strerror or 'it is not an address of this machine'}."
        raise BadSettings([f"{fault} Stop what uses it, or set another."]) from None


async def _told_to_stop() -> None:
    """Return at SIGTERM or Ctrl-C; a second one is left to the system's own handling, for those in a hurry."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)

    def tell(*_: object) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
        loop.call_soon_threadsafe(told.set)

    for number in numbers:
        signal.signal(number, tell)
    await told.wait()


@asynccontextmanager
async def _working(product: Product) -> AsyncIterator[None]:
    """Look for what is due and do it; on leaving, look no more and finish what runs."""
    try:
        await product.dispatch.start()
    except ConnectionError:
        raise BadSettings([CANNOT_OPEN]) from None
    scheduler = timetable(product.finders)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
        await product.dispatch.stop(seconds=_DRAIN_SECONDS)


async def _upgrade_embedded(settings: Settings) -> None:
    """An embedded database is brought up to date here; a server's by `bot db upgrade`, before the release."""
    if not settings.database_url.startswith("sqlite"):
        return
    database = open_database(settings.database_url)
    try:
        await upgrade(database)
    finally:
        await database.close()

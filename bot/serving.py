"""The two kinds of process: `web` answers HTTP, `worker` runs the timetable. One process may do both."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from starlette.applications import Starlette

from bot import process
from bot.app import CANNOT_OPEN, Clock, Product, health_routes, open_database, opened, usable, utc_now
from bot.config import BadSettings, Settings
from bot.jobs.heartbeat import beating
from bot.jobs.timetable import timetable
from bot.jobs.worker_watch import worker_watched
from bot.observability.event_loop import stalls_measured
from bot.observability.telemetry import telemetry
from bot.web import http_server
from bot.web.request_log import RequestLog

_DRAIN_SECONDS = 20

log = structlog.get_logger(__name__)


async def web(settings: Settings, *, with_worker: bool, clock: Clock = utc_now) -> None:
    """Serve until SIGTERM or Ctrl-C, then finish accepted work."""
    await _upgrade_embedded(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(telemetry(settings))
        product = await stack.enter_async_context(opened(settings, clock=clock))
        server = http_server.server(product.asgi)
        await stack.enter_async_context(stalls_measured())
        if with_worker:
            await stack.enter_async_context(_worker_running(product))
        await stack.enter_async_context(worker_watched(product.services, utc_now))
        bound = stack.enter_context(_listening_socket(settings.host, settings.port))
        process.freeze()
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        stopping = asyncio.create_task(_stop_signal())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        stopping.cancel()
        await serving


async def worker(settings: Settings, *, has_port: bool = False, clock: Clock = utc_now) -> None:
    """Run the timetable until SIGTERM or Ctrl-C; with a port of its own, serve the health routes there."""
    await _upgrade_embedded(settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(telemetry(settings))
        product = await stack.enter_async_context(opened(settings, clock=clock))
        await stack.enter_async_context(stalls_measured())
        await stack.enter_async_context(_worker_running(product))
        if has_port:
            await stack.enter_async_context(_health_served(settings, product))
        process.freeze()
        log.info("worker started")
        await _stop_signal()


@asynccontextmanager
async def _health_served(settings: Settings, product: Product) -> AsyncIterator[None]:
    try:
        bound = _listening_socket(settings.host, settings.port)
    except BadSettings as taken:
        # One environment for both kinds of process, on one machine: the port is the web process's, and work is done.
        log.warning("the worker serves no health routes", why=str(taken))
        yield
        return
    server = http_server.server(RequestLog(Starlette(routes=health_routes(product.services.database))))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _listening_socket(host: str, port: int) -> socket.socket:
    """Return the listening socket. Raises BadSettings, since a setting has to change."""
    try:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=kind, backlog=2048)
    except OSError as error:
        fault = f"PORT {port} can't be used on HOST {host}: {error.strerror or 'it is not an address of this machine'}."
        raise BadSettings([f"{fault} Stop what uses it, or set another."]) from None


async def _stop_signal() -> None:
    """Return at SIGTERM or Ctrl-C. A second signal is left to the system: it kills at once."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)

    def stop(*_: object) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
        loop.call_soon_threadsafe(stopped.set)

    for number in numbers:
        signal.signal(number, stop)
    await stopped.wait()


@asynccontextmanager
async def _worker_running(product: Product) -> AsyncIterator[None]:
    """Run what is due; on leaving, look for no more and finish what runs."""
    try:
        await product.dispatch.start()
    except ConnectionError:
        raise BadSettings([CANNOT_OPEN]) from None
    scheduler = timetable(product.finders)
    async with beating(product.services.database, utc_now):
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)
            await product.dispatch.stop(seconds=_DRAIN_SECONDS)


async def _upgrade_embedded(settings: Settings) -> None:
    """Migrate an embedded database. A server's database is migrated by `bot db upgrade`, before a release."""
    if not settings.database_url.startswith("sqlite"):
        return
    from storage.migrations import upgrade  # Alembic is nothing that a server's web process needs

    database = open_database(settings.database_url)
    try:
        with usable(settings.database_url):
            await upgrade(database)
    finally:
        await database.close()

"""Any ASGI app on a free loopback port for as long as a test needs it, and the event loop it runs in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp

from bot.process import loop_factory

T = TypeVar("T")


def free_socket() -> socket.socket:
    """Bound already, so nobody else can take the port in between."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def address(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


def run_in_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run it in an event loop of its own, such as the product's processes have."""
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(work)


@asynccontextmanager
async def serving(app: ASGIApp, bound: socket.socket) -> AsyncIterator[str]:
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield address(bound)
    finally:
        server.should_exit = True
        await task

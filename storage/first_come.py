"""A pool of connections, given out in the order in which tasks began to wait."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.util.concurrency import await_
from sqlalchemy.util.queue import AsyncAdaptedQueue, Empty


class _FirstCome(AsyncAdaptedQueue[ConnectionPoolEntry]):
    # SQLAlchemy's own queue gives a connection to whoever asks at the moment it is free, and puts the one it was meant
    # for at the end again: under load some waited for the pool's whole 30 seconds.

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._turns = asyncio.Lock()
        self._waiting = 0

    def get(self, block: bool = True, timeout: float | None = None) -> ConnectionPoolEntry:
        """Return a free connection, or wait for one. Raises Empty."""
        if not block or not self._waiting:
            try:
                return self.get_nowait()
            except Empty:
                if not block:
                    raise
        self._waiting += 1
        try:
            return await_(self._next(timeout))
        except TimeoutError:
            raise Empty from None
        finally:
            self._waiting -= 1

    async def _next(self, seconds: float | None) -> ConnectionPoolEntry:
        async with asyncio.timeout(seconds), self._turns:
            return await self._queue.get()


class FirstComePool(AsyncAdaptedQueuePool):
    """SQLAlchemy's pool, fair."""

    _queue_class = _FirstCome

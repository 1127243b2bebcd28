"""A pool that gives its connections to tasks in the order in which they asked."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.util.concurrency import await_
from sqlalchemy.util.queue import AsyncAdaptedQueue, Empty


class _FirstCome(AsyncAdaptedQueue[ConnectionPoolEntry]):
    # SQLAlchemy's own queue gives a free connection to the task that asks next. The one that has waited longest, and is
    # only about to wake up, then finds none and waits behind all others: under load some waited for the pool's whole 30
    # seconds. Here nobody takes a connection while others wait.
    # SQLAlchemy has no public way to say so: `_queue` and `_queue_class` are its own names. A lock in front of the
    # engine would have to be taken wherever a connection is, and know the pool's size and its time limit.

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._turns = asyncio.Lock()
        self._waiting = 0

    def get(self, block: bool = True, timeout: float | None = None) -> ConnectionPoolEntry:
        """Return a free connection, or wait in line for one. Raises Empty after so many seconds."""
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
    """SQLAlchemy's pool of connections for asyncio, with a queue that keeps the order."""

    _queue_class = _FirstCome

"""Tasks behind acknowledged Slack requests, and what follows an answer. They must finish before the process exits."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import structlog

log = structlog.get_logger(__name__)


class BackgroundTasks:
    """The running tasks, each held until it is done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start the coroutine as a task."""
        task = asyncio.create_task(work)
        self._tasks.add(task)  # asyncio itself keeps only a weak reference
        task.add_done_callback(self._tasks.discard)
        return task

    @property
    def count(self) -> int:
        """Return the number of running tasks."""
        return len(self._tasks)

    async def drain(self, *, seconds: float) -> int:
        """Wait for the running tasks; return how many were cancelled after `seconds`."""
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            log.error("answers given up at shutdown", count=len(late))
        return len(late)

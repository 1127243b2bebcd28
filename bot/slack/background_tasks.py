"""Work accepted from Slack: acknowledged already, so it must be finished before the process goes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import structlog

log = structlog.get_logger(__name__)


class BackgroundTasks:
    """The tasks behind acknowledged requests, held until each is done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run it as a task that is never dropped half way by the garbage collector or a stop."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @property
    def count(self) -> int:
        """How many are under way."""
        return len(self._tasks)

    async def drain(self, *, seconds: float) -> int:
        """Wait for what is under way; returns how many had to be given up after `seconds`."""
        if not self._tasks:
            return 0
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            log.error("answers given up at shutdown", count=len(late))
        return len(late)

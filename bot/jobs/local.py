"""The embedded default: jobs are done in this process. Nothing is kept: after a crash the rows are found again."""

from __future__ import annotations

import asyncio

import structlog

from bot.jobs.job import Job, Run

_AT_ONCE = 8

log = structlog.get_logger(__name__)


class LocalDispatch:
    """A queue in memory, one job of a lock at a time."""

    def __init__(self, run: Run, *, at_once: int = _AT_ONCE) -> None:
        self._run = run
        self._turns = asyncio.Semaphore(at_once)
        self._waiting: dict[str, Job] = {}
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def start(self) -> None:
        """Nothing to open."""

    async def defer(self, *jobs: Job) -> None:
        """One that comes while its like runs is run once more afterwards."""
        for job in jobs:
            if not self._stopping and job.lock not in self._waiting:
                self._waiting[job.lock] = job
                if job.lock not in self._lanes:
                    self._lanes[job.lock] = asyncio.create_task(self._follow(job.lock))

    async def stop(self, *, seconds: float) -> None:
        """What waits is dropped: it is due still."""
        self._stopping = True
        self._waiting.clear()
        if self._lanes:
            _, late = await asyncio.wait(set(self._lanes.values()), timeout=seconds)
            for lane in late:
                lane.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            if late:
                log.error("jobs given up at shutdown", count=len(late))

    async def depth(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    async def _follow(self, lock: str) -> None:
        try:
            while lock in self._waiting:
                async with self._turns:
                    job = self._waiting.pop(lock, None)
                    if job is not None:
                        await self._once(job)
        finally:
            del self._lanes[lock]

    async def _once(self, job: Job) -> None:
        """One job's failure is its own: it is noted, and it is still due."""
        try:
            await self._run(job)
        except Exception:
            log.exception("a job failed", job=job.name, key=job.key)

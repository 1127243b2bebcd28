"""The embedded default: jobs are done in this process. Nothing is kept: after a crash the rows are found again."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

import structlog

from bot.jobs.job import PLACES, Job, Run, do

log = structlog.get_logger(__name__)


class LocalDispatch:
    """A queue in memory, one job of a lock at a time, and of a turn."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._places = {lane: asyncio.Semaphore(places.at_once) for lane, places in PLACES.items()}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._waiting: dict[str, Job] = {}
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def start(self) -> None:
        """Nothing to open."""

    async def defer(self, *jobs: Job) -> None:
        """Queue the jobs; one that comes while its like runs is run once more afterwards."""
        for job in jobs:
            if not self._stopping and job.lock not in self._waiting:
                self._waiting[job.lock] = job
                if job.lock not in self._lanes:
                    self._lanes[job.lock] = asyncio.create_task(self._follow(job))

    async def stop(self, *, seconds: float) -> None:
        """Drop the jobs that wait, whose rows stay due; give running ones so many seconds to end."""
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
        """Return the number of jobs that wait for their turn."""
        return len(self._waiting)

    async def _follow(self, first: Job) -> None:
        lock = first.lock
        try:
            while lock in self._waiting:
                # The turn first: what waits for its workspace's other jobs holds no place.
                async with self._turn_of(first), self._places[first.lane]:
                    job = self._waiting.pop(lock, None)
                    if job is not None:
                        await do(self._run, job)
        finally:
            del self._lanes[lock]

    def _turn_of(self, job: Job) -> asyncio.Lock:
        turn = self._turns.get(job.turn)
        if turn is None:
            self._turns[job.turn] = turn = asyncio.Lock()
        return turn

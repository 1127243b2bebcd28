"""What the job engine costs beside plain `SKIP LOCKED` claims: jobs that do nothing, as many places and connections.

    python -m benchmarks.engine_cost --jobs 2000 --rounds 3

The plain way: one statement takes the oldest job that nobody has, another deletes it once it is done, so a job of a
killed process can be found too. It has no turns of a workspace, no wake-up, and no sweep after a death.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable

import psycopg
from psycopg_pool import AsyncConnectionPool

from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.stage import databases, new_database
from bot.jobs import engine_schema
from bot.jobs.engine import PostgresDispatch
from bot.jobs.job import PLACES, Job, Lane

AT_ONCE, CONNECTIONS = PLACES[Lane.POSTING].at_once, 4
_LOOK = 500  # jobs that one look finds at most
_IDLE_SECONDS = 0.05
_GIVE_UP = 120.0
_TABLE = "CREATE TABLE plain_jobs (id bigserial PRIMARY KEY, args jsonb, taken_at timestamptz)"
_ADD = "INSERT INTO plain_jobs (args) SELECT jsonb_build_object('n', n) FROM generate_series(1, %s) AS n"
_TAKE = """
    UPDATE plain_jobs SET taken_at = now() WHERE id = (
        SELECT id FROM plain_jobs WHERE taken_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, args
"""
_END = "DELETE FROM plain_jobs WHERE id = %s"


class Done:
    """Counts what is done, and says when all of it is."""

    def __init__(self, number: int) -> None:
        self._left = number
        self.all = asyncio.Event()

    async def one(self, _: object = None) -> None:
        """Do nothing, and count it."""
        self._left -= 1
        if not self._left:
            self.all.set()


async def timed(defer: Callable[[], Awaitable[None]], done: Done) -> tuple[float, float]:
    """Return seconds from the first job deferred until all are done, and what this process used meanwhile."""
    began, used = time.perf_counter(), time.process_time()
    await defer()
    await asyncio.wait_for(done.all.wait(), _GIVE_UP)
    return time.perf_counter() - began, time.process_time() - used


async def by_engine(url: str, number: int) -> tuple[float, float]:
    """One worker of the product's dispatch; the jobs are of as many places of as many workspaces."""
    done = Done(number)
    dispatch = PostgresDispatch(url, done.one)
    await dispatch.start()
    named = [{"workspace_id": f"w{each}", "target_id": f"C{each}"} for each in range(number)]
    jobs = [Job("post_target", key=f"{each['workspace_id']}:{each['target_id']}", args=each) for each in named]

    async def defer() -> None:
        for first in range(0, number, _LOOK):
            await dispatch.defer(*jobs[first : first + _LOOK])

    try:
        return await timed(defer, done)
    finally:
        await dispatch.stop(seconds=5)


async def plainly(url: str, number: int) -> tuple[float, float]:
    """As many takers as the lane has places."""
    done = Done(number)
    async with AsyncConnectionPool(url, min_size=CONNECTIONS, max_size=CONNECTIONS, open=False) as pool:

        async def work() -> None:
            while not done.all.is_set():
                async with pool.connection() as connection:
                    job = await (await connection.execute(_TAKE)).fetchone()
                if job is None:
                    await asyncio.sleep(_IDLE_SECONDS)
                    continue
                await done.one(job[1])
                async with pool.connection() as connection:
                    await connection.execute(_END, [job[0]])

        async def defer() -> None:
            async with pool.connection() as connection:
                await connection.execute(_ADD, [number])

        working = [asyncio.create_task(work()) for _ in range(AT_ONCE)]
        taken = await timed(defer, done)
        await asyncio.gather(*working)
        return taken


async def compare(url: str, number: int, rounds: int) -> None:
    """Tell both, in turn."""
    await engine_schema.upgrade(url)
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(_TABLE)
    ours, theirs = list[tuple[float, float]](), list[tuple[float, float]]()
    for _ in range(rounds):
        ours.append(await by_engine(url, number))
        theirs.append(await plainly(url, number))
    beside = "plain SKIP LOCKED"
    rates = ([number / seconds for seconds, _ in found] for found in (ours, theirs))
    costs = ([used * 1000 / number for _, used in found] for found in (ours, theirs))
    tell(
        Figure("jobs that do nothing, one worker", "a second", next(rates), beside, next(rates)),
        Figure("a job that does nothing", "ms of the worker's CPU", next(costs), beside, next(costs)),
    )


def main() -> None:
    """Run it on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with databases() as server:
        asyncio.run(compare(new_database(server), given.jobs, given.rounds))


if __name__ == "__main__":
    main()

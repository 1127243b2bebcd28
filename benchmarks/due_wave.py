"""Ten thousand connections due within one hour: what a look at them costs, what a worker weighs, how fast it renews.

Baseline of the throughput: one worker process; beside it, four. Client, server and database share this machine.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select, text, update

from benchmarks.stage import Stage, databases, now, show, stage
from bot.app import opened
from bot.config import Settings
from bot.jobs.tasks import Finders
from storage.tables.core import Connection

CONNECTIONS, WAVE, LATENCY, LOOKS = 10_000, timedelta(hours=1), 0.15, 15
DUE = 500  # what one look takes at most
WORKERS = (1, 4)
ROUND_SECONDS = 150.0
_LEAD = timedelta(hours=1)


class Counter:
    """How many statements this process sent to PostgreSQL."""

    def __init__(self) -> None:
        self.statements = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Both our own queries and the job engine's go through this one call of the driver."""
        real = psycopg.AsyncCursor.execute

        async def execute(cursor: Any, *arguments: Any, **options: Any) -> Any:
            self.statements += 1
            return await real(cursor, *arguments, **options)

        psycopg.AsyncCursor.execute = execute  # type: ignore[assignment, method-assign]
        try:
            yield
        finally:
            psycopg.AsyncCursor.execute = real  # type: ignore[method-assign]


async def look(finders: Finders, counter: Counter) -> tuple[float, int]:
    """Milliseconds and statements of one."""
    before, began = counter.statements, time.perf_counter()
    await finders.refreshes()
    return (time.perf_counter() - began) * 1000, counter.statements - before


async def looks(at: Stage, rounds: int) -> list[tuple[str, str, str]]:
    """With nothing due, with a full look due, and with that look's jobs waiting already."""
    counter = Counter()
    taken: dict[str, list[tuple[float, int]]] = {"nothing": [], "new": [], "waiting": []}
    with counter.counting():
        async with opened(Settings.from_env(at.environment)) as product:
            engine: Any = product.dispatch
            await engine._app.open_async()  # it defers, and no worker runs here
            await product.finders.refreshes()
            for _ in range(rounds):
                await _due(at, 0)
                taken["nothing"].append(await look(product.finders, counter))
            for _ in range(max(3, rounds // 5)):
                await _due(at, DUE)
                await _forget_jobs(at)
                taken["new"].append(await look(product.finders, counter))
                taken["waiting"].append(await look(product.finders, counter))
            await engine._app.close_async()
    await _forget_jobs(at)
    names = {"nothing": "nothing due", "new": f"{DUE} due", "waiting": f"{DUE} due, their jobs waiting already"}
    return [(names[key], f"{_middle(found, 0):.1f}", f"{_middle(found, 1):.0f}") for key, found in taken.items()]


async def throughput(at: Stage, workers: int, number: int) -> tuple[float, float]:
    """Renewals a second between the first and the last, and the largest worker's memory in MB."""
    await _due(at, 0)
    await _forget_jobs(at)
    started = [await at.start("bot", "worker") for _ in range(workers)]
    readers = [asyncio.create_task(_drain(process)) for process in started]
    give_up = time.monotonic() + ROUND_SECONDS
    ready = "SELECT count(*) FROM procrastinate_workers"
    while await _number(at, ready) < workers and time.monotonic() < give_up:  # noqa: ASYNC110 - other processes change it
        await asyncio.sleep(0.2)
    began = len(at.sage_id.token_log)
    await _due(at, number)
    busy = "SELECT count(*) FROM connections WHERE renewal_due_at <= now() OR lease_owner IS NOT NULL"
    while await _number(at, busy) and time.monotonic() < give_up:  # noqa: ASYNC110 - other processes change it
        await asyncio.sleep(0.2)
    moments = [entry.at for entry in at.sage_id.token_log[began:]]
    memory = max(_resident(process.pid) for process in started)
    await at.end()
    await asyncio.gather(*readers)
    seconds = (moments[-1] - moments[0]).total_seconds()
    return (len(moments) - 1) / seconds, memory


async def measure(*, number: int, looks_taken: int, rounds: int) -> None:
    """Everything, and the tables."""
    with databases() as server:
        async with stage(server) as at:
            at.sage_id.faults.delay(LATENCY, contains="oauth/token")
            await at.connect(CONNECTIONS, due_within=WAVE)
            async with at.database.transaction() as tx:
                await tx.execute(text("ANALYZE connections"))
            cost = await looks(at, looks_taken)
            show(f"One look at {CONNECTIONS} connections (median)", ("", "ms", "statements"), cost)
            found: dict[int, list[tuple[float, float]]] = {workers: [] for workers in WORKERS}
            for _ in range(rounds):
                for workers, rates in found.items():
                    rates.append(await throughput(at, workers, number))
            issued = [entry.outcome for entry in at.sage_id.token_log if entry.grant_type == "refresh_token"]
    one, four = (_middle(found[workers], 0) for workers in WORKERS)
    table = [
        ("renewals a second", f"{one:.1f}", f"{four:.1f}", f"{four / one:.2f}"),
        (f"minutes for {CONNECTIONS}", f"{CONNECTIONS / one / 60:.1f}", f"{CONNECTIONS / four / 60:.1f}", ""),
        ("memory of a worker, MB", *(f"{max(each[1] for each in found[workers]):.0f}" for workers in WORKERS), ""),
    ]
    title = (
        f"{number} renewals, Sage ID takes {LATENCY * 1000:.0f} ms, median of {rounds} rounds; "
        f"{os.cpu_count()} cores shared by workers, Sage ID and database; renewals refused: "
        f"{sum(outcome != 'issued' for outcome in issued)}"
    )
    show(title, ("", "1 worker", "4 workers", "ratio"), table)


async def _due(at: Stage, number: int) -> None:
    """So many are due now, the others not for an hour."""
    now_due = select(Connection.id).order_by(Connection.refreshed_at, Connection.id).limit(number).scalar_subquery()
    async with at.database.transaction() as tx:
        overdue = Connection.refresh_due_at < now() + timedelta(minutes=10)
        await tx.execute(update(Connection).where(overdue).values(refresh_due_at=now() + _LEAD))
        await tx.execute(update(Connection).where(Connection.id.in_(now_due)).values(refresh_due_at=now()))


async def _forget_jobs(at: Stage) -> None:
    async with at.database.transaction() as tx:
        await tx.execute(text("TRUNCATE procrastinate_jobs CASCADE"))
        await tx.execute(text("DELETE FROM procrastinate_workers"))


async def _number(at: Stage, query: str) -> int:
    async with at.database.reading() as tx:
        return int(await tx.scalar(text(query)) or 0)


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    while await process.stdout.read(65536):
        pass


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:"))


def _middle(found: list[Any], place: int) -> float:
    return statistics.median(float(each[place]) for each in found)


if __name__ == "__main__":
    if "--small" in sys.argv:
        asyncio.run(measure(number=300, looks_taken=5, rounds=3))
    else:
        asyncio.run(measure(number=1000, looks_taken=LOOKS, rounds=3))

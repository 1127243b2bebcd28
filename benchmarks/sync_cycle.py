"""What one look for changes costs with the same ten changes on a small and a large ledger.

    python -m benchmarks.sync_cycle --small 1000 --large 100000 --rounds 5

Milliseconds are ours: the time that the simulated Sage takes to find its answers is measured and taken off.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import tempfile
import time
from pathlib import Path

import structlog

from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.sage_meter import Meter
from sandbox.sage200.books.demo_world import demo_world
from storage.database import Database
from storage.migrations import upgrade
from tests.connected_app import desk as open_desk
from tests.features.mirror.synced_companies import MirrorDesk, mirror_desk


async def cycle(books: MirrorDesk, meter: Meter, references: list[str]) -> tuple[int, int, float]:
    """Requests, rows and our own milliseconds of one look that finds ten changes."""
    books.desk.clock.forward(seconds=300)
    for reference in references[:5]:
        books.world.put_on_hold(reference, "Late")
    for reference in references[5:10]:
        books.world.post_receipt(reference, 5)
    meter.reset()
    began = time.perf_counter()
    assert await books.sync(after=0)
    took = time.perf_counter() - began - meter.seconds
    found = len(books.told.published[-1])
    assert found == 5, found
    return meter.requests, meter.rows, took * 1000


async def measured(customers: int, rounds: int) -> list[tuple[int, int, float]]:
    """Return requests, rows and milliseconds of each round."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sage.db'}"
        database = Database(url)
        await upgrade(database)
        await database.close()
        async with open_desk(url, world=demo_world(customers)) as desk:
            books = await mirror_desk(desk)
            assert await books.sync()
            for _ in range(2):
                await books.sync()
            meter = Meter()
            meter.attach(desk)
            # As `bot web` does once it has started; the simulated Sage's ledger is not the product's to look through.
            gc.collect()
            gc.freeze()
            free = [row["reference"] for row in desk.world.companies[0].customers.values() if not row.get("on_hold")]
            results = [await cycle(books, meter, free[10 * each : 10 * each + 10]) for each in range(rounds + 1)]
    gc.unfreeze()
    return results[1:]


async def main(small: int, large: int, rounds: int, *, counts: bool) -> None:
    """Tell what the large one costs, beside the small one."""
    few, many = await measured(small, rounds), await measured(large, rounds)
    for customers, found in ((small, few), (large, many)):
        name = f"a cycle with ten changes, five of them holds, of {customers:,} customers"
        tell(Figure(name, "requests", [float(requests) for requests, _, _ in found], most=6))
    baseline = f"of {small:,}"
    for place, unit in enumerate(("requests", "rows", "ms")[: 2 if counts else 3]):
        ours, theirs = ([float(each[place]) for each in found] for found in (many, few))
        name = f"a cycle with ten changes, of {large:,} customers"
        tell(Figure(name, unit, ours, baseline, theirs, most=1.25 if unit == "ms" else 1))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=1000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--counts", action="store_true", help="no times")
    given = parser.parse_args()
    asyncio.run(main(given.small, given.large, given.rounds, counts=given.counts))

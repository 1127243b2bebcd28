"""Ten thousand accounts put on hold in Sage at once, with many subscriptions: messages, seconds, the longest stall.

    python -m benchmarks.bulk_hold --holds 10000 --subscriptions 50

The baseline is the same cycle with a hundredth of the holds, in the same run: what a change costs must not grow with
their number. The stall is the longest time for which nobody else's question could have been answered.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

import structlog
from sqlalchemy import insert, select

from bot.domain.customer_filter import EVERYONE, Codes, Filter
from bot.domain.json_column import FILTER_JSON
from sandbox.sage200.demo_world import demo_world
from storage.database import Database
from storage.migrations import upgrade
from storage.tables.alerts import MirrorStateRow, OutboxRow, SubscriptionRow
from tests.connected_app import Desk
from tests.connected_app import desk as open_desk

_TICK = 0.005


class Stalls:
    """The longest time between two turns of the event loop."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK)
            self.longest = max(self.longest, time.perf_counter() - began - _TICK)


async def subscribed(desk: Desk, number: int) -> dict[str, object]:
    """Connect, read everything once, and so many channels that want holds, every other one of a region."""
    await desk.connect(desk.asker("U0PRIYA"))
    services = desk.services
    await services.mirror.ensure(most=10)
    ((workspace_id, company_pk),) = await services.mirror.due(most=10)
    books: dict[str, object] = {"workspace_id": workspace_id, "company_pk": company_pk}
    row = {**books, "owner": "U0PRIYA", "topics": ["holds"], "thresholds": [], "is_personal": False}
    row |= {
        "delivery": "at_once",
        "zone": "Europe/London",
        "paused_reason": "",
        "created_at": desk.clock(),
    }
    regions = [FILTER_JSON.write(each) for each in (EVERYONE, Filter((Codes(3, ("North",)),)))]
    rows = [
        {**row, "number": each, "target_id": f"C{each:04}", "filter": regions[each % 2]}
        for each in range(1, number + 1)
    ]
    async with services.database.transaction() as tx:
        await tx.execute(insert(SubscriptionRow), rows)
    for _ in range(2):
        desk.clock.forward(seconds=300)
        assert await services.mirror.sync(**books)  # type: ignore[arg-type]
    return books


async def hold(desk: Desk, books: dict[str, object], number: int) -> tuple[float, float, Counter[str]]:
    """Seconds of the cycle that finds them, the longest stall, and the messages by kind."""
    desk.world.bulk_hold(number, "Year end")
    desk.clock.forward(seconds=300)
    async with desk.services.database.reading() as tx:
        before = set(await tx.scalars(select(OutboxRow.id)))
        assert (await tx.scalars(select(MirrorStateRow.trouble_since))).one() is None
    stalls = Stalls()
    watching = asyncio.create_task(stalls.watch())
    began = time.perf_counter()
    assert await desk.services.mirror.sync(**books)  # type: ignore[arg-type]
    took = time.perf_counter() - began
    watching.cancel()
    async with desk.services.database.reading() as tx:
        kinds = Counter(
            kind for each, kind in await tx.execute(select(OutboxRow.id, OutboxRow.kind)) if each not in before
        )
    return took, stalls.longest, kinds


async def main(holds: int, subscriptions: int) -> None:
    """Print both, and the ratio by change."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sage.db'}"
        database = Database(url)
        await upgrade(database)
        await database.close()
        async with open_desk(url, world=demo_world(holds * 2)) as desk:
            books = await subscribed(desk, subscriptions)
            few = [await hold(desk, books, holds // 100) for _ in range(3)]
            many = await hold(desk, books, holds)
    each = statistics.median(took for took, _, _ in few) / (holds // 100)
    for number, (took, stall, kinds) in ((holds // 100, few[0]), (holds, many)):
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        print(
            f"{number} holds, {subscriptions} subscriptions: {took:.2f} s, longest stall {stall * 1000:.0f} ms; {told}"
        )
    print(f"by change, many to few: {many[0] / holds / each:.2f}")
    print(f"memory, the simulated Sage included: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--holds", type=int, default=10_000)
    parser.add_argument("--subscriptions", type=int, default=50)
    given = parser.parse_args()
    asyncio.run(main(given.holds, given.subscriptions))

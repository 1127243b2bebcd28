"""Accounts put on hold in Sage, one and ten thousand at once, with many subscriptions: messages, seconds, stalls.

    python -m benchmarks.bulk_hold --holds 10000 --subscriptions 500

The baseline is the same cycle with a hundredth of the holds, in the same run: what a change costs must not grow with
their number. The stall is the longest time for which nobody else's question could have been answered. The simulated
Sage answers in the same thread: the time that it takes is measured and taken off.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import insert, select

from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.sage_meter import Meter
from bot.domain.filters.customer_filter import EVERYONE, Codes, Filter
from bot.domain.json_column import FILTER_JSON
from sandbox.sage200.books.demo_world import demo_world
from storage.database import Database
from storage.migrations import upgrade
from storage.tables.alerts import MirrorStateRow, OutboxRow, SubscriptionRow
from tests.connected_app import Desk
from tests.connected_app import desk as open_desk

_TICK = 0.005


class Stalls:
    """The longest time between two turns of the event loop, without the answers of the simulated Sage."""

    def __init__(self, meter: Meter) -> None:
        self.longest = 0.0
        self._meter = meter

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            began, answering = time.perf_counter(), self._meter.seconds
            await asyncio.sleep(_TICK)
            ours = time.perf_counter() - began - (self._meter.seconds - answering)
            self.longest = max(self.longest, ours - _TICK)


@dataclass(frozen=True, slots=True)
class Cycle:
    """What a look for changes took, in seconds, and the messages that it made, by kind."""

    seconds: float
    cpu_seconds: float
    stall: float
    kinds: Counter[str]


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


async def hold(desk: Desk, books: dict[str, object], meter: Meter, number: int) -> Cycle:
    """Put so many accounts on hold in Sage, and look for changes."""
    desk.world.bulk_hold(number, "Year end")
    desk.clock.forward(seconds=300)
    async with desk.services.database.reading() as tx:
        before = set(await tx.scalars(select(OutboxRow.id)))
        assert (await tx.scalars(select(MirrorStateRow.trouble_since))).one() is None
    meter.reset()
    stalls = Stalls(meter)
    watching = asyncio.create_task(stalls.watch())
    began, began_cpu = time.perf_counter(), time.process_time()
    assert await desk.services.mirror.sync(**books)  # type: ignore[arg-type]
    took, took_cpu = time.perf_counter() - began, time.process_time() - began_cpu
    watching.cancel()
    async with desk.services.database.reading() as tx:
        kinds = Counter(
            kind for each, kind in await tx.execute(select(OutboxRow.id, OutboxRow.kind)) if each not in before
        )
    return Cycle(took - meter.seconds, took_cpu - meter.cpu_seconds, stalls.longest, kinds)


async def main(holds: int, subscriptions: int, *, counts: bool) -> None:
    """Tell what one change to all subscriptions costs, and many changes beside a hundredth of them."""
    few_holds = max(1, holds // 100)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sage.db'}"
        database = Database(url)
        await upgrade(database)
        await database.close()
        async with open_desk(url, world=demo_world(holds * 2)) as desk:
            books = await subscribed(desk, subscriptions)
            # As `bot web` does once it has started; the simulated Sage's ledger is not the product's to look through.
            gc.collect()
            gc.freeze()
            meter = Meter()
            meter.attach(desk)
            quiet = [await hold(desk, books, meter, 0) for _ in range(3)]
            one = [await hold(desk, books, meter, 1) for _ in range(3)]
            few = [await hold(desk, books, meter, few_holds) for _ in range(3)]
            many = await hold(desk, books, meter, holds)
    told = f"{holds:,} holds, {subscriptions} subscriptions"
    tell(
        Figure("one hold to all subscriptions", "messages", [float(sum(each.kinds.values())) for each in one]),
        Figure(told, "messages", [float(sum(many.kinds.values()))], most=subscriptions),
    )
    if counts:
        return
    each_of_few = [each.seconds / few_holds * 1000 for each in few]
    beyond = f"one hold to {subscriptions} subscriptions, beyond an empty cycle"
    none, none_cpu = (statistics.median(getattr(each, name) for each in quiet) for name in ("seconds", "cpu_seconds"))
    tell(
        Figure(beyond, "ms", [(each.seconds - none) * 1000 for each in one], most=50),
        Figure(beyond, "ms of CPU", [(each.cpu_seconds - none_cpu) * 1000 for each in one]),
        Figure(f"{told}: the cycle", "s", [many.seconds]),
        Figure(f"{told}: the cycle", "s of CPU", [many.cpu_seconds]),
        Figure(
            f"{told}: a hold", "ms", [many.seconds / holds * 1000] * 3, f"of {few_holds:,} holds", each_of_few, most=1
        ),
        Figure(f"{told}: longest stall", "ms", [many.stall * 1000], most=50),
    )


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--holds", type=int, default=10_000)
    parser.add_argument("--subscriptions", type=int, default=500)
    parser.add_argument("--short", action="store_true", help="few, and no times")
    given = parser.parse_args()
    holds, subscriptions = (200, 20) if given.short else (given.holds, given.subscriptions)
    asyncio.run(main(holds, subscriptions, counts=given.short))

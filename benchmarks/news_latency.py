"""From a hold in Sage to the message in the channel, beyond the sync interval: p50, p99, and what it is made of.

    python -m benchmarks.news_latency --changes 200 --interval 10

The product runs as an operator runs it, `bot web --with-worker` in a process of its own; the simulated Sage and Slack
are in this one. Changes come at even moments, spread over a cycle, so that each part of the interval is met alike. The
baseline is the interval itself: nobody who looks every 10 seconds can know sooner than that of the unluckiest change.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.parts.stage import show
from tests.scenarios.operations.process import Running, running
from tests.scenarios.operations.test_real_process import walk
from tests.scenarios.slack_app import Office

_GIVE_UP = 60.0  # seconds that one message may take
_LOOK = 0.01


async def subscribed(product: Running) -> None:
    """Connect, subscribe the channel, and wait until the first copy is complete."""
    office = product.office
    await walk(office, [])
    office.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    answer = await office.command("/sage", "subscribe holds,releases here")
    if "Subscription 1" not in answer.text:
        raise SystemExit(answer.text)
    # Two increments: the first follows the first copy at once.
    before = len(_increments(office))
    async with asyncio.timeout(_GIVE_UP):
        while len(_increments(office)) < before + 2:  # noqa: ASYNC110 - the simulated Sage raises no events
            await asyncio.sleep(0.2)


def _increments(office: Office) -> list[object]:
    return [seen for seen in office.sage.requests if "sales_transaction_views" in seen.path]


async def posted(product: Running, words: str, known: set[str]) -> tuple[float, str]:
    """When a new or edited message says so, and what it says."""
    until = time.perf_counter() + _GIVE_UP
    while time.perf_counter() < until:
        for message in product.office.slack.messages:
            mark = f"{message.ts} {message.text}"
            if message.channel != "C0SALES" or message.thread_ts or mark in known:
                continue
            if words in message.text:
                return time.perf_counter(), mark
        await asyncio.sleep(_LOOK)
    said = [each.text[:80] for each in product.office.slack.messages if each.channel == "C0SALES"]
    raise SystemExit(
        f"nothing posted within {_GIVE_UP:.0f} s; the channel has {said}\n{product.log.read_text()[-2000:]}"
    )


async def measure(changes: int, interval: int) -> list[float]:
    """Seconds from each change in Sage to what Slack was told of it."""
    seconds: list[float] = []
    moments = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder), SYNC_INTERVAL=str(interval), LOG_LEVEL="WARNING") as product:
            await subscribed(product)
            world = product.office.world
            known = {f"{each.ts} {each.text}" for each in product.office.slack.messages}
            for number in range(changes):
                began = time.perf_counter()
                if number % 2:
                    world.release("ABS001")
                else:
                    world.put_on_hold("ABS001", f"reason {number}")
                at, mark = await posted(product, "eleased" if number % 2 else "is on hold", known)
                known |= {f"{each.ts} {each.text}" for each in product.office.slack.messages} | {mark}
                seconds.append(at - began)
                await asyncio.sleep(moments.uniform(0, interval))
            await product.stop()
    return seconds


def main(changes: int, interval: int) -> None:
    """Print the percentiles, with and without the interval."""
    seconds = sorted(asyncio.run(measure(changes, interval)))
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    rows = [
        (name, f"{value:.2f}", f"{max(0.0, value - interval):.2f}", f"{value / interval:.2f}")
        for name, value in (("p50", cuts[49]), ("p95", cuts[94]), ("p99", cuts[98]), ("worst", seconds[-1]))
    ]
    title = f"{changes} changes in Sage, sync interval {interval} s"
    show(title, ("", "change to message, s", "beyond the interval, s", "of the interval"), rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--interval", type=int, default=5)
    given = parser.parse_args()
    main(given.changes, given.interval)

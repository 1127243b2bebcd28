"""Two `bot web` on one PostgreSQL beside one of them, each with a share of a core as a small machine has. Tells ratios.

    python -m benchmarks.two_webs --rounds 4 --commands 150

`/customer ABS001`, eight in flight to each process, every answer read. Client, database and the simulated Slack and
Sage run on the same machine, so each process gets a quarter of a core and no more: what is measured is what a second
process adds, not how many cores there are. The one process of a round is each of the two in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from benchmarks.answering import IDLE, round_of
from benchmarks.parts.commands import answers_taken
from benchmarks.parts.contenders import Contender, field_of_the_product
from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.processes import cpu_clock
from benchmarks.parts.stage import databases, new_database

SHARE, IN_FLIGHT = 0.25, 8
_LOOK_SECONDS = 0.01
_SAVED_SECONDS = 0.02  # what it may use at once after it has waited


@contextmanager
def held_to(share: float, pids: Sequence[int]) -> Iterator[None]:
    """Stop each process while it has used its share of a core."""
    over = threading.Event()

    def hold() -> None:
        seen, spent = time.monotonic(), {pid: cpu_clock(pid) for pid in pids}
        left = dict.fromkeys(pids, 0.0)
        while not over.wait(_LOOK_SECONDS):
            moment = time.monotonic()
            for pid in pids:
                clock, had = cpu_clock(pid), left[pid]
                left[pid] = min(_SAVED_SECONDS, had + (moment - seen) * share) - (clock - spent[pid])
                spent[pid] = clock
                if (left[pid] < 0) != (had < 0):
                    os.kill(pid, signal.SIGSTOP if left[pid] < 0 else signal.SIGCONT)
            seen = moment
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    holding = threading.Thread(target=hold)
    holding.start()
    try:
        yield
    finally:
        over.set()
        holding.join()


async def measure(url: str, folder: Path, rounds: int, commands: int) -> None:
    """Tell the rates of both, and what a command costs."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE)
    async with (
        aiohttp.ClientSession(connector=connector) as http,
        answers_taken() as answers,
        field_of_the_product(url, folder, http, answers, processes=2) as found,
    ):
        both = found.contenders
        for each in both:
            await round_of(each, commands)
        one, two = list[tuple[float, float]](), list[tuple[float, float]]()
        with held_to(SHARE, [each.process.pid for each in both]):
            for number in range(rounds):
                one.append(await together([both[number % 2]], commands))
                two.append(await together(both, commands))
    name, beside = "two web processes on PostgreSQL, each a quarter of a core", "one of them"
    tell(
        Figure(name, "answers a second", [rate for rate, _ in two], beside, [rate for rate, _ in one], least=1.8),
        Figure(name, "ms of CPU a command", [cpu for _, cpu in two], beside, [cpu for _, cpu in one]),
    )


async def together(processes: Sequence[Contender], commands: int) -> tuple[float, float]:
    """Return answers a second of all of them, and what a command costs one."""
    taken = await asyncio.gather(*(round_of(each, commands, in_flight=IN_FLIGHT) for each in processes))
    return sum(each.rate for each in taken), statistics.mean(each.cpu for each in taken)


def main() -> None:
    """Run it on a PostgreSQL of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--commands", type=int, default=150)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, databases() as server:
        asyncio.run(measure(new_database(server), Path(folder), given.rounds, given.commands))


if __name__ == "__main__":
    main()

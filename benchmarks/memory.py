"""The memory of one process while it answers commands for a while: flat, or by how much it rises.

    python -m benchmarks.memory --seconds 120

`/customer ABS001` by ten people, 32 in flight, `bot web --with-worker` on SQLite. What it has at half of the time, when
statements are compiled and every connection is there, is the baseline of what it has afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from benchmarks.answering import IDLE, round_of
from benchmarks.parts.commands import answers_taken
from benchmarks.parts.contenders import field_of_the_product
from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.processes import resident

_ROUND = 250


async def measure(folder: Path, seconds: float) -> None:
    """Tell how much it has, and by how much that rises."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE)
    async with (
        aiohttp.ClientSession(connector=connector) as http,
        answers_taken() as answers,
        field_of_the_product(f"sqlite:///{folder}/sage.db", folder, http, answers) as found,
    ):
        (product,) = found.contenders
        memory, until = [resident(product.process.pid)], time.monotonic() + seconds
        while time.monotonic() < until or len(memory) < 4:
            await round_of(product, _ROUND)
            memory.append(resident(product.process.pid))
    half = len(memory) // 2
    later = memory[half:]
    rise = statistics.linear_regression([_ROUND * each for each in range(len(later))], later).slope
    commands = (len(memory) - 1) * _ROUND
    half_way = f"after {half * _ROUND:,}"
    tell(
        Figure(f"memory after {commands:,} commands", "MB", [memory[-1]], half_way, [memory[half]], most=1.02),
        Figure("memory before the first command", "MB", [memory[0]]),
        Figure(f"memory rises in the last {commands - half * _ROUND:,}", "MB a thousand commands", [rise * 1000]),
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), seconds))


if __name__ == "__main__":
    main()

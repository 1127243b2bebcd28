"""What one process takes before anybody asks: start to ready, CPU and memory, beside Bolt, SQLAlchemy and httpx alone.

    python -m benchmarks.at_rest --rounds 5

`bot web` on a database that is migrated already; `benchmarks/parts/bare.py` on the same one. They start in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts.figures import Figure, tell
from benchmarks.parts.processes import cpu_seconds, resident
from benchmarks.parts.running import free_address, port_of, settings_of, started, upgraded
from benchmarks.parts.stage import databases, new_database
from storage.database import async_url

BARE = "Bolt, SQLAlchemy and httpx alone"
_NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds until it was ready, and what it had used then."""

    seconds: float
    cpu: float
    megabytes: float


async def start(module: tuple[str, ...], environment: dict[str, str], log: Path) -> Start:
    """Start it, and stop it."""
    began = time.perf_counter()
    ready = f"{environment['PUBLIC_URL']}/health/ready"
    async with started(("-m", *module), environment, log, ready, look_every=0.02) as process:
        seconds = time.perf_counter() - began
        return Start(seconds, cpu_seconds(process.pid), resident(process.pid))


async def measure(which: str, url: str, folder: Path, rounds: int) -> None:
    """Tell it of one kind of database."""
    settings = settings_of(free_address(), _NOBODY, url)
    await upgraded(settings, folder / "upgrade.log")
    ours, bare = list[Start](), list[Start]()
    for number in range(rounds + 1):  # the first writes what Python keeps of each module
        address = free_address()
        where = {**settings, "PUBLIC_URL": address, "PORT": port_of(address)}
        ours.append(await start(("bot", "web"), where, folder / f"web{number}.log"))
        plain = {**where, "DATABASE_URL": async_url(url)}
        bare.append(await start(("benchmarks.parts.bare",), plain, folder / f"bare{number}.log"))
    ours, bare = ours[1:], bare[1:]
    tell(
        Figure(
            f"{which}: start to ready",
            "s",
            [each.seconds for each in ours],
            BARE,
            [each.seconds for each in bare],
            most=1.5,
        ),
        Figure(f"{which}: start to ready", "s of CPU", [each.cpu for each in ours], BARE, [each.cpu for each in bare]),
        Figure(
            f"{which}: memory when ready",
            "MB",
            [each.megabytes for each in ours],
            BARE,
            [each.megabytes for each in bare],
            most=1.4,
        ),
    )


def main() -> None:
    """Run both kinds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(measure("SQLite", f"sqlite:///{folder}/sage.db", folder, rounds))
        with databases() as server:
            asyncio.run(measure("PostgreSQL", new_database(server), folder, rounds))


if __name__ == "__main__":
    main()

"""A worker process for tests: takes note of each job it begins and ends."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.jobs.engine import PostgresDispatch
from bot.jobs.job import Job


async def main(dsn: str, file: Path, seconds: float) -> None:
    async def run(job: Job) -> None:
        note(f"begun {job.key}\n")
        await asyncio.sleep(seconds)
        note(f"ended {job.key}\n")

    def note(line: str) -> None:
        with file.open("a") as noted:
            noted.write(line)

    dispatch = PostgresDispatch(dsn, run, stalled_after=2)
    await dispatch.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))

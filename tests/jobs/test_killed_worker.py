"""A worker is killed in the middle of its jobs: another one does them, by itself."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.jobs import engine_schema
from bot.jobs.engine import PostgresDispatch
from bot.jobs.job import Job

REPOSITORY = Path(__file__).parents[2]


async def worker(dsn: str, file: Path, seconds: float) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.doer", dsn, str(file), str(seconds), cwd=REPOSITORY
    )


async def until(file: Path, words: str, count: int) -> None:
    async with asyncio.timeout(40):
        while not file.exists() or file.read_text().count(words) < count:
            await asyncio.sleep(0.05)


async def test_its_jobs_are_done_by_the_one_that_lives(empty_postgresql_url, tmp_path):
    await engine_schema.upgrade(empty_postgresql_url)
    killed, living = tmp_path / "killed", tmp_path / "living"

    async def never(job: Job) -> None:
        raise AssertionError("this process only defers")

    deferring = PostgresDispatch(empty_postgresql_url, never)
    await deferring._app.open_async()
    first = await worker(empty_postgresql_url, killed, 60)
    try:
        for key in ("1", "2", "3"):
            await deferring.defer(Job("sync", key=key))
        await until(killed, "begun", 3)
        first.kill()
        await first.wait()
        # One that waits behind a dead one's lock must not be forgotten either.
        await deferring.defer(Job("sync", key="1"))
        second = await worker(empty_postgresql_url, living, 0.01)
        try:
            await until(living, "ended", 3)
        finally:
            second.kill()
            await second.wait()
    finally:
        if first.returncode is None:
            first.kill()
            await first.wait()
        await deferring._app.close_async()
    assert {line for line in living.read_text().split("\n") if line.startswith("ended")} == {
        "ended 1",
        "ended 2",
        "ended 3",
    }

"""How often each look is taken. Nothing is kept here: what is due is always read from rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.jobs.tasks import Finders

EVERY_SECONDS = {
    "refreshes": 5,
    "outbox": 1,
    "syncs": 1,
    "paused_targets": 5,
    "digests": 15,
    "rotations": 60,
    "reconciles": 60,
    "ageings": 15,
    "promises": 5,
    "reholds": 15,
    "take_overs": 5,
    "clearing": 60,
    "standstills": 60,
    "differences": 600,
    "warnings": 3600,
    "retention": 6 * 3600,
    "owners": 6 * 3600,
}


def timetable(finders: Finders) -> AsyncIOScheduler:
    """A scheduler, not yet started. Late looks are made up once, and a look never overlaps itself."""
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for name, seconds in EVERY_SECONDS.items():
        look = _let_go(getattr(finders, name))
        scheduler.add_job(look, "interval", seconds=seconds, jitter=seconds // 10, id=name)
    return scheduler


def _let_go(look: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """Return the look, ending without a word where it runs while the scheduler is shut down."""

    async def run() -> None:
        # What it would have found is found after the next start. The scheduler would write a traceback.
        with suppress(asyncio.CancelledError):
            await look()

    return run

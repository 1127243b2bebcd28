"""How often each look is taken. Nothing is kept here: what is due is always read from rows."""

from __future__ import annotations

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.jobs.tasks import Finders

_EVERY_SECONDS = {
    "refreshes": 5,
    "outbox": 1,
    "syncs": 1,
    "paused_targets": 5,
    "digests": 15,
    "rotations": 60,
    "reconciles": 60,
    "ageings": 15,
    "take_overs": 5,
    "clearing": 60,
    "warnings": 3600,
    "retention": 6 * 3600,
    "owners": 6 * 3600,
}


def timetable(finders: Finders) -> AsyncIOScheduler:
    """A scheduler, not yet started. Late looks are made up once, and a look never overlaps itself."""
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for name, seconds in _EVERY_SECONDS.items():
        scheduler.add_job(getattr(finders, name), "interval", seconds=seconds, jitter=seconds // 10, id=name)
    return scheduler

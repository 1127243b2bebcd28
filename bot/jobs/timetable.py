"""How often each job runs. Nothing is kept here: what is due is always read from rows."""

from __future__ import annotations

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.jobs.tasks import Tasks

_EVERY_SECONDS = {"renew_tokens": 60, "clear_away": 60}


def timetable(tasks: Tasks) -> AsyncIOScheduler:
    """A scheduler, not yet started. Late runs are made up once, and a job never overlaps itself."""
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for name, seconds in _EVERY_SECONDS.items():
        scheduler.add_job(getattr(tasks, name), "interval", seconds=seconds, jitter=seconds // 10, id=name)
    return scheduler

"""The timetable: every job is a task, runs, and may run twice."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import pytest

from bot.features.installations.service.installations import REMEMBERED
from bot.jobs.job import Job
from bot.jobs.tasks import Finders
from bot.jobs.timetable import timetable
from storage.queries.seen_requests import Claim
from tests.connected_app import desk as open_desk


class Recorder:
    """A dispatch that only takes note."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    async def defer(self, *jobs: Job) -> None:
        self.jobs.extend(jobs)


async def first_time(desk):
    """Whether one and the same request is new now."""
    return await desk.services.seen_requests.first_time([Claim("event:1", desk.clock(), REMEMBERED)])


@pytest.fixture
async def desk(sqlite_url):
    async with open_desk(sqlite_url) as opened:
        yield opened


async def test_every_job_runs_twice_without_harm(desk):
    await desk.connect(desk.asker())
    desk.clock.forward(hours=7, minutes=50)
    taken = Recorder()
    for look in timetable(Finders(desk.services, taken)).get_jobs():
        await look.func()
    assert {job.name for job in taken.jobs} >= {"refresh_sign_in", "clear_away", "warn_ending", "check_owners"}
    for job in taken.jobs:
        await desk.product.tasks.run(job)
        await desk.product.tasks.run(job)
    outcomes = [entry.outcome for entry in desk.sage_id.token_log if entry.grant_type == "refresh_token"]
    assert outcomes == ["issued"]


async def test_every_look_is_on_the_timetable(desk):
    looks = {name for name in vars(Finders) if not name.startswith("_") and callable(getattr(Finders, name))}
    assert {job.id for job in timetable(desk.product.finders).get_jobs()} == looks


class Waiting:
    """Looks that don't end by themselves."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    def __getattr__(self, name: str):
        return self._look

    async def _look(self) -> None:
        self.begun.set()
        await asyncio.Event().wait()


async def test_a_look_that_runs_at_the_stop_is_let_go_without_a_word(caplog):
    finders = Waiting()
    scheduler = timetable(finders)
    scheduler.start()
    scheduler.modify_job("outbox", next_run_time=datetime.now(UTC))
    await finders.begun.wait()
    scheduler.shutdown(wait=False)
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_unfinished_sign_ins_and_old_keys_are_cleared_away(desk):
    await desk.sign_in(desk.asker(), "george@example.test")
    assert await first_time(desk)
    desk.clock.forward(hours=27)
    await desk.product.tasks.revoke_unfinished()
    await desk.product.tasks.clear_away()
    assert not desk.sage_id.is_signed_in("george@example.test")
    assert await desk.services.installations.clear_away(now=desk.clock()) == 0


async def test_a_request_is_remembered_for_longer_than_slack_may_repeat_it(desk):
    assert await first_time(desk)
    desk.clock.forward(hours=25, minutes=30)
    await desk.product.tasks.clear_away()
    assert not await first_time(desk)

"""Both ways of dispatch: one of a lock at a time, no wake-up lost, an end that finishes what runs."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from bot.jobs import engine_schema
from bot.jobs.engine import PostgresDispatch
from bot.jobs.job import LANES, PLACES, Job, Lane
from bot.jobs.local import LocalDispatch
from bot.jobs.tasks import Tasks


class Shop:
    """Where the jobs are done: remembers what ran, and holds a job while its gate is shut."""

    def __init__(self) -> None:
        self.ran: list[Job] = []
        self.ended = 0
        self.most: dict[str, int] = {}
        self.running: dict[str, int] = {}
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, job: Job) -> None:
        self.ran.append(job)
        self.running[job.lock] = self.running.get(job.lock, 0) + 1
        self.most[job.lock] = max(self.most.get(job.lock, 0), self.running[job.lock])
        try:
            await self.gate.wait()
            if job.name == "fails":
                raise ValueError("as it was told")
        finally:
            self.running[job.lock] -= 1
        self.ended += 1

    async def has_run(self, count: int) -> None:
        async with asyncio.timeout(60):
            while len(self.ran) < count:
                await asyncio.sleep(0.02)


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture(params=["local", "postgresql"])
async def dispatch(request, shop):
    if request.param == "local":
        opened = LocalDispatch(shop)
    else:
        dsn = request.getfixturevalue("empty_postgresql_url")
        await engine_schema.upgrade(dsn)
        opened = PostgresDispatch(dsn, shop)
    await opened.start()
    yield opened
    shop.gate.set()
    if not getattr(opened, "stopped_by_test", False):
        await opened.stop(seconds=5)


async def test_a_job_is_done_with_its_arguments(dispatch, shop):
    job = Job("refresh_sign_in", key="c1", args={"connection_id": "c1", "version": 3})
    await dispatch.defer(job)
    await shop.has_run(1)
    assert shop.ran == [job]


async def test_of_many_wake_ups_during_a_run_one_more_run_follows(dispatch, shop):
    shop.gate.clear()
    await dispatch.defer(Job("sync", key="1"))
    await shop.has_run(1)
    for _ in range(5):
        await dispatch.defer(Job("sync", key="1"))
    await asyncio.sleep(1.3)  # longer than the engine takes to look for the next one
    assert len(shop.ran) == 1
    shop.gate.set()
    await shop.has_run(2)
    await asyncio.sleep(1.5)
    assert len(shop.ran) == 2
    assert shop.most == {"sync:1": 1}


async def test_other_keys_do_not_wait_for_it(dispatch, shop):
    shop.gate.clear()
    for key in ("1", "2", "3"):
        await dispatch.defer(Job("sync", key=key))
    await shop.has_run(3)
    assert set(shop.running.values()) == {1}


async def test_a_job_that_fails_stops_nobody_and_may_come_again(dispatch, shop):
    await dispatch.defer(Job("fails"))
    await shop.has_run(1)
    await dispatch.defer(Job("works"))
    await shop.has_run(2)
    await dispatch.defer(Job("fails"))
    await shop.has_run(3)


async def test_a_stop_finishes_what_runs(dispatch, shop):
    shop.gate.clear()
    await dispatch.defer(Job("slow"))
    await shop.has_run(1)
    dispatch.stopped_by_test = True
    stopping = asyncio.create_task(dispatch.stop(seconds=10))
    await asyncio.sleep(0.2)
    assert not stopping.done()
    shop.gate.set()
    await asyncio.wait_for(stopping, 10)
    assert shop.ended == 1


async def test_a_stop_gives_up_on_what_takes_too_long(dispatch, shop):
    shop.gate.clear()
    await dispatch.defer(Job("endless"))
    await shop.has_run(1)
    dispatch.stopped_by_test = True
    await asyncio.wait_for(dispatch.stop(seconds=0.3), 8)
    assert shop.ended == 0


async def test_the_engines_tables_are_made_once_however_many_start(empty_postgresql_url):
    ran = await asyncio.gather(*(engine_schema.upgrade(empty_postgresql_url) for _ in range(3)))
    assert sorted(map(len, ran)) == [0, 0, 1]
    assert await engine_schema.upgrade(empty_postgresql_url) == []


async def test_nothing_is_written_down_of_jobs_that_are_gone_when_they_end(empty_postgresql_url):
    await engine_schema.upgrade(empty_postgresql_url)
    dispatch = PostgresDispatch(empty_postgresql_url, Shop())
    await dispatch._app.open_async()
    await dispatch.defer(Job("sync_company", {"workspace_id": "w1", "company_pk": 1}))
    await dispatch._app.close_async()
    async with await psycopg.AsyncConnection.connect(empty_postgresql_url) as connection:
        done = await connection.execute("UPDATE procrastinate_jobs SET status = 'doing', abort_requested = true")
        assert done.rowcount == 1
        found = await connection.execute("SELECT count(*) FROM procrastinate_events")
        assert await found.fetchone() == (0,)


async def test_once_the_waiting_are_counted_a_job_takes_no_more_for_how_many_they_are(empty_postgresql_url, shop):
    """Several looks find many jobs each, while the server takes their table for empty."""
    await engine_schema.upgrade(empty_postgresql_url)
    dispatch = PostgresDispatch(empty_postgresql_url, shop)
    await dispatch.start()
    args = [{"workspace_id": f"w{number}", "target_id": "C1"} for number in range(1200)]
    jobs = [Job("post_target", each["workspace_id"], each) for each in args]
    for first in range(0, 1200, 400):
        await dispatch.defer(*jobs[first : first + 400])
    await dispatch.sweep()
    before, ran = await _blocks_read(empty_postgresql_url), len(shop.ran)
    await shop.has_run(ran + 300)
    read, done = await _blocks_read(empty_postgresql_url) - before, len(shop.ran) - ran
    await dispatch.stop(seconds=5)
    assert read < 300 * done


async def _blocks_read(dsn):
    """How many pages of the jobs' table and its indexes the server has looked at."""
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        found = await connection.execute(
            "SELECT heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit FROM pg_statio_user_tables "
            "WHERE relname = 'procrastinate_jobs'"
        )
        (read,) = await found.fetchone()
        return read


@pytest.fixture
async def two_that_find(empty_postgresql_url):
    """Two processes that find due rows, while no worker runs."""
    await engine_schema.upgrade(empty_postgresql_url)
    found = [PostgresDispatch(empty_postgresql_url, Shop()) for _ in range(2)]
    for each in found:
        await each._app.open_async()
    yield found
    for each in found:
        await each._app.close_async()


@pytest.fixture
def statements(monkeypatch):
    """What was sent to PostgreSQL by the driver's one call for it."""
    sent = []
    execute = psycopg.AsyncCursor.execute

    async def counted(cursor, query, *rest, **options):
        sent.extend([query] if query else ())  # the pool greets each connection that it lends with an empty one
        return await execute(cursor, query, *rest, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    return sent


async def test_all_that_a_look_found_is_written_by_one_statement(two_that_find, statements):
    one, _ = two_that_find
    await one.defer(*(Job("sync", key=f"{number}") for number in range(250)))
    statements.clear()
    await one.defer(*(Job("sync", key=f"{number}") for number in range(500)))
    assert len(statements) == 1
    assert await one.depth() == 500


async def test_what_several_find_at_once_waits_once(two_that_find):
    ways = [range(200), range(199, -1, -1), range(100, 300), range(0, 300, 3)]
    await asyncio.gather(
        *(each.defer(*(Job("sync", key=f"{key}") for key in keys)) for each in two_that_find for keys in ways)
    )
    assert await two_that_find[0].depth() == 300


def _of(workspace_id, name, key):
    return Job(name, key=key, args={"workspace_id": workspace_id})


async def test_slow_syncs_of_one_workspace_hold_up_nobody_elses_jobs_nor_its_own_messages(dispatch, shop):
    shop.gate.clear()
    await dispatch.defer(*(_of("slow", "sync_company", f"{number}") for number in range(24)))
    await shop.has_run(PLACES[Lane.SYNC].of_workspace)
    others = [
        _of("other", "sync_company", "101"),
        _of("other", "refresh_sign_in", "c1"),
        _of("other", "post_target", "other:D1"),
        _of("slow", "refresh_sign_in", "c2"),
        _of("slow", "post_target", "slow:C1"),
        Job("clear_away"),
    ]
    await dispatch.defer(*others)
    await shop.has_run(PLACES[Lane.SYNC].of_workspace + len(others))
    assert [job for job in others if job not in shop.ran] == []
    assert len([job for job in shop.ran if job.args.get("workspace_id") == "slow" and job.lane is Lane.SYNC]) == 2
    assert shop.ended == 0
    shop.gate.set()
    await shop.has_run(24 + len(others))


@pytest.mark.parametrize("name", ["refresh_sign_in", "post_target"])
async def test_a_workspace_with_much_to_do_leaves_places_in_every_lane(dispatch, shop, name):
    shop.gate.clear()
    await dispatch.defer(*(_of("busy", name, f"{number}") for number in range(1_000)))
    await shop.has_run(PLACES[Job(name).lane].of_workspace)
    await dispatch.defer(_of("other", name, "its"))
    await shop.has_run(PLACES[Job(name).lane].of_workspace + 1)
    assert shop.ran[-1].args["workspace_id"] == "other"
    shop.gate.set()


def test_every_lane_has_places_for_several_workspaces_and_every_lane_of_a_job_is_its_task():
    assert [lane for lane in Lane if lane not in PLACES] == []
    assert all(PLACES[lane].at_once >= 2 * PLACES[lane].of_workspace for lane in set(LANES.values()))
    assert [name for name in LANES if not hasattr(Tasks, name)] == []

"""Whether a process is ready: what is asked of the database and its worker, and how often."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import event, text

from bot.jobs.heartbeat import WORKER, beating
from bot.web.readiness import Found, Readiness
from storage.database import Database
from storage.queries import heartbeats
from storage.schema_version import is_current

NO_WORKER = "no worker is alive: start bot worker"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def readiness(database, clock):
    return Readiness(database, clock, worker=WORKER)


async def test_with_a_worker_alive_nothing_is_missing(database, clock):
    async with beating(database, clock):
        assert await readiness(database, clock)() == Found()


async def test_a_worker_is_awaited_for_as_long_as_one_may_be_silent(database, clock):
    fresh = readiness(database, clock)
    assert await fresh() == Found(awaited=NO_WORKER)
    began = readiness(database, clock)
    clock.now += timedelta(seconds=30)
    assert await began() == Found(missing=NO_WORKER)


async def test_a_worker_that_died_is_missed_and_one_that_stopped_at_once(database, clock):
    old = readiness(database, clock)
    clock.now += timedelta(minutes=1)
    async with database.writing() as tx:
        await heartbeats.beat(tx, "worker:killed", kind=WORKER, now=clock.now - timedelta(seconds=29))
    assert await old() == Found()
    clock.now += timedelta(seconds=1)
    old._found = None
    assert await old() == Found(missing=NO_WORKER)
    async with beating(database, clock):
        old._found = None
        assert await old() == Found()
    async with database.writing() as tx:
        await heartbeats.forget(tx, "worker:killed", before=clock.now)
    old._found = None
    assert await old() == Found(missing=NO_WORKER)


async def test_old_tables_are_named(database, clock):
    async with database.transaction() as tx:
        await tx.execute(text("update alembic_version set version_num = '0000'"))
    assert not await is_current(database)
    assert (await readiness(database, clock)()).missing == "the database needs: bot db upgrade"


async def test_however_many_ask_the_database_is_asked_once(database, clock):
    statements: list[str] = []
    engines = [database._writer, database._reader if database.dialect == "sqlite" else database._glancer]
    for engine in engines:
        event.listen(engine.sync_engine, "before_cursor_execute", lambda c, cur, sql, *_: statements.append(sql))
    ready = readiness(database, clock)
    await asyncio.gather(*(ready() for _ in range(200)))
    for _ in range(200):
        await ready()
    assert len([sql for sql in statements if "INTO heartbeats" in sql]) == 1
    assert len([sql for sql in statements if "version_num" in sql]) == 1


async def test_a_caller_that_goes_away_ends_nobody_elses_look(database, clock):
    ready = readiness(database, clock)
    impatient, patient = asyncio.create_task(ready()), asyncio.create_task(ready())
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == Found(awaited=NO_WORKER)


async def test_a_sqlite_file_that_takes_no_writes_is_not_ready(sqlite_url, clock):
    database = Database(sqlite_url)

    @event.listens_for(database._writer.sync_engine, "connect")
    def read_only(connection, _record):
        connection.execute("PRAGMA query_only=ON")

    assert "can't be written" in (await readiness(database, clock)()).missing
    await database.close()


async def test_a_full_sqlite_file_is_not_ready(sqlite_url, clock):
    database = Database(sqlite_url)

    @event.listens_for(database._writer.sync_engine, "connect")
    def full(connection, _record):
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count=1")
        cursor.execute(
            "CREATE TRIGGER grow BEFORE INSERT ON heartbeats BEGIN INSERT INTO leases "
            "SELECT hex(randomblob(9000)), 'x', '2026-03-02' ; END"
        )
        cursor.close()

    assert "can't be written" in (await readiness(database, clock)()).missing
    await database.close()


async def test_a_read_only_postgresql_is_not_ready(postgresql_url, clock):
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        name = server.execute("select current_database()").fetchone()[0]
        server.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    database = Database(postgresql_url)
    assert "can't be written" in (await readiness(database, clock)()).missing
    await database.close()


async def test_a_server_that_is_away_is_not_ready(clock):
    database = Database("postgresql://x:y@127.0.0.1:1/z")
    assert (await readiness(database, clock)()).missing == "the database can't be reached"
    await database.close()


async def test_a_write_that_waits_for_others_says_nothing_as_long_as_others_are_written(sqlite_url, clock):
    """Under load the queue of SQLite's one writer is long; it moves."""
    database, ends = Database(sqlite_url), [asyncio.Event(), asyncio.Event()]
    queue = database._writer.pool._pool

    async def write(end):
        async with database.transaction() as tx:
            await tx.execute(text("delete from heartbeats"))
            await end.wait()

    others = [asyncio.create_task(write(end)) for end in ends]
    looking = asyncio.create_task(Readiness(database, clock, worker=WORKER, patience=2)())
    while queue._waiting < 2:
        await asyncio.sleep(0.01)
    ends[0].set()
    assert await looking == Found(awaited=NO_WORKER)
    ends[1].set()
    await asyncio.gather(*others)
    await database.close()


async def test_a_database_that_is_only_slow_is_not_said_to_be_away(sqlite_url, clock):
    """Somebody else writes for longer than is waited for."""
    database = Database(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("begin immediate")
    found = await Readiness(database, clock, worker=WORKER, patience=0.2)()
    assert "too slow" in found.missing
    other.close()
    await database.close()

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import AsyncExitStack, closing
from threading import Timer

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.database import Database, async_url
from storage.sqlite import prepare_file
from storage.tables.core import SeenRequest

PASSWORD = "not-for-the-log"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///data/x.db", "sqlite+aiosqlite:///data/x.db"),
        ("sqlite:////srv/x.db", "sqlite+aiosqlite:////srv/x.db"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgres://u:p@h:5432/d?sslmode=require", "postgresql+psycopg://u:p@h:5432/d?sslmode=require"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_an_address_is_taken_as_it_comes(given, used):
    assert async_url(given) == used


@pytest.mark.parametrize(
    "address",
    ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite+aiosqlite:///:memory:", "sqlite:///file:x?mode=memory"],
)
def test_a_database_in_memory_is_refused_in_plain_words(address):
    with pytest.raises(ValueError, match="name a file"):
        Database(address)


@pytest.mark.parametrize(
    "address", ["mysql://u:{}@h/d", "postgresql+asyncpg://u:{}@h/d", "postgres://u:{}@h:port/d", "{}"]
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(address):
    with pytest.raises(ValueError, match="database address") as refusal:
        Database(address.format(PASSWORD))
    assert PASSWORD not in str(refusal.value)


async def test_the_password_shows_in_neither_the_object_nor_its_errors():
    database = Database(f"postgresql://u:{PASSWORD}@127.0.0.1:1/d")
    with pytest.raises(OperationalError) as refusal:
        await database.ping()
    await database.close()
    assert PASSWORD not in f"{database!r} {database} {refusal.value!r} {refusal.value}"


async def test_an_error_shows_no_value_that_was_to_be_stored(database):
    with pytest.raises(DBAPIError) as refusal:
        async with database.transaction() as tx:
            await tx.execute(text("insert into nowhere values (:token)"), {"token": PASSWORD})
    assert PASSWORD not in str(refusal.value)


async def test_a_transaction_commits_on_leaving(database, now):
    async with database.transaction() as tx:
        tx.add(SeenRequest(key="kept", seen_at=now))
    assert await _keys(database) == ["kept"]


async def test_a_transaction_rolls_back_on_an_exception(database, now):
    with pytest.raises(LookupError):
        await _write_then_fail(database, now)
    assert await _keys(database) == []


async def test_a_cancelled_transaction_leaves_nothing_and_lets_the_next_one_in(database, now):
    written = asyncio.Event()
    task = asyncio.create_task(_write_then_wait(database, now, written))
    await written.wait()
    task.cancel()
    await asyncio.wait([task])
    await _read_then_write(database, "next", now)
    assert await _keys(database) == ["next"]


async def test_reading_refuses_a_statement_that_writes(database):
    with pytest.raises(DBAPIError, match=r"read.?only"):
        async with database.reading() as tx:
            await tx.execute(text("delete from seen_requests"))


async def test_reading_refuses_a_row_that_was_only_added(database, now):
    with pytest.raises(DBAPIError, match=r"read.?only"):
        async with database.reading() as tx:
            tx.add(SeenRequest(key="sneaked in", seen_at=now))


async def test_after_reading_one_can_write_again(database, now):
    for key in ("one", "two"):
        async with database.reading() as tx:
            await tx.execute(select(SeenRequest))
        async with database.transaction() as tx:
            tx.add(SeenRequest(key=key, seen_at=now))
    assert await _keys(database) == ["one", "two"]


async def test_rows_can_be_used_after_their_transaction(database, now):
    async with database.transaction() as tx:
        row = SeenRequest(key="s", seen_at=now)
        tx.add(row)
    assert (row.key, row.seen_at) == ("s", now)


async def test_a_reader_is_not_kept_waiting_by_a_writer(database, now):
    async with database.transaction() as tx:
        tx.add(SeenRequest(key="unfinished", seen_at=now))
        await tx.flush()
        assert await _keys(database) == []


async def test_two_writers_on_one_file_wait_for_each_other(sqlite_url, now):
    databases = [Database(sqlite_url), Database(sqlite_url)]
    await asyncio.gather(*(_read_then_write(databases[n % 2], f"{n:02}", now) for n in range(20)))
    assert len(await _keys(databases[0])) == 20
    for database in databases:
        await database.close()


async def test_whoever_waits_for_a_connection_gets_it_before_those_who_come_later(database):
    """Under load somebody always comes just when a connection is given back."""
    pool, turns, later = database._writer.pool, list[str](), list[asyncio.Task[None]]()

    async def write():
        async with database.transaction() as tx:
            await tx.execute(text("select 1"))

    async with AsyncExitStack() as holders:
        for _ in range(pool.size()):
            await (await holders.enter_async_context(database.transaction())).execute(text("select 1"))
        waiting = [asyncio.create_task(write(), name=name) for name in ("first", "second")]
        await asyncio.sleep(0)

        # Who gets a connection first need not be the first to be answered on it.
        @event.listens_for(pool, "checkout")
        def given(*_):
            turns.append(asyncio.current_task().get_name())

        @event.listens_for(pool, "checkin")
        def come(*_):
            if len(later) < 20:
                later.append(asyncio.create_task(write(), name="later"))

    await asyncio.gather(*waiting)
    while not all(each.done() for each in later):
        await asyncio.gather(*later)
    assert turns[:2] == ["first", "second"]


def test_a_new_file_is_made_ready_although_another_process_is_at_it(tmp_path):
    with closing(sqlite3.connect(tmp_path / "new.db", check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        soon = Timer(0.3, other.rollback)
        soon.start()
        prepare_file(tmp_path / "new.db")
        soon.join()


async def test_the_file_and_its_new_folder_are_for_this_user_only(tmp_path):
    file = tmp_path / "new" / "sage.db"
    database = Database(f"sqlite:///{file}")
    await database.ping()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file.parent, *file.parent.iterdir())]
    await database.close()
    assert modes[0] == 0o700
    assert set(modes[1:]) == {0o600}


async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path):
    file = tmp_path / "sage.db"
    file.touch(mode=0o644)
    await Database(f"sqlite:///{file}").close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("setting", "value"),
    [("journal_mode", "wal"), ("busy_timeout", 5000), ("synchronous", 1), ("foreign_keys", 1)],
)
async def test_both_kinds_of_sqlite_connection_are_set_up(sqlite_database, setting, value):
    for opening in (sqlite_database.transaction, sqlite_database.reading):
        async with opening() as tx:
            assert await tx.scalar(text(f"PRAGMA {setting}")) == value


async def test_each_kind_knows_its_dialect(database, database_url):
    assert database_url.startswith(database.dialect)


async def _write_then_fail(database, now):
    async with database.transaction() as tx:
        tx.add(SeenRequest(key="lost", seen_at=now))
        await tx.flush()
        raise LookupError


async def _write_then_wait(database, now, written):
    async with database.transaction() as tx:
        tx.add(SeenRequest(key="cancelled", seen_at=now))
        await tx.flush()
        written.set()
        await asyncio.Event().wait()


async def _read_then_write(database, key, now):
    async with database.transaction() as tx:
        await tx.execute(select(SeenRequest))
        tx.add(SeenRequest(key=key, seen_at=now))


async def _keys(database):
    async with database.reading() as tx:
        return list(await tx.scalars(select(SeenRequest.key).order_by(SeenRequest.key)))


async def test_a_statement_takes_one_trip_to_the_thread_of_its_connection(sqlite_database, now):
    """Each trip waits for the event loop's next turn, and the lock of the one writer is held for all of them."""
    async with sqlite_database._writer.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
    trips, queue = [], driver._tx

    class Counted:
        def put_nowait(self, item):
            trips.append(item)
            queue.put_nowait(item)

    driver._tx = Counted()
    async with sqlite_database.writing() as tx:
        await tx.execute(insert(SeenRequest).returning(SeenRequest.key), {"key": "k", "seen_at": now})
    assert len(trips) == 2  # the INSERT with its BEGIN, and COMMIT


async def test_where_a_transaction_could_not_begin_nothing_is_written_outside_of_it(sqlite_url, sqlite_database, now):
    path = sqlite_url.removeprefix("sqlite:///")
    async with sqlite_database._writer.connect() as connection, AsyncExitStack() as others:
        await connection.execute(text("PRAGMA busy_timeout=0"))
        await connection.commit()
        other = others.enter_context(closing(sqlite3.connect(path)))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            await connection.execute(insert(SeenRequest), {"key": "first", "seen_at": now})
        other.rollback()
        await connection.execute(insert(SeenRequest), {"key": "second", "seen_at": now})
        await connection.rollback()
    assert await _keys(sqlite_database) == []


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1000, 1234])
async def test_a_long_list_comes_whole_whichever_way_it_is_read(sqlite_database, count):
    series = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n LIMIT :most"
    )
    wanted = list(range(1, count + 1))
    async with sqlite_database.reading() as tx:
        assert list(await tx.scalars(series, {"most": count})) == wanted
    async with sqlite_database.snapshot() as connection:
        for step in (1, 7, 500, 700):
            async with connection.stream(series, {"most": count}, execution_options={"yield_per": step}) as found:
                assert [row.i async for row in found] == wanted


async def test_of_a_streamed_list_no_more_is_held_than_is_asked_for(sqlite_database):
    series = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
    async with sqlite_database.snapshot() as connection, connection.stream(series) as endless:
        assert [row.i for row in await endless.fetchmany(3)] == [1, 2, 3]


async def test_as_many_rows_are_changed_as_are_said(sqlite_database, now):
    async with sqlite_database.transaction() as tx:
        await tx.execute(insert(SeenRequest), [{"key": str(each), "seen_at": now} for each in range(1200)])
        assert (await tx.execute(text("update seen_requests set answer = 'x'"))).rowcount == 1200
        assert len(list(await tx.scalars(text("delete from seen_requests returning key")))) == 1200

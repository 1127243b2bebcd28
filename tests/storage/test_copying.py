"""Everything that is kept goes from one kind of database into the other and back, unchanged, or nothing does."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from storage.copying import CopyRefused, copy
from storage.database import Database
from storage.migrations import upgrade
from storage.schema_version import is_current
from storage.tables.core import CompanyRow, Row
from tests.released import rows_of

TABLES = Row.metadata.sorted_tables


def quiet(table: str, done: int, total: int) -> None:
    """Nobody watches."""


@asynccontextmanager
async def opened(url):
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


async def fill(database):
    async with database.transaction() as tx:
        for table in TABLES:
            await tx.execute(insert(table), rows_of(table))
        # The number of a row that is gone is given to no other.
        gone = {**rows_of(CompanyRow.__table__)[0], "id": 1_000, "company_id": 99}
        await tx.execute(insert(CompanyRow.__table__), [gone])
        await tx.execute(text("delete from companies where id = 1000"))


def dump(url):
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return sorted(connection.iterdump())
    finally:
        connection.close()


async def test_every_table_goes_to_postgresql_and_back_as_it_was(sqlite_url, tmp_path, empty_postgresql_url):
    back_url, seen = f"sqlite:///{tmp_path}/back.db", []
    async with opened(sqlite_url) as old, opened(empty_postgresql_url) as server, opened(back_url) as back:
        await fill(old)
        counts = await copy(old, server, progress=lambda *each: seen.append(each))
        assert await copy(server, back, progress=quiet) == counts
        assert await is_current(server)
        for database in (server, back):
            async with database.transaction() as tx:
                fresh = rows_of(CompanyRow.__table__)[0] | {"company_id": 100}
                del fresh["id"]
                assert await tx.scalar(insert(CompanyRow).values(fresh).returning(CompanyRow.id)) == 1_001
                await tx.execute(text("delete from companies where id = 1001"))
    assert counts == {table.name: 3 for table in TABLES}
    assert seen == [(table.name, 3, 3) for table in TABLES]
    difference = set(dump(sqlite_url)) ^ set(dump(back_url))
    assert {line.partition("(")[0] for line in difference} == {'INSERT INTO "sqlite_sequence" VALUES'}


async def test_a_database_with_rows_is_refused_and_left_alone(sqlite_database, postgresql_url):
    await fill(sqlite_database)
    async with opened(postgresql_url) as server:
        async with server.transaction() as tx:
            await tx.execute(insert(Row.metadata.tables["heartbeats"]), rows_of(Row.metadata.tables["heartbeats"], 1))
        with pytest.raises(CopyRefused, match="isn't empty: heartbeats has rows"):
            await copy(sqlite_database, server, progress=quiet)
        async with server.reading() as tx:
            assert (await tx.execute(select(Row.metadata.tables["workspaces"]))).all() == []


async def test_a_row_that_is_not_taken_leaves_nothing_behind(sqlite_database, empty_postgresql_url):
    await fill(sqlite_database)
    async with sqlite_database.transaction() as tx:
        await tx.execute(text("update outbox set dedupe_key = id || :long"), {"long": "x" * 300})
    async with opened(empty_postgresql_url) as server:
        with pytest.raises(CopyRefused, match=r"doesn't take a row of outbox \(StringDataRightTruncation\)"):
            await copy(sqlite_database, server, progress=quiet)
        async with server.reading() as tx:
            names = await (await tx.connection()).run_sync(lambda connection: inspect(connection).get_table_names())
    assert names == []


async def test_what_arrives_changed_is_noticed_and_taken_back(sqlite_database, tmp_path):
    await fill(sqlite_database)
    async with opened(f"sqlite:///{tmp_path}/new.db") as new:
        await upgrade(new)
        async with new.transaction() as tx:
            spoil = "update promises set amount = amount + 1 where id = new.id"
            await tx.execute(text(f"create trigger spoil after insert on promises begin {spoil}; end"))
        with pytest.raises(CopyRefused, match="promises has 3 rows, and 3 arrived"):
            await copy(sqlite_database, new, progress=quiet)
        async with new.reading() as tx:
            assert (await tx.execute(select(Row.metadata.tables["workspaces"]))).all() == []


async def test_a_snapshot_sees_one_moment_and_writes_nothing(database):
    await fill(database)
    async with database.snapshot() as old:
        before = (await old.execute(text("select count(*) from leases"))).scalar()
        async with database.transaction() as tx:
            await tx.execute(text("update workspaces set name = 'later'"))
        assert "later" not in (await old.execute(text("select name from workspaces"))).scalars().all()
        with pytest.raises(DBAPIError):
            await old.execute(text("update workspaces set name = 'here'"))
    assert before == 3

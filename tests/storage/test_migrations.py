from __future__ import annotations

import asyncio
import warnings
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import storage.migrations
from storage.database import Database
from storage.migrations import BrokenReferences, upgrade
from storage.migrations.sizes import SIZES
from storage.schema_version import NEWEST, is_current
from storage.tables.core import Row


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'empty.db'}"
    return request.getfixturevalue("empty_postgresql_url")


async def test_the_migrations_make_exactly_what_the_models_say(database):
    assert await _seen_by(database, differences) == []


async def test_a_missing_column_would_be_noticed(database):
    async with database.transaction() as tx:
        await tx.execute(text("alter table member_roles drop column role"))
    assert await _seen_by(database, differences) != []


async def test_an_empty_database_becomes_current_and_stays_so(empty_url):
    database = Database(empty_url)
    before = await is_current(database)
    await upgrade(database)
    await upgrade(database)
    after = await is_current(database)
    await database.close()
    assert (before, after) == (False, True)


def test_the_newest_revision_is_the_one_that_readiness_asks_for():
    assert ScriptDirectory(str(Path(storage.migrations.__file__).parent)).get_heads() == [NEWEST]


async def test_sqlite_is_told_the_size_of_each_index_of_the_tables_that_are_searched(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    await upgrade(database)
    async with database.reading() as tx:
        rows = await tx.execute(text("select tbl, idx, stat from sqlite_stat1 where tbl <> 'alembic_version'"))
        told = {(table, index): len(sizes.split()) - 1 for table, index, sizes in rows}
        found = {
            (table, index if origin != "pk" or not is_whole else table): columns
            for table, index, origin, is_whole, columns in await tx.execute(text(_INDEXES))
            if table in SIZES
        }
    await database.close()
    assert told == found


# Of a table without row ids, the key is the table.
_INDEXES = """
select t.name, i.name, i.origin, t.wr, (select count(*) from pragma_index_info(i.name))
from pragma_table_list t, pragma_index_list(t.name) i where t.type = 'table'
"""


async def test_a_database_of_a_newer_app_is_not_current(database):
    async with database.transaction() as tx:
        await tx.execute(text("update alembic_version set version_num = '9999'"))
    assert not await is_current(database)


async def test_of_processes_that_start_together_one_upgrades_and_the_others_wait(empty_url):
    databases = [Database(empty_url) for _ in range(8)]
    await asyncio.gather(*(upgrade(database) for database in databases))
    assert [await is_current(database) for database in databases] == [True] * 8
    for database in databases:
        await database.close()


async def test_two_upgrades_in_one_process_do_not_mix(tmp_path):
    databases = [Database(f"sqlite:///{tmp_path / name}") for name in ("one.db", "two.db")]
    await asyncio.gather(*(upgrade(database) for database in databases))
    assert [await is_current(database) for database in databases] == [True, True]
    for database in databases:
        await database.close()


async def test_an_upgrade_that_leaves_rows_pointing_nowhere_is_undone(sqlite_database):
    async with sqlite_database.migrating() as connection:
        await connection.exec_driver_sql(
            "insert into member_roles values ('nowhere', 'U1', 'admin', 'U1', '2026-03-02')"
        )
    with pytest.raises(BrokenReferences):
        await upgrade(sqlite_database)


def differences(connection):
    def is_made_here(made, name, kind, is_reflected, other):
        only = getattr(made, "_ddl_if", None)
        return only is None or only.dialect == connection.dialect.name

    opts = {"compare_type": True, "compare_server_default": True, "include_object": is_made_here}
    context = MigrationContext.configure(connection, opts=opts)
    with warnings.catch_warnings():
        # SQLAlchemy doesn't read an index of an expression back from SQLite; PostgreSQL's are compared.
        warnings.filterwarnings("ignore", message=".* expression-based index")
        return compare_metadata(context, Row.metadata)


async def _seen_by(database, look):
    async with database.reading() as tx:
        return await (await tx.connection()).run_sync(look)

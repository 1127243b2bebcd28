"""A database that a released version left, with rows in every table, becomes this version's and keeps its rows."""

from __future__ import annotations

import json
import sqlite3

import psycopg
import pytest
from sqlalchemy import func, select, text

from storage.database import Database
from storage.migrations import upgrade
from storage.schema_version import is_current
from storage.tables.core import Row
from tests.released import FOLDER, ROWS, known_to_listeners, versions
from tests.storage.test_migrations import differences

ANEW = "Until 1.0.0 is released: .venv/bin/python -m tests.released 1.0.0. Afterwards: a new migration."


def left_by(version, kind, request, tmp_path):
    """The address of a database as `bot db upgrade` of that version made it, and its people filled it."""
    tables, rows = ((FOLDER / f"{version}.{each}.sql").read_text() for each in (kind, "rows"))
    if kind == "sqlite":
        connection = sqlite3.connect(tmp_path / "left.db")
        connection.executescript(tables + rows)
        connection.close()
        return f"sqlite:///{tmp_path / 'left.db'}"
    url = request.getfixturevalue("empty_postgresql_url")
    with psycopg.connect(url, options="-c TimeZone=UTC") as connection:
        connection.execute(f"{tables}{rows}".encode())
    return url


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("version", versions())
async def test_a_released_database_becomes_this_versions(version, kind, request, tmp_path):
    database = Database(left_by(version, kind, request, tmp_path))
    try:
        await upgrade(database)
        assert await is_current(database)
        async with database.reading() as tx:
            assert await (await tx.connection()).run_sync(differences) == [], ANEW
            for table in Row.metadata.sorted_tables:
                if f'INSERT INTO "{table.name}"' in (FOLDER / f"{version}.rows.sql").read_text():
                    assert await tx.scalar(select(func.count()).select_from(table)) == ROWS
                    assert len((await tx.execute(select(table))).all()) == ROWS  # each value can be read
            assert await tx.scalar(text("select count(*) from audit_entries")) == ROWS
    finally:
        await database.close()


@pytest.mark.parametrize("version", versions()[-1:])
def test_what_the_last_version_put_into_slack_is_still_taken(version):
    """Buttons stand in channels for months: their ids, and those of forms, are taken for a version longer."""
    left, known = json.loads((FOLDER / f"{version}.slack.json").read_text()), known_to_listeners()
    assert {kind: gone for kind, names in left.items() if (gone := set(names) - set(known.get(kind, ())))} == {}

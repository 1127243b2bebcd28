"""Migrations of the tables: Alembic, set up here instead of in an alembic.ini.

A revision's `upgrade(op)` is given its operations: Alembic's global `op` would mix up two upgrades in one process.
"""

from __future__ import annotations

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.database import Database
from storage.migrations.sizes import tell_sizes


class BrokenReferences(Exception):
    """A migration left rows that point at rows which are not there. Nothing was changed."""


async def upgrade(database: Database) -> None:
    """Migrate to the newest revision in one transaction. Of two processes at once, one waits."""
    async with database.migrating() as connection:
        await connection.run_sync(upgrade_within)


def _script() -> ScriptDirectory:
    return ScriptDirectory(Path(__file__).parent)


def upgrade_within(connection: Connection) -> None:
    """Migrate in the transaction of `Database.migrating`. Raises BrokenReferences."""
    script = _script()
    context = MigrationContext.configure(
        connection, opts={"fn": lambda revision, _: script._upgrade_revs("head", revision)}
    )
    context.run_migrations(op=Operations(context))
    if connection.dialect.name != "sqlite":
        return
    # SQLite's foreign keys are off meanwhile (see storage.sqlite), so they are checked here.
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise BrokenReferences
    tell_sizes(connection)

"""The engine's own tables: all of their names begin with `procrastinate_`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql

from bot.jobs.engine import UNPREPARED

_SCHEMA_LOCK = 7_200_204  # any number, as long as every process of this app takes the same one

# The engine writes a row for each step of each job, and all of ours are deleted with those rows when they end: to write
# them was half of what it takes to defer five hundred.
_RECORDED = """
    SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE tgrelid = 'procrastinate_jobs'::regclass AND tgenabled <> 'D' AND proname LIKE 'procrastinate%events%'
"""


async def upgrade(dsn: str) -> list[str]:
    """Bring them to the installed version of the engine; returns what ran. Safe to run again, and beside itself.

    Each of its migrations runs once, in a transaction of its own with the note that it did: `ALTER TYPE … ADD VALUE`
    forbids one transaction for all, and the engine keeps no record itself. Nothing is set for a session, which a
    pooler would hand to others.
    """
    async with await psycopg.AsyncConnection.connect(dsn, **UNPREPARED) as connection:
        if await _begin(connection):
            ran = ["schema.sql"]
        else:
            ran = [name for name, run in _migrations().items() if await _apply(connection, name, run)]
        await _record_nothing(connection)
        await _find_turns(connection)
        return ran


def _migrations() -> dict[str, bytes]:
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    return {file.name: file.read_bytes() for file in files}


async def _begin(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Create the tables where there are none. Return whether that was so."""
    async with connection.transaction():
        await _alone(connection)
        await connection.execute("CREATE TABLE IF NOT EXISTS procrastinate_migrations (name text PRIMARY KEY)")
        if await (await connection.execute("SELECT 1 FROM procrastinate_migrations LIMIT 1")).fetchone():
            return False
        await connection.execute(SchemaManager.get_schema())
        for name in _migrations():
            await _note(connection, name)
        return True


async def _apply(connection: psycopg.AsyncConnection[Any], name: str, statements: bytes) -> bool:
    """Run the migration unless it has been. Return whether it ran."""
    async with connection.transaction():
        await _alone(connection)
        if not await _note(connection, name):
            return False
        await connection.execute(statements)
        return True


async def _record_nothing(connection: psycopg.AsyncConnection[Any]) -> None:
    """Let no trigger write down what becomes of the jobs."""
    async with connection.transaction():
        await _alone(connection)
        for (name,) in await (await connection.execute(_RECORDED)).fetchall():
            await connection.execute(
                sql.SQL("ALTER TABLE procrastinate_jobs DISABLE TRIGGER {}").format(sql.Identifier(name))
            )


async def _find_turns(connection: psycopg.AsyncConnection[Any]) -> None:
    """Let a worker that takes a job find the others of its turn.

    The engine has no index for that: a look at 2,000 that wait in three turns took 67 ms, and takes 33.
    """
    async with connection.transaction():
        await _alone(connection)
        await connection.execute(
            "CREATE INDEX IF NOT EXISTS procrastinate_jobs_turn ON procrastinate_jobs (lock) "
            "WHERE status IN ('todo', 'doing')"
        )


async def _alone(connection: psycopg.AsyncConnection[Any]) -> None:
    """Let every other upgrade wait for the end of this transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_SCHEMA_LOCK])


async def _note(connection: psycopg.AsyncConnection[Any], name: str) -> bool:
    said = await connection.execute(
        "INSERT INTO procrastinate_migrations (name) VALUES (%s) ON CONFLICT DO NOTHING", [name]
    )
    return said.rowcount == 1

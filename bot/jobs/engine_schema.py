"""The engine's own tables: all of their names begin with `procrastinate_`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager

from bot.jobs.engine import UNPREPARED

_SCHEMA_LOCK = 7_200_204  # any number, as long as every process of this app takes the same one


async def upgrade(dsn: str) -> list[str]:
    """Bring them to the installed version of the engine; returns what ran. Safe to run again, and beside itself.

    Each of its migrations runs once, in a transaction of its own with the note that it did: `ALTER TYPE … ADD VALUE`
    forbids one transaction for all, and the engine keeps no record itself. Nothing is set for a session, which a
    pooler would hand to others.
    """
    async with await psycopg.AsyncConnection.connect(dsn, **UNPREPARED) as connection:
        if await _begin(connection):
            return ["schema.sql"]
        return [name for name, run in _migrations().items() if await _apply(connection, name, run)]


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


async def _alone(connection: psycopg.AsyncConnection[Any]) -> None:
    """Let every other upgrade wait for the end of this transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_SCHEMA_LOCK])


async def _note(connection: psycopg.AsyncConnection[Any], name: str) -> bool:
    said = await connection.execute(
        "INSERT INTO procrastinate_migrations (name) VALUES (%s) ON CONFLICT DO NOTHING", [name]
    )
    return said.rowcount == 1

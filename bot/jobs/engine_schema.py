"""The engine's own tables, in a PostgreSQL schema of their own."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql

from bot.jobs.engine import SCHEMA

_SCHEMA_LOCK = 7_200_204  # any number, as long as every process of this app takes the same one


async def upgrade(dsn: str) -> list[str]:
    """Bring them to the installed version of the engine; returns what ran. Safe to run again, and beside itself.

    Each of its migrations runs once, in a transaction of its own with the note that it did: `ALTER TYPE … ADD VALUE`
    forbids one transaction for all, and the engine keeps no record itself.
    """
    files = _migrations()
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", [_SCHEMA_LOCK])
        try:
            await connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
            await connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(SCHEMA)))
            return await _apply(connection, files)
        finally:
            with contextlib.suppress(psycopg.Error):
                await connection.execute("SELECT pg_advisory_unlock(%s)", [_SCHEMA_LOCK])


def _migrations() -> list[Path]:
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


async def _apply(connection: psycopg.AsyncConnection[Any], files: list[Path]) -> list[str]:
    await connection.execute("CREATE TABLE IF NOT EXISTS applied_migrations (name text PRIMARY KEY)")
    found = await connection.execute("SELECT name FROM applied_migrations")
    known = {str(row[0]) for row in await found.fetchall()}
    if not known:
        async with connection.transaction():
            await connection.execute(SchemaManager.get_schema())
            for file in files:
                await _note(connection, file.name)
        return ["schema.sql"]
    new = [file for file in files if file.name not in known]
    for file in new:
        async with connection.transaction():
            await connection.execute(file.read_bytes())
            await _note(connection, file.name)
    return [file.name for file in new]


async def _note(connection: psycopg.AsyncConnection[Any], name: str) -> None:
    await connection.execute("INSERT INTO applied_migrations (name) VALUES (%s)", [name])

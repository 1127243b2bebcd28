"""The version of the tables that this version of the app needs. Alembic is not needed to know it."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from storage.database import Database

NEWEST = "0001"  # the newest revision in storage/migrations/versions


async def is_current(database: Database) -> bool:
    """Return whether the tables are those of this version of the app."""
    async with database.reading() as session:
        return await (await session.connection()).run_sync(_is_current)


def _is_current(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return list(connection.execute(text("select version_num from alembic_version")).scalars()) == [NEWEST]

"""Copying every row into another database of either kind, in one transaction, and comparing what arrived."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.migrations import upgrade_within
from storage.tables.core import Row as AnyRow

_PAGE = 1_000
_DIGEST_BYTES = 8

Progress = Callable[[str, int, int], None]
"""Called with a table's name, and how many of its rows are copied, of how many."""


class CopyRefused(Exception):
    """The copy was not made, and the new database is as it was. The message says why, and holds nothing of a row."""


@dataclass(frozen=True, slots=True)
class Content:
    """The number of a table's rows, and a sum over all that stands in them, in whatever order."""

    rows: int = 0
    digest: int = 0

    def with_rows(self, rows: Sequence[Row[Any]]) -> Content:
        """Return the content with more rows."""
        digest = self.digest
        for row in rows:
            hashed = hashlib.blake2b(repr(tuple(row)).encode(errors="surrogatepass"), digest_size=_DIGEST_BYTES)
            digest = (digest + int.from_bytes(hashed.digest())) % 2 ** (8 * _DIGEST_BYTES)
        return Content(self.rows + len(rows), digest)


async def copy(source: Database, target: Database, *, progress: Progress) -> dict[str, int]:
    """Copy all tables into a database without rows, as they are at one moment. Return the rows of each table.

    Raises CopyRefused, and the drivers' errors of a database that can't be used.
    """
    async with source.snapshot() as old, target.migrating() as new:
        # Its tables are made in the same transaction, so that a copy that fails leaves nothing.
        await new.run_sync(upgrade_within)
        await _refuse_unless_empty(new)
        return {table.name: await _copy_table(old, new, table, progress) for table in AnyRow.metadata.sorted_tables}


async def _refuse_unless_empty(new: AsyncConnection) -> None:
    for table in AnyRow.metadata.sorted_tables:
        if (await new.execute(select(*table.primary_key.columns).limit(1))).first() is not None:
            raise CopyRefused(f"The new database isn't empty: {table.name} has rows. Nothing was copied.")


async def _copy_table(old: AsyncConnection, new: AsyncConnection, table: Table, progress: Progress) -> int:
    total = await old.scalar(select(func.count()).select_from(table)) or 0
    read = Content()
    async for rows in _pages(old, table):
        try:
            await new.execute(insert(table), [dict(row._mapping) for row in rows])
        except SQLAlchemyError as error:
            cause = type(getattr(error, "orig", None) or error).__name__
            raise CopyRefused(
                f"The new database doesn't take a row of {table.name} ({cause}). Nothing was copied."
            ) from None
        read = read.with_rows(rows)
        progress(table.name, read.rows, total)
    await _number_on(old, new, table)
    arrived = Content()
    async for rows in _pages(new, table):
        arrived = arrived.with_rows(rows)
    if arrived != read or read.rows != total:
        raise CopyRefused(
            f"{table.name} has {total} rows, and {arrived.rows} arrived as they were. Nothing was copied."
        )
    return total


async def _pages(connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Row[Any]]]:
    async with connection.stream(select(table), execution_options={"yield_per": _PAGE}) as result:
        async for rows in result.partitions():
            yield rows


async def _number_on(old: AsyncConnection, new: AsyncConnection, table: Table) -> None:
    """Let the next row get a number that no row ever had, as in the old database."""
    column = table.autoincrement_column
    if column is None:
        return
    named = {"table": table.name, "column": column.name}
    last = await old.scalar(text(_LAST_NUMBER[old.dialect.name]), named)
    if last is not None:
        for statement in _NUMBER_ON[new.dialect.name]:
            await new.execute(text(statement), {**named, "last": last})


_LAST_NUMBER = {
    # The first parameter's type can't be told from the function alone.
    "postgresql": "select pg_sequence_last_value(pg_get_serial_sequence(cast(:table as text), :column)::regclass)",
    "sqlite": "select seq from sqlite_sequence where name = :table and :column <> ''",
}
_NUMBER_ON = {
    "postgresql": ["select setval(pg_get_serial_sequence(cast(:table as text), :column)::regclass, :last)"],
    "sqlite": [
        "delete from sqlite_sequence where name = :table",
        "insert into sqlite_sequence (name, seq) values (:table, :last)",
    ],
}

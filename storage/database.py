"""The database: a SQLite file or a PostgreSQL server, behind the same few calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from sqlalchemy import URL, func, make_url, select, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from storage import sqlite

Dialect = Literal["sqlite", "postgresql"]

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_MIGRATION_LOCK = 7_200_200  # any number, as long as every process of this app takes the same one


def async_url(url: str) -> str:
    """The address with the async driver we use. Raises ValueError, which never repeats it: it holds a password."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme not in _DRIVERS:
        raise ValueError("The database address must begin with sqlite:/// or postgresql://")
    if scheme.startswith("sqlite") and (not rest.strip("/") or ":memory:" in rest or "mode=memory" in rest):
        raise ValueError("An in-memory SQLite database would forget every sign-in: name a file, sqlite:///data/sage.db")
    return f"{_DRIVERS[scheme]}://{rest}"


class Database:
    """Open once per process, close at the end. One session belongs to one task."""

    def __init__(self, url: str) -> None:
        self._url = _parsed(async_url(url))
        self.dialect: Dialect = "sqlite" if self._url.get_backend_name() == "sqlite" else "postgresql"
        self._writer, self._reader = _sqlite(self._url) if self.dialect == "sqlite" else _postgresql(self._url)
        self._writing = async_sessionmaker(self._writer, expire_on_commit=False)
        self._reading = async_sessionmaker(self._reader, expire_on_commit=False)

    def __repr__(self) -> str:
        return f"<Database {self.dialect} {self._url.database}>"

    @property
    def libpq_address(self) -> str:
        """The same server as libpq takes it, password and all: for the driver alone. Only on PostgreSQL."""
        return self._url.set(drivername="postgresql").render_as_string(hide_password=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit on leaving, roll back on an exception. Never nest: SQLite has one writer."""
        async with self._writing.begin() as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A transaction in which the database refuses every write."""
        async with self._reading() as session:
            yield session
            await session.flush()  # what was only added to the session is refused too, instead of silently forgotten

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that no other migration, in this or another process, can be in at the same time."""
        if self.dialect == "postgresql":
            async with self._writer.begin() as connection:
                await connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
                yield connection
            return
        engine = sqlite.migrating_engine(self._url)
        try:
            async with engine.begin() as connection:
                yield connection
        finally:
            await engine.dispose()

    async def ping(self) -> None:
        """Raises what the driver raises when the database does not answer."""
        async with self.reading() as session:
            await session.execute(text("select 1"))

    async def close(self) -> None:
        """Close every connection; the object is of no use afterwards."""
        await self._reader.dispose()
        await self._writer.dispose()


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("The database address cannot be read: special characters in it must be %-encoded") from None


def _sqlite(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    sqlite.prepare_file(Path(url.database or ""))
    return sqlite.writing_engine(url), sqlite.reading_engine(url)


def _postgresql(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    # The reader is the same pool: asking for a read-only transaction is an option of each checkout.
    writer = create_async_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=5, max_overflow=10)
    return writer, writer.execution_options(postgresql_readonly=True)

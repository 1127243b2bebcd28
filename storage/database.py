"""The database: a SQLite file or a PostgreSQL server, behind one set of calls."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import URL, Connection, event, func, make_url, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage import sqlite
from storage.compiled_statements import CompiledStatements
from storage.first_come import FirstComePool

T = TypeVar("T")
Dialect = Literal["sqlite", "postgresql"]

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_IDLE_SECONDS = 5.0
# A pooler may give the next transaction another server connection, where nothing is prepared.
_UNPREPARED = {"prepare_threshold": None}
_MIGRATION_LOCK = 7_200_200  # any number, as long as every process of this app takes the same one


def async_url(url: str) -> str:
    """Return the URL with our async driver. Raises ValueError, which never repeats the URL: it holds a password."""
    scheme, mark, rest = url.partition("://")
    if not mark or scheme not in _DRIVERS:
        raise ValueError("The database address must begin with sqlite:/// or postgresql://")
    if scheme.startswith("sqlite") and (not rest.strip("/") or ":memory:" in rest or "mode=memory" in rest):
        raise ValueError("An in-memory SQLite database would forget every sign-in: name a file, sqlite:///data/sage.db")
    return f"{_DRIVERS[scheme]}://{rest}"


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite URL; None for a server's. Raises ValueError."""
    parsed = _parsed(async_url(url))
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


class Database:
    """A database, opened once per process and closed at the end. One session belongs to one task."""

    def __init__(self, url: str) -> None:
        self._url = _parsed(async_url(url))
        self.dialect: Dialect = "sqlite" if self._url.get_backend_name() == "sqlite" else "postgresql"
        self._writer, self._reader = _sqlite(self._url) if self.dialect == "sqlite" else _postgresql(self._url)
        self._glancer = _single_statements(self._url) if self.dialect == "postgresql" else self._writer
        self._looker = sqlite.looking_engine(self._url) if self.dialect == "sqlite" else None
        self._writing = async_sessionmaker(self._writer, expire_on_commit=False)
        self._reading = async_sessionmaker(self._reader, expire_on_commit=False)
        self.commits = 0
        event.listen(self._writer.sync_engine, "commit", self._count_commit)

    def __repr__(self) -> str:
        return f"<Database {self.dialect} {self._url.database}>"

    def _count_commit(self, _connection: Connection) -> None:
        self.commits += 1

    @property
    def libpq_address(self) -> str:
        """Return the PostgreSQL server as a libpq URL, password included: for the driver alone."""
        return self._url.set(drivername="postgresql").render_as_string(hide_password=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit on leaving, roll back on an exception. Never nest: SQLite has one writer."""
        async with self._writing.begin() as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction in which the database refuses every write."""
        async with self._reading() as session:
            yield session
            await session.flush()  # rows only added to the session are refused too, instead of silently dropped

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction whose statements all see one moment, and which refuses every write."""
        async with self._reader.connect() as connection:
            if self.dialect == "postgresql":  # SQLite's readers see one moment anyway
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    async def look(self, read: Callable[[Connection], T]) -> T:
        """Run one short statement that returns rows and no entities, in a transaction of its own."""
        # Every request needs this. SQLite runs it in the calling thread: that takes less time than waking a thread for
        # each statement, and readers of a WAL file wait for nobody.
        if self._looker is not None:
            with self._looker.connect() as connection:
                return read(connection)
        async with self._glancer.connect() as connection:
            return await connection.run_sync(read)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction like `transaction`, for one statement that returns rows and no entities."""
        if self.dialect == "postgresql":
            async with self._glancer.connect() as connection:
                yield connection
            return
        async with self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that excludes every other migration, in this or another process."""
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

    def free_bytes(self) -> int | None:
        """Return the room left on the disk of a SQLite file; None for a server, or where the system doesn't say."""
        if self.dialect == "postgresql":
            return None
        usage = shutil.disk_usage(Path(self._url.database or "").parent)
        return usage.free if usage.total else None

    async def ping(self) -> None:
        """Ask the database for an answer. Raises the driver's errors."""
        async with self.reading() as session:
            await session.execute(text("select 1"))

    async def close(self) -> None:
        """Close every connection; the object can't be used afterwards."""
        if self._looker is not None:
            self._looker.dispose()
        for engine in (self._glancer, self._reader, self._writer):
            await engine.dispose()


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
    # A connection beyond the pool's size would be closed after use, and making one costs more than what it is for.
    writer = create_async_engine(
        url,
        hide_parameters=True,
        connect_args=_UNPREPARED,
        execution_options={"compiled_cache": CompiledStatements()},
        poolclass=FirstComePool,
        pool_size=10,
        max_overflow=0,
    )
    _ping_after_idling(writer)
    _interpret(writer)
    return writer, writer.execution_options(postgresql_readonly=True)


def _single_statements(url: URL) -> AsyncEngine:
    """Return an engine whose statements are transactions of their own: no journeys for BEGIN and ROLLBACK."""
    engine = create_async_engine(
        url,
        hide_parameters=True,
        connect_args=_UNPREPARED,
        execution_options={"compiled_cache": CompiledStatements()},
        isolation_level="AUTOCOMMIT",
        poolclass=FirstComePool,
        pool_size=5,
        max_overflow=0,
        pool_reset_on_return=None,
        skip_autocommit_rollback=True,
    )
    _ping_after_idling(engine)
    _prepare_unless_pooled(engine)
    return engine


def _interpret(engine: AsyncEngine) -> None:
    """Keep the server from compiling statements: of a large list that takes seconds, and is done anew each time."""

    @event.listens_for(engine.sync_engine, "connect")
    def interpret(connection: DBAPIConnection, _record: object) -> None:
        # Behind a pooler this may reach another connection: then a list takes longer, and nothing else is different.
        cursor = connection.cursor()
        cursor.execute("SET jit TO off")
        cursor.close()
        connection.commit()


def _prepare_unless_pooled(engine: AsyncEngine) -> None:
    """Let the server keep the plans of a connection's statements: planning them takes longer than running them."""

    @event.listens_for(engine.sync_engine, "connect")
    def look(connection: DBAPIConnection, _record: object) -> None:
        driver: Any = connection.driver_connection
        cursor = connection.cursor()
        cursor.execute("SELECT pg_backend_pid()")
        (server,) = cursor.fetchone() or (None,)
        # A pooler answers with a number of its own when a client connects.
        if server == driver.info.backend_pid:
            driver.prepare_threshold = 1
            # Lists are planned anew for each length otherwise.
            cursor.execute("SET plan_cache_mode TO force_generic_plan")
        cursor.close()


def _ping_after_idling(engine: AsyncEngine) -> None:
    """Ping a connection before use, unless it was in use a moment ago."""

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def ping(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        # `pool_pre_ping` would ask at every checkout, which is a fifth of what a short transaction costs.
        idle_since = record.info.get("idle_since")
        if idle_since is None or time.monotonic() - idle_since < _IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool then tries another, and makes a new one in the end

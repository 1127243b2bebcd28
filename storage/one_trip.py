"""Connections to SQLite that take one trip to their thread for each statement, and none to begin a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import aiosqlite

# Rows that a statement brings along; more are fetched as they are asked for, so that a long list isn't held at once.
_BROUGHT = 500

Execute = Callable[..., sqlite3.Cursor]


class OneTripConnection(aiosqlite.Connection):
    """A connection of aiosqlite as SQLAlchemy's dialect uses it, with fewer trips to its thread."""

    # aiosqlite makes, executes, reads and closes a cursor in four trips, and each waits for the event loop's next turn.
    # Under load a turn takes a while, and a transaction holds SQLite's one lock for all of its turns. It has no public
    # way to run a function in a connection's thread: `_execute`, `_conn` and `_thread` are its own names.

    _to_begin = ""

    def cursor(self) -> Any:
        """Return a cursor that brings its rows along."""
        return _Cursor(self)

    async def in_thread(self, work: Callable[..., Any], *given: Any) -> Any:
        """Run a function in the connection's thread, and return its result."""
        return await self._execute(work, *given)  # type: ignore[no-untyped-call]

    def begin_with(self, statement: str) -> None:
        """Begin a transaction by this statement, in the same trip as the first that is run in it."""
        self._to_begin = statement

    def begin_in_thread(self) -> None:
        """Begin the transaction that is to begin; in the connection's thread. Raises what the database does."""
        if self._to_begin:
            self._conn.execute(self._to_begin)
            # Not where it failed, as when another process writes: what is run next must not be outside of it.
            self._to_begin = ""

    async def commit(self) -> None:
        """Commit; do nothing where nothing was run in the transaction."""
        self._to_begin = ""
        if self.in_transaction:
            await super().commit()

    async def rollback(self) -> None:
        """Roll back; do nothing without a transaction, as when a connection goes back to its pool."""
        self._to_begin = ""
        if self.in_transaction:
            await super().rollback()


def connect(database: str, **given: Any) -> OneTripConnection:
    """Return a connection that is opened when it is awaited."""
    made = OneTripConnection(lambda: sqlite3.connect(database, **given), _BROUGHT)
    made._thread.daemon = True  # as SQLAlchemy does: a process that ends must not wait for it
    return made


class _Cursor:
    """The part of a cursor's interface that SQLAlchemy's adapter calls."""

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> _Cursor:
        return self

    async def execute(self, statement: str, parameters: Iterable[Any] = ()) -> None:
        """Run a statement, and fetch its first rows."""
        await self._connection.in_thread(self._run, sqlite3.Cursor.execute, statement, parameters)

    async def executemany(self, statement: str, parameters: Iterable[Iterable[Any]]) -> None:
        """Run a statement for each of many parameters."""
        await self._connection.in_thread(self._run, sqlite3.Cursor.executemany, statement, parameters)

    def _run(self, execute: Execute, statement: str, parameters: Iterable[Any]) -> None:
        self._shut()
        self._connection.begin_in_thread()
        self._open = self._connection._conn.cursor()
        try:
            execute(self._open, statement, parameters)
            self._rows = []
            self.description, self.lastrowid = self._open.description, self._open.lastrowid
            self._fetch(_BROUGHT if self.description else 0)
        except BaseException:
            self._shut()
            raise

    def _fetch(self, most: int) -> None:
        """Fetch as many rows of the statement; fewer are its last."""
        if self._open is None:
            return
        found = self._open.fetchmany(most) if most else []
        self._rows += found
        self.rowcount = self._open.rowcount
        if len(found) < most or not most:
            self._shut()

    def _fetch_rest(self) -> None:
        while self._open is not None:
            self._fetch(_BROUGHT)

    def _shut(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    async def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        if self._open is not None:
            await self._connection.in_thread(self._fetch_rest)
        rows, self._rows = self._rows, []
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows, at most so many."""
        most = size or self.arraysize
        if len(self._rows) < most and self._open is not None:
            await self._connection.in_thread(self._fetch, max(most - len(self._rows), _BROUGHT))
        rows, self._rows = self._rows[:most], self._rows[most:]
        return rows

    async def fetchone(self) -> Any:
        """Return the next row; None after the last."""
        return next(iter(await self.fetchmany(1)), None)

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (row := await self.fetchone()) is not None:
            yield row

    async def close(self) -> None:
        """End the statement, if rows of it are left."""
        if self._open is not None:
            await self._connection.in_thread(self._shut)

"""SQLite engines for many readers and one writer over one file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.compiled_statements import CompiledStatements
from storage.first_come import FirstComePool
from storage.one_trip import OneTripConnection, connect

_SETTINGS = {"busy_timeout": "5000", "synchronous": "NORMAL", "foreign_keys": "ON"}
_WAL_TRIES = 100
# Of each connection. A long filter's takes 90 kB, and Python would keep 128.
_PREPARED = 50


def writing_engine(url: URL) -> AsyncEngine:
    """Return the engine of the one writing connection."""
    # A plain BEGIN would fail at its first write if another process wrote since; IMMEDIATE waits.
    return _engine(url, begin="BEGIN IMMEDIATE", settings=_SETTINGS, pool_size=1, max_overflow=0)


def reading_engine(url: URL) -> AsyncEngine:
    """Return an engine of a few connections that SQLite itself keeps from writing."""
    return _engine(url, begin="BEGIN", settings={**_SETTINGS, "query_only": "ON"}, pool_size=5, max_overflow=5)


def looking_engine(url: URL) -> Engine:
    """Return an engine for short statements in the calling thread, which SQLite itself keeps from writing."""
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,
        connect_args={"isolation_level": None, "check_same_thread": False},
        execution_options={"compiled_cache": CompiledStatements()},
        pool_size=2,
        max_overflow=8,
    )
    _set_up(engine, begin="BEGIN", settings={**_SETTINGS, "query_only": "ON"})
    return engine


def migrating_engine(url: URL) -> AsyncEngine:
    """Return an engine for migrations, with foreign keys off and a long timeout."""
    # With foreign keys on, rebuilding a table would cascade to its children. Another process may be migrating.
    settings = {**_SETTINGS, "busy_timeout": "60000", "foreign_keys": "OFF"}
    return _engine(url, begin="BEGIN IMMEDIATE", settings=settings, pool_size=1, max_overflow=0)


def prepare_file(path: Path) -> None:
    """Create the file and its folder, for this user only, in WAL mode (which the file remembers)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    with closing(sqlite3.connect(path)) as connection:
        _use_wal(connection)


def local_day(stored: str, zone: str) -> str:
    """Return the day in a time zone of a time as SQLite stores it, for SQL: SQLite knows no zones."""
    # Called for each account on hold. Both are compared as text: reading a time takes ten times as long.
    for begins, day in _local_days(stored[:10], zone):
        if stored >= begins:
            return day
    raise ValueError(stored)


@lru_cache(maxsize=4_096)
def _local_days(utc_day: str, zone: str) -> tuple[tuple[str, str], ...]:
    """Return the local days that a day of UTC has part in, the last first: from when on in UTC, and which day."""
    place, begins = ZoneInfo(zone), datetime.fromisoformat(utc_day).replace(tzinfo=UTC)
    day, last = (moment.astimezone(place).date() for moment in (begins, begins + timedelta(days=1, microseconds=-1)))
    found = [(utc_day, day.isoformat())]
    while day < last:
        day += timedelta(days=1)
        midnight = datetime.combine(day, time(), tzinfo=place).astimezone(UTC)
        found.append((f"{midnight:%Y-%m-%d %H:%M:%S.%f}", day.isoformat()))
    return tuple(reversed(found))


def _use_wal(connection: sqlite3.Connection) -> None:
    # Changing the mode is the one thing that busy_timeout does not cover: of two processes starting on a new file,
    # either may be refused at once.
    for tries_left in reversed(range(_WAL_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if not tries_left:
                raise
            sleep(0.05)
        else:
            return


def _engine(url: URL, *, begin: str, settings: Mapping[str, str], **pool: int) -> AsyncEngine:
    # isolation_level None: Python's sqlite3 leaves BEGIN to us.
    engine = create_async_engine(
        url,
        hide_parameters=True,
        connect_args={"isolation_level": None, "cached_statements": _PREPARED, "async_creator_fn": connect},
        execution_options={"compiled_cache": CompiledStatements()},
        poolclass=FirstComePool,
        **pool,
    )
    _set_up(engine.sync_engine, begin=begin, settings=settings)
    return engine


def _set_up(engine: Engine, *, begin: str, settings: Mapping[str, str]) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for name, value in settings.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()
        connection.create_function("local_day", 2, local_day, deterministic=True)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        if isinstance(driver, OneTripConnection):
            driver.begin_with(begin)
        else:
            connection.exec_driver_sql(begin)

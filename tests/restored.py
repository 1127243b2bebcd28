"""PostgreSQL databases for many tests in turn: each goes back to its template's rows when a test is done with it.

A new database for each test is the copying and removing of a thousand files. In memory that is as dear as a test's own
work, and on a disk ten times dearer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

_MEGABYTES_LEFT_BEHIND = 4
_SECONDS_TO_LEAVE = 10
_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
_WRITTEN = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    " AND pg_relation_size(oid) > 0"
)
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename"
_STRANGERS = (
    "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
)
_SCHEMA: LiteralString = """
SELECT md5(string_agg(line, ';' ORDER BY line)) FROM (
    SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, atttypmod, attnotnull) AS line
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', pg_class.oid::regclass, reltuples, count(starelid))
    FROM pg_class LEFT JOIN pg_statistic ON starelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') GROUP BY pg_class.oid
    UNION ALL SELECT concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting JOIN pg_database ON oid = setdatabase
    WHERE datname = current_database()
) AS found
"""


@dataclass(frozen=True)
class _Found:
    """What a database was before a test: its schema with what the planner knows, its size, rows and sequences."""

    schema: str
    size: int
    rows: dict[str, bytes]
    sequences: tuple[tuple[str, int | None], ...]


class Restored:
    """The databases that wait for the next test, by the template that they are copies of."""

    def __init__(
        self, *, create: Callable[[str], str], drop: Callable[[str], None], address: Callable[[str], str]
    ) -> None:
        self._create, self._drop, self._address = create, drop, address
        self._waiting: dict[str, list[str]] = defaultdict(list)
        self._found: dict[str, _Found] = {}
        # A new connection is half of the work: the server reads its catalogue anew for each.
        self._connections: dict[str, psycopg.Connection] = {}

    def take(self, template: str) -> str:
        """Return the name of a database that is as its template is."""
        if self._waiting[template]:
            return self._waiting[template].pop()
        name = self._create(template)
        if template not in self._found:
            with self._connection(name).transaction():
                self._found[template] = _look(self._connection(name))
        return name

    def give_back(self, template: str, name: str) -> None:
        """Let the next test have it, if it can be made as it was; else it goes."""
        try:
            restored = self._restored(template, name)
        except psycopg.OperationalError:  # the test ended all connections, ours too
            self._connections.pop(name).close()
            restored = self._restored(template, name)
        if restored:
            self._waiting[template].append(name)
        else:
            self._remove(name)

    def _restored(self, template: str, name: str) -> bool:
        connection = self._connection(name)
        with connection.transaction():
            return _restore(connection, self._found[template])

    def _connection(self, name: str) -> psycopg.Connection:
        if name not in self._connections:
            self._connections[name] = psycopg.connect(self._address(name), autocommit=True)
        return self._connections[name]

    def _remove(self, name: str) -> None:
        if name in self._connections:
            self._connections.pop(name).close()
        self._drop(name)

    def forget(self, template: str) -> None:
        """Remove the copies of a template that goes."""
        self._found.pop(template, None)
        for name in self._waiting.pop(template, ()):
            self._remove(name)


def _look(connection: psycopg.Connection) -> _Found:
    rows = {}
    for (name,) in connection.execute(_TABLES).fetchall():
        with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copy:
            rows[name] = b"".join(copy)
    sequences = tuple(connection.execute(_SEQUENCES))
    return _Found(_schema(connection), _size(connection), {n: found for n, found in rows.items() if found}, sequences)


def _restore(connection: psycopg.Connection, found: _Found) -> bool:
    """Make the rows and sequences as they were. False: it cannot be done, or not cheaply."""
    connection.execute(_STRANGERS, [_SECONDS_TO_LEAVE * 1000, connection.info.backend_pid])
    if _schema(connection) != found.schema or _size(connection) - found.size > _MEGABYTES_LEFT_BEHIND * 1_000_000:
        return False
    # In this role nothing cascades and nothing is checked: every table is emptied and filled by itself.
    try:
        connection.execute("SET LOCAL session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:  # a server that was given to us, where we may only create databases
        return False
    for (name,) in connection.execute(_WRITTEN).fetchall():
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    for name, rows in found.rows.items():
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
            copy.write(rows)
    reset = sql.SQL("setval({}, {}, {})")
    values = [reset.format(name, last or 1, last is not None) for name, last in found.sequences]
    connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(values)))
    return True


def _schema(connection: psycopg.Connection) -> str:
    ((schema,),) = connection.execute(_SCHEMA).fetchall()
    return str(schema)


def _size(connection: psycopg.Connection) -> int:
    ((size,),) = connection.execute("SELECT pg_database_size(current_database())").fetchall()
    return int(size)

"""One cache of compiled statements for every engine of a run: each test opens a database, and compiles nothing again.

A statement is compiled for a dialect, and each engine has one of its own; here those of one kind are equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Dialect, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(4000)


class _Alike:
    """Equal to every other of its class."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_COMPILED)


class SharedSqlite(_Alike, SQLiteDialect_aiosqlite):
    """The embedded database's, for reading and writing."""

    supports_statement_cache = True


class SharedLookingSqlite(_Alike, SQLiteDialect_pysqlite):
    """The embedded database's, in the calling thread."""

    supports_statement_cache = True


class SharedPostgresql(_Alike, PGDialectAsync_psycopg):
    """The server's."""

    supports_statement_cache = True

    @classmethod
    def get_async_dialect_cls(cls, url: URL) -> type[Dialect]:
        return cls


_SHARED = {
    "sqlite.aiosqlite": SharedSqlite,
    "sqlite.pysqlite": SharedLookingSqlite,
    "postgresql.psycopg": SharedPostgresql,
}


def share_compiled_statements() -> None:
    """Take the place of SQLAlchemy's own from now on."""
    for name, dialect in _SHARED.items():
        registry.register(name, __name__, dialect.__name__)


@contextmanager
def compiled_statements_of_their_own() -> Iterator[None]:
    """Let engines that are made inside keep their own compiled statements, as the product's do."""
    for name, dialect in _SHARED.items():
        theirs = dialect.__mro__[2]
        registry.register(name, theirs.__module__, theirs.__name__)
    try:
        yield
    finally:
        share_compiled_statements()

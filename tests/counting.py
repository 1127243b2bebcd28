"""Counts what one piece of work costs: transactions and statements in the database, requests to Sage and Slack."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, event

from storage.database import Database

_FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


@dataclass
class Cost:
    """What was seen. A statement that is sent many times at once with many rows is one."""

    transactions: int = 0
    statements: int = 0
    sage: int = 0
    slack: int = 0


def engines(database: Database) -> list[Engine]:
    """Every engine that a database has under it."""
    found = [each.sync_engine for each in (database._writer, database._reader, database._glancer)]
    found += [database._looker] if database._looker is not None else []
    unlike: list[Engine] = []
    for engine in found:
        if all(engine.pool is not other.pool for other in unlike):
            unlike.append(engine)
    return unlike


@contextmanager
def database_cost(database: Database) -> Iterator[Cost]:
    """Count while the block runs."""
    cost = Cost()

    def began(_connection: object) -> None:
        cost.transactions += 1

    def sent(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        cost.statements += not statement.lstrip().upper().startswith(_FRAME)

    watched = engines(database)
    for engine in watched:
        event.listen(engine, "begin", began)
        event.listen(engine, "before_cursor_execute", sent)
    try:
        yield cost
    finally:
        for engine in watched:
            event.remove(engine, "begin", began)
            event.remove(engine, "before_cursor_execute", sent)

"""What a released version left behind: its tables with rows in them, and the buttons and forms that stand in Slack.

`python -m tests.released 1.0.0` writes both anew from this version, until that one is released; never afterwards.
"""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Boolean, Date, Integer, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

import storage.migrations
from bot.slack_app.app import listen
from storage.columns import Pennies, UtcDateTime
from storage.tables.core import Row

FOLDER = Path(__file__).parent / "storage" / "released"
DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}
ROWS = 3
_NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)


def versions() -> list[str]:
    """The versions whose tables can be upgraded."""
    return sorted(path.name.removesuffix(".sqlite.sql") for path in FOLDER.glob("*.sqlite.sql"))


def rows_of(table: Table, count: int = ROWS) -> list[dict[str, Any]]:
    """Rows with a value in every column; in the last, nothing where nothing may be."""
    return [
        {column.name: None if number == count and column.nullable else _value(column, number) for column in table.c}
        for number in range(1, count + 1)
    ]


def _value(column, number):
    if column.foreign_keys:
        [key] = column.foreign_keys
        return _value(key.column, number)
    kinds = {
        Boolean: bool(number % 2),
        Integer: number * 7,
        Pennies: Decimal("-12.34") * number,
        UtcDateTime: _NOON + timedelta(hours=number),
        Date: _NOON.date() + timedelta(days=number),
        JSON: {"Region": ["Durham", None, "Łódź 😀"], "of": number},
    }
    for kind, value in kinds.items():
        if isinstance(column.type, kind):
            return value
    return f"{number}é'\""[: getattr(column.type, "length", None)]


def tables_as_sql(dialect: Dialect) -> str:
    """The statements of `bot db upgrade` on an empty database."""
    out = io.StringIO()
    script = ScriptDirectory(Path(storage.migrations.__file__).parent)
    context = MigrationContext.configure(
        dialect=dialect,
        opts={
            "as_sql": True,
            "output_buffer": out,
            "fn": lambda revision, _: script._upgrade_revs("head", revision),
        },
    )
    context.run_migrations(op=Operations(context))
    return out.getvalue()


def rows_as_sql() -> str:
    """Rows for every table, in words that both kinds of database read."""
    statements = []
    for table in Row.metadata.sorted_tables:
        names = ", ".join(f'"{column.name}"' for column in table.c)
        for row in rows_of(table):
            values = ", ".join(_literal(table.c[name], value) for name, value in row.items())
            statements.append(f'INSERT INTO "{table.name}" ({names}) VALUES ({values});\n')
    return "".join(statements)


def _literal(column, value):
    if value is None:
        return "NULL"
    if isinstance(column.type, Pennies):
        return str(int(value * 100))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(column.type, JSON):
        value = json.dumps(value)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)  # UTC, as SQLite stores it
    return "'" + str(value).replace("'", "''") + "'"


class _Register:
    """Notes what listeners ask for, in the place of Bolt's app."""

    def __init__(self) -> None:
        self.known: dict[str, set[str]] = {}

    def __getattr__(self, kind: str):
        def listener(wanted: Any, *_: Any, **__: Any):
            self.known.setdefault(kind, set()).add(_named(wanted))
            return lambda function: function

        return listener


def _named(wanted: Any) -> str:
    return f"/{wanted.pattern}/" if isinstance(wanted, re.Pattern) else str(wanted)


def known_to_listeners() -> dict[str, list[str]]:
    """Everything of Slack's that a listener takes: ids of buttons, forms and shortcuts, commands and events."""
    register = _Register()
    listen(register, lambda listener: listener, _Anything())  # type: ignore[arg-type]
    return {kind: sorted(names) for kind, names in sorted(register.known.items())}


class _Anything:
    def __getattr__(self, name: str) -> None:
        return None


def main(version: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, dialect in DIALECTS.items():
        (FOLDER / f"{version}.{name}.sql").write_text(tables_as_sql(dialect))
    (FOLDER / f"{version}.rows.sql").write_text(rows_as_sql())
    (FOLDER / f"{version}.slack.json").write_text(json.dumps(known_to_listeners(), indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

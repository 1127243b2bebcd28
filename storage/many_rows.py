"""Many whole rows at once, written by the driver itself: SQLAlchemy's way with values costs more than the insert."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, Date, Dialect, Insert, Table
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite import aiosqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from storage.columns import Pennies, UtcDateTime
from storage.statements import inserting_into, table_of
from storage.tables.row import Row

_AT_ONCE = 500

Encode = Callable[[Any], Any]


async def write_rows(
    tx: AsyncSession, model: type[Row], rows: Sequence[Mapping[str, Any]], *, are_new: bool = False
) -> None:
    """Insert whole rows, or replace those with the same primary key and workspace.

    `are_new`: none of them is stored, and one that is raises IntegrityError.
    """
    if not rows:
        return
    connection = await tx.connection()
    form = _form_of(model, connection.dialect.name)
    for start in range(0, len(rows), _AT_ONCE):
        values = form.encoded(rows[start : start + _AT_ONCE])
        if are_new:
            await _insert(connection, form, values)
        else:
            await connection.exec_driver_sql(form.insert, values)


async def add_columns(tx: AsyncSession, model: type[Row], columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert whole rows, given column by column, of which none is stored: one that is raises IntegrityError."""
    connection = await tx.connection()
    form = _form_of(model, connection.dialect.name)
    given = [columns[name] for name in form.columns]
    for start in range(0, len(given[0]), _AT_ONCE):
        await _insert(connection, form, form.of_columns([values[start : start + _AT_ONCE] for values in given]))


async def add_rows(
    tx: AsyncSession, model: type[Row], rows: Sequence[Mapping[str, Any]], *, unless: tuple[str, ...]
) -> None:
    """Insert rows, all of the same columns, in their order; those whose `unless` columns are stored are passed over."""
    if not rows:
        return
    connection = await tx.connection()
    form = _adding_form_of(model, connection.dialect.name, tuple(rows[0]), unless)
    for start in range(0, len(rows), _AT_ONCE):
        await connection.exec_driver_sql(form.insert, form.encoded(rows[start : start + _AT_ONCE]))


@dataclass(frozen=True, slots=True)
class _Form:
    """How a table's rows are given to a driver: `insert` replaces those stored, `add` and `copy` do not.

    `copy` is empty where there is no COPY.
    """

    columns: tuple[str, ...]
    encoders: tuple[Encode | None, ...]
    insert: str
    add: str = ""
    copy: str = ""

    def encoded(self, rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """Return the rows as tuples of what the driver takes."""
        return self.of_columns(zip(*map(itemgetter(*self.columns), rows), strict=True))

    def of_columns(self, columns: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Return the rows of these columns, in the form's order, as tuples of what the driver takes."""
        given = (
            values if encode is None else _each(encode, values)
            for encode, values in zip(self.encoders, columns, strict=True)
        )
        return list(zip(*given, strict=True))


def _each(encode: Encode, values: Iterable[Any]) -> list[Any]:
    done, last, one = [], object(), None
    for value in values:
        # The time of a reading, or an empty list, is one object in all rows.
        if value is not last:
            last, one = value, encode(value)
        done.append(one)
    return done


@lru_cache(maxsize=32)
def _form_of(model: type[Row], dialect_name: str) -> _Form:
    table = table_of(model)
    # By place: a driver needs no names to find its values by.
    dialect = _dialect(dialect_name)
    insert = inserting_into(model, dialect_name)
    new = {column.name: insert.excluded[column.name] for column in table.c if not column.primary_key}
    # A company belongs to one workspace, so a row of another workspace is an error: it is left as it is.
    same = table.c.workspace_id == insert.excluded["workspace_id"]
    upsert = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=new, where=same)
    form = _form(upsert, table, dialect, None)
    # SQLite takes twice as long for an INSERT that says what to do with rows that are stored.
    add = _form(inserting_into(model, dialect_name), table, dialect, None)
    assert add.columns == form.columns  # noqa: S101 - both have all of the table's
    names = ", ".join(dialect.identifier_preparer.quote(name) for name in form.columns)
    copy = f"COPY {table.name} ({names}) FROM STDIN" if dialect_name == "postgresql" else ""
    return replace(form, add=add.insert, copy=copy)


@lru_cache(maxsize=32)
def _adding_form_of(model: type[Row], dialect_name: str, given: tuple[str, ...], unless: tuple[str, ...]) -> _Form:
    insert = inserting_into(model, dialect_name).inline().on_conflict_do_nothing(index_elements=unless)
    return _form(insert, table_of(model), _dialect(dialect_name), given)


def _form(insert: Insert, table: Table, dialect: Dialect, given: Sequence[str] | None) -> _Form:
    """Return the form of an INSERT of the columns given, or of all."""
    compiled = insert.compile(dialect=dialect, column_keys=given)
    columns = tuple(compiled.positiontup or ())
    return _Form(columns, tuple(_encoder(table.c[name].type, dialect) for name in columns), str(compiled))


def _dialect(name: str) -> Dialect:
    made: Dialect = aiosqlite.dialect() if name == "sqlite" else psycopg.dialect_async(paramstyle="format")  # type: ignore[no-untyped-call]
    return made


def _encoder(kind: Any, dialect: Dialect) -> Encode | None:
    if isinstance(kind, JSON):
        return _json
    if isinstance(kind, Pennies):
        return partial(kind.process_bind_param, dialect=dialect)
    if dialect.name == "sqlite" and type(kind) in _AS_TEXT:
        return _AS_TEXT[type(kind)]
    found: Encode | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found


def _json(value: Any) -> str:
    return to_json(value).decode()


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _time(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    at = value.astimezone(UTC)
    return datetime.combine(at, at.time()).isoformat(" ", "microseconds")


# What SQLAlchemy makes of them too, by way of a format and seven numbers.
_AS_TEXT: Mapping[type, Encode] = {Date: _day, UtcDateTime: _time}


async def _insert(connection: AsyncConnection, form: _Form, values: Sequence[tuple[Any, ...]]) -> None:
    if form.copy:
        await _copy(connection, form.copy, values)
    else:
        await connection.exec_driver_sql(form.add, list(values))


async def _copy(connection: AsyncConnection, statement: str, values: Sequence[tuple[Any, ...]]) -> None:
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    dialect = connection.dialect
    try:
        async with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in values:
                await copy.write_row(row)
    except dialect.loaded_dbapi.Error as error:
        # As SQLAlchemy raises what it runs itself: others tell an outage by it.
        raise DBAPIError.instance(
            statement, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
        ) from error

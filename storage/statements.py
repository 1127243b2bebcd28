"""The ways in which the storage calls run statements."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnClause,
    ColumnElement,
    CursorResult,
    Delete,
    FromClause,
    Integer,
    Select,
    String,
    Table,
    Update,
    bindparam,
    column,
    func,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from storage.tables.core import Row

R = TypeVar("R", bound=Row)


async def changed(tx: AsyncSession, statement: Update | Delete) -> int:
    """Run the statement and return how many rows it changed."""
    result = await tx.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)  # noqa: S101  (rowcount is only on this kind)
    # Claims ask for exactly one changed row: the database decides who won, not what was read before.
    return result.rowcount


async def one(tx: AsyncSession, statement: Select[R]) -> R | None:
    """Return the row as the database has it now, even if this session read it before."""
    row: R | None = await tx.scalar(statement, execution_options={"populate_existing": True})
    return row


def inserting(tx: AsyncSession | AsyncConnection, model: type[R]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT of the transaction's own dialect, which knows `on_conflict_…`."""
    dialect = tx.dialect if isinstance(tx, AsyncConnection) else tx.get_bind().dialect
    return inserting_into(model, dialect.name)


def inserting_into(model: type[R], dialect_name: str) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT of the dialect named."""
    return sqlite.insert(model) if dialect_name == "sqlite" else postgresql.insert(model)


def holds(column: Any, words: str) -> ColumnElement[bool]:
    """Return the condition that a text holds these words somewhere, in the same case."""
    # LIKE, which folds case and reads a pattern, takes longer.
    return place(column, words) > 0


def place(column: Any, words: str) -> ColumnElement[int]:
    """Return the place of words in a text, from 1 on; 0 where they aren't in it."""
    return _Place(column, words)


def begins(column: Any, words: str) -> ColumnElement[bool]:
    """Return the condition that a text begins with these words, in the same case, as a range that an index finds."""
    return _Begins(column, words, f"{words}\U0010ffff")


def one_of(column: Any, texts: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a text is one of these, given as one value: it reads the same however many they are."""
    # A value for each takes the driver, and PostgreSQL's plan, longer than what is then looked for.
    return _OneOf(column, json.dumps(list(texts)))


class _Place(FunctionElement[int]):
    type = Integer()
    name = "place"
    inherit_cache = True


class _Begins(FunctionElement[bool]):
    type = Boolean()
    name = "begins"
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Return the condition as it is: compared with 1, as SQLite is given truths, no index would find it."""
        return self


class _OneOf(FunctionElement[bool]):
    type = Boolean()
    name = "one_of"
    inherit_cache = True


@compiles(_Place, "sqlite")
def _instr(element: _Place, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(_Place, "postgresql")
def _strpos(element: _Place, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(_Begins, "sqlite")
def _range(element: _Begins, compiler: Any, **options: Any) -> str:
    column, start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} >= {start} AND {column} < {end})"


@compiles(_Begins, "postgresql")
def _range_of_bytes(element: _Begins, compiler: Any, **options: Any) -> str:
    # As an index with text_pattern_ops is sorted.
    column, start, end = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} ~>=~ {start} AND {column} ~<~ {end})"


@compiles(_OneOf, "sqlite")
def _in_json(element: _OneOf, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({listed})))"  # noqa: S608  (both are names of ours)


@compiles(_OneOf, "postgresql")
def _in_jsonb(element: _OneOf, compiler: Any, **options: Any) -> str:
    column, listed = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} IN (SELECT jsonb_array_elements_text(CAST({listed} AS JSONB))))"


def in_turn(workspace: ColumnElement[str] | InstrumentedAttribute[str], *order: Any) -> ColumnElement[int]:
    """Return what to order by so that every workspace's first row comes before any workspace's second.

    `order` is the order within a workspace. A limit then takes the same number of each, however many one has.
    """
    return func.row_number().over(partition_by=workspace, order_by=order)


def among(keys: Collection[tuple[Any, ...]], *columns: Any) -> list[ColumnElement[bool]]:
    """Return conditions that find the rows with these keys by index, and perhaps some that mix the parts of two."""
    return [column.in_(sorted(set(values))) for column, values in zip(columns, zip(*keys, strict=True), strict=True)]


class Listed:
    """Rows of values that a statement is given as a table: it reads the same, and is built once, however many they are.

    `c` has the columns, whose names and types are given.
    """

    def __init__(self, dialect: str, **kinds: type[TypeEngine[Any]]) -> None:
        self._kinds = kinds
        self._is_sqlite = dialect == "sqlite"
        self.c: dict[str, ColumnElement[Any]]
        self.table: FromClause
        if self._is_sqlite:
            parsed = func.json_each(bindparam("listed", type_=String)).table_valued("value", name="listed")
            self.table = parsed
            self.c = {
                name: type_coerce(func.json_extract(parsed.c.value, f"$[{place}]"), kind)
                for place, (name, kind) in enumerate(kinds.items())
            }
        else:
            given = [bindparam(f"listed_{name}", type_=ARRAY(kind)) for name, kind in kinds.items()]
            columns: list[ColumnClause[Any]] = [column(name, kind) for name, kind in kinds.items()]
            named = func.unnest(*given).table_valued(*columns).render_derived(name="listed")
            self.table, self.c = named, dict(named.c)

    def given(self, rows: Collection[tuple[Any, ...]]) -> dict[str, Any]:
        """Return the parameters that stand for these rows."""
        if self._is_sqlite:
            return {"listed": json.dumps([*rows])}
        return {f"listed_{name}": [row[place] for row in rows] for place, name in enumerate(self._kinds)}


def table_of(model: type[Row]) -> Table:
    """Return the model's table, for statements run once per row: mapped classes would inspect every row."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  (all of ours are)
    return table


async def upsert(
    tx: AsyncSession, model: type[R], *, on: list[str], values: dict[str, Any], instead: dict[str, Any]
) -> R:
    """Insert `values`, or set the row with the same `on` columns to `instead`, in one statement."""
    insert = inserting(tx, model).values(**values)
    statement = insert.on_conflict_do_update(index_elements=on, set_=instead).returning(model)
    row: R = (await tx.scalars(statement, execution_options={"populate_existing": True})).one()
    return row

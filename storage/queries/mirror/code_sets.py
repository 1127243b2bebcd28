"""Queries of the mirror: the sets of analysis codes that a company's customers have, each kept once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, exists, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting, table_of
from storage.tables.alerts import CodeSetRow, CodeValueRow, MirroredCustomer

MOST_VALUES = 5_000
_AT_ONCE = 500
_SET, _VALUE = table_of(CodeSetRow), table_of(CodeValueRow)

Key = tuple[str, int, str]
"""Workspace, company and name of a set."""


def name_of(analysis: Mapping[str, str], keys: Mapping[str, str]) -> str:
    """Return the name of a set: of the same codes always the same."""
    written = json.dumps([analysis, keys], ensure_ascii=False, sort_keys=True)
    return blake2b(written.encode(), digest_size=16).hexdigest()


async def write(tx: AsyncSession, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert the sets of these rows of customers that aren't stored yet, and their values.

    The caller holds the company's lease: so none that is met here goes as unused meanwhile.
    """
    met = {(row["workspace_id"], row["company_pk"], row["code_set"]): row for row in rows}
    new = [met[key] for key in sorted(met.keys() - await _stored(tx, met))]
    connection = await tx.connection()
    sets = [{**_of(row), "name": row["code_set"], "analysis": row["analysis"]} for row in new]
    pairs = [
        {**_of(row), "code_set": row["code_set"], "slot": int(slot), "value_key": key}
        for row in new
        for slot, key in row["analysis_keys"].items()
        if key
    ]
    for model, values_of in ((CodeSetRow, sets), (CodeValueRow, pairs)):
        if values_of:
            await connection.execute(inserting(tx, model).on_conflict_do_nothing(), values_of)


async def forget_unused(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> int:
    """Delete the sets that no customer has any more. Return how many. The caller holds the company's lease."""
    count = await changed(tx, delete(_SET).where(*_whose(_SET, workspace_id, company_pk), ~_in_use()))
    if count:
        is_kept = exists().where(_SET.c.company_pk == _VALUE.c.company_pk, _SET.c.name == _VALUE.c.code_set)
        await changed(tx, delete(_VALUE).where(*_whose(_VALUE, workspace_id, company_pk), ~is_kept))
    return count


async def values(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> dict[int, list[str]]:
    """Return the values of the company's customers, by slot; empty when there are too many to list."""
    if tx.get_bind().dialect.name == "sqlite":
        pair = func.json_each(_SET.c.analysis).table_valued("key", "value", name="pair")
    else:
        pair = func.json_each_text(_SET.c.analysis).table_valued("key", "value").render_derived(name="pair")
    whose = (*_whose(_SET, workspace_id, company_pk), _in_use())
    statement = select(pair.c.key, pair.c.value).select_from(_SET).join(pair, true()).where(*whose)
    rows = [(row.key, row.value) for row in await tx.execute(statement.distinct().limit(MOST_VALUES + 1))]
    if len(rows) > MOST_VALUES:
        return {}
    found: dict[int, list[str]] = {}
    for slot, value in sorted((int(slot), str(value)) for slot, value in rows if str(slot).isdigit() and value):
        found.setdefault(slot, []).append(value)
    return found


async def _stored(tx: AsyncSession, keys: Iterable[Key]) -> set[Key]:
    """Return which of these sets are stored."""
    named: dict[tuple[str, int], list[str]] = {}
    for workspace_id, company_pk, name in keys:
        named.setdefault((workspace_id, company_pk), []).append(name)
    found: set[Key] = set()
    for whose, names in named.items():
        for start in range(0, len(names), _AT_ONCE):
            some = select(_SET.c.name).where(*_whose(_SET, *whose), _SET.c.name.in_(names[start : start + _AT_ONCE]))
            found |= {(*whose, name) for name in await tx.scalars(some)}
    return found


def _of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"workspace_id": row["workspace_id"], "company_pk": row["company_pk"]}


def _whose(table: Table, workspace_id: str, company_pk: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.workspace_id == workspace_id, table.c.company_pk == company_pk


def _in_use() -> Any:
    row = MirroredCustomer
    return exists().where(row.company_pk == _SET.c.company_pk, row.code_set == _SET.c.name)

"""Queries of the mirror: the sets of analysis codes that a company's customers have, each kept once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from sqlalchemy import delete, exists, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting, table_of
from storage.tables.alerts import CodeSetRow, MirroredCustomer

MOST_VALUES = 5_000
_SET = table_of(CodeSetRow)


def name_of(analysis: Mapping[str, str], keys: Mapping[str, str]) -> str:
    """Return the name of a set: of the same codes always the same."""
    written = json.dumps([analysis, keys], ensure_ascii=False, sort_keys=True)
    return blake2b(written.encode(), digest_size=16).hexdigest()


async def write(tx: AsyncSession, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert the sets of these rows of customers that aren't stored yet.

    The caller holds the company's lease: so none that is met here goes as unused meanwhile.
    """
    sets = {
        (row["company_pk"], row["code_set"]): {
            "workspace_id": row["workspace_id"],
            "company_pk": row["company_pk"],
            "name": row["code_set"],
            "analysis": row["analysis"],
            "analysis_keys": row["analysis_keys"],
        }
        for row in rows
    }
    if sets:
        connection = await tx.connection()
        await connection.execute(inserting(tx, CodeSetRow).on_conflict_do_nothing(), list(sets.values()))


async def forget_unused(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> int:
    """Delete the sets that no customer has any more. Return how many. The caller holds the company's lease."""
    whose = (_SET.c.workspace_id == workspace_id, _SET.c.company_pk == company_pk)
    return await changed(tx, delete(_SET).where(*whose, ~_in_use()))


async def values(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> dict[int, list[str]]:
    """Return the values of the company's customers, by slot; empty when there are too many to list."""
    if tx.get_bind().dialect.name == "sqlite":
        pair = func.json_each(_SET.c.analysis).table_valued("key", "value", name="pair")
    else:
        pair = func.json_each_text(_SET.c.analysis).table_valued("key", "value").render_derived(name="pair")
    whose = (_SET.c.workspace_id == workspace_id, _SET.c.company_pk == company_pk, _in_use())
    statement = select(pair.c.key, pair.c.value).select_from(_SET).join(pair, true()).where(*whose)
    rows = [(row.key, row.value) for row in await tx.execute(statement.distinct().limit(MOST_VALUES + 1))]
    if len(rows) > MOST_VALUES:
        return {}
    found: dict[int, list[str]] = {}
    for slot, value in sorted((int(slot), str(value)) for slot, value in rows if str(slot).isdigit() and value):
        found.setdefault(slot, []).append(value)
    return found


def _in_use() -> Any:
    row = MirroredCustomer
    return exists().where(row.company_pk == _SET.c.company_pk, row.code_set == _SET.c.name)

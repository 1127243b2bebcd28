"""Queries of a company's recent changes and analysis code values, on which a subscription is previewed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables.alerts import MirroredCustomer, SeenChange

MOST_VALUES = 5_000


async def seen_since(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    kinds: Collection[str],
    since: datetime,
    before_id: int | None,
    limit: int,
) -> list[SeenChange]:
    """Return a page of changes of these kinds, newest first; `before_id` is the last one of the page before."""
    statement = select(SeenChange).where(
        SeenChange.workspace_id == workspace_id,
        SeenChange.company_pk == company_pk,
        SeenChange.kind.in_(kinds),
        SeenChange.seen_at >= since,
    )
    if before_id is not None:
        statement = statement.where(SeenChange.id < before_id)
    return list(await tx.scalars(statement.order_by(SeenChange.id.desc()).limit(limit)))


async def analysis_values(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> dict[int, list[str]]:
    """Return the values of the company's customers, by slot; empty when there are too many to list."""
    each = func.json_each if tx.get_bind().dialect.name == "sqlite" else func.json_each_text
    pair = each(MirroredCustomer.analysis).table_valued("key", "value").render_derived(name="pair")
    if tx.get_bind().dialect.name == "sqlite":
        pair = each(MirroredCustomer.analysis).table_valued("key", "value", name="pair")
    statement = (
        select(pair.c.key, pair.c.value)
        .select_from(MirroredCustomer)
        .join(pair, true())
        .where(MirroredCustomer.workspace_id == workspace_id, MirroredCustomer.company_pk == company_pk)
        .distinct()
        .limit(MOST_VALUES + 1)
    )
    rows = [(row.key, row.value) for row in await tx.execute(statement)]
    if len(rows) > MOST_VALUES:
        return {}
    values: dict[int, list[str]] = {}
    for slot, value in sorted((int(slot), str(value)) for slot, value in rows if str(slot).isdigit() and value):
        values.setdefault(slot, []).append(value)
    return values

"""Queries of a company's recent changes, on which a subscription is previewed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables.alerts import SeenChange


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

"""Messages to post, written in the transaction that makes them news."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting
from storage.tables.alerts import OutboxRow


async def add(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    subscription_id: int,
    target_id: str,
    is_personal: bool,
    kind: str,
    facts: Mapping[str, Any],
    dedupe_key: str,
    now: datetime,
    due_at: datetime | None,
    episode_id: int | None = None,
) -> bool:
    """To be posted at `due_at`; None: to be gathered into a digest. False: the same is there already."""
    statement = (
        inserting(tx, OutboxRow)
        .values(
            workspace_id=workspace_id,
            company_pk=company_pk,
            subscription_id=subscription_id,
            target_id=target_id,
            is_personal=is_personal,
            kind=kind,
            facts=dict(facts),
            episode_id=episode_id,
            dedupe_key=dedupe_key,
            created_at=now,
            due_at=due_at,
            attempts=0,
        )
        .on_conflict_do_nothing(index_elements=["workspace_id", "dedupe_key"])
        .returning(OutboxRow.id)
    )
    return (await tx.execute(statement)).scalar_one_or_none() is not None


async def gathered(tx: AsyncSession, *, workspace_id: str, subscription_id: int) -> list[OutboxRow]:
    """What waits for a subscription's next digest, oldest first."""
    statement = select(OutboxRow).where(
        OutboxRow.workspace_id == workspace_id,
        OutboxRow.subscription_id == subscription_id,
        OutboxRow.due_at.is_(None),
        OutboxRow.posted_at.is_(None),
        OutboxRow.failure.is_(None),
    )
    return list(await tx.scalars(statement.order_by(OutboxRow.id), execution_options={"populate_existing": True}))


async def told_in_digest(tx: AsyncSession, *, workspace_id: str, ids: list[int], now: datetime) -> int:
    """These are part of a digest now, and need no message of their own."""
    these = (OutboxRow.workspace_id == workspace_id, OutboxRow.id.in_(ids))
    return await changed(tx, update(OutboxRow).where(*these).values(posted_at=now))

"""Queries of change intents: changes of accounts written before Sage is asked, and their attribution."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, in_turn
from storage.tables.holds import ChangeIntent

_CHUNK = 500


async def begin(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    customer_id: int,
    reference: str,
    user_id: str,
    on_hold: bool | None,
    credit_limit: Decimal | None,
    reason: str,
    now: datetime,
) -> int:
    """Write an intent before Sage is asked. Return its id."""
    row = ChangeIntent(
        workspace_id=workspace_id,
        company_pk=company_pk,
        customer_id=customer_id,
        reference=reference,
        user_id=user_id,
        on_hold=on_hold,
        credit_limit=credit_limit,
        reason=reason,
        began_at=now,
        outcome="",
    )
    tx.add(row)
    await tx.flush()
    return row.id


async def complete(tx: AsyncSession, *, workspace_id: str, intent_id: int, outcome: str, now: datetime) -> bool:
    """Write the outcome of an intent. Return False if it had one already."""
    statement = update(ChangeIntent).where(
        ChangeIntent.id == intent_id, ChangeIntent.workspace_id == workspace_id, ChangeIntent.completed_at.is_(None)
    )
    return await changed(tx, statement.values(outcome=outcome, completed_at=now)) == 1


async def unused(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int], since: datetime
) -> list[ChangeIntent]:
    """Return these customers' intents that no change was attributed to yet, the latest first."""
    found: list[ChangeIntent] = []
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        statement = select(ChangeIntent).where(
            ChangeIntent.workspace_id == workspace_id,
            ChangeIntent.company_pk == company_pk,
            ChangeIntent.customer_id.in_(ordered[start : start + _CHUNK]),
            ChangeIntent.attributed_at.is_(None),
            ChangeIntent.began_at >= since,
        )
        found += await tx.scalars(statement, execution_options={"populate_existing": True})
    return sorted(found, key=lambda row: row.id, reverse=True)


async def use(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, intent_ids: Sequence[int], now: datetime
) -> None:
    """Mark intents as attributed, so that they explain no other change."""
    for start in range(0, len(intent_ids), _CHUNK):
        whose = (ChangeIntent.workspace_id == workspace_id, ChangeIntent.company_pk == company_pk)
        chunk = ChangeIntent.id.in_(intent_ids[start : start + _CHUNK])
        await changed(tx, update(ChangeIntent).where(*whose, chunk).values(attributed_at=now))


async def uncompleted(tx: AsyncSession, *, before: datetime, limit: int) -> list[ChangeIntent]:
    """Return intents from before a moment that have no outcome."""
    statement = select(ChangeIntent).where(ChangeIntent.completed_at.is_(None), ChangeIntent.began_at < before)
    return list(
        await tx.scalars(
            statement.order_by(in_turn(ChangeIntent.workspace_id, ChangeIntent.id), ChangeIntent.id).limit(limit)
        )
    )


async def purge(tx: AsyncSession, *, before: datetime) -> int:
    """Delete completed intents from before a moment; the audit log keeps the lasting record. Return how many."""
    return await changed(
        tx, delete(ChangeIntent).where(ChangeIntent.completed_at.is_not(None), ChangeIntent.began_at < before)
    )

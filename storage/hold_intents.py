"""Holds and releases on their way to Sage, and whose a change is that the mirror sees."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed
from storage.tables.holds import HoldIntent

_CHUNK = 500


async def begin(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    customer_id: int,
    reference: str,
    user_id: str,
    on_hold: bool,
    reason: str,
    now: datetime,
) -> int:
    """About to be asked of Sage; its id."""
    row = HoldIntent(
        workspace_id=workspace_id,
        company_pk=company_pk,
        customer_id=customer_id,
        reference=reference,
        user_id=user_id,
        on_hold=on_hold,
        reason=reason,
        began_at=now,
        outcome="",
    )
    tx.add(row)
    await tx.flush()
    return row.id


async def complete(tx: AsyncSession, *, workspace_id: str, deed_id: int, outcome: str, now: datetime) -> bool:
    """What came of it. False: that was known already."""
    statement = update(HoldIntent).where(
        HoldIntent.id == deed_id, HoldIntent.workspace_id == workspace_id, HoldIntent.completed_at.is_(None)
    )
    return await changed(tx, statement.values(outcome=outcome, completed_at=now)) == 1


async def unused(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int], since: datetime
) -> list[HoldIntent]:
    """Those of these customers that no change was put down to yet, the latest first."""
    found: list[HoldIntent] = []
    ordered = sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        statement = select(HoldIntent).where(
            HoldIntent.workspace_id == workspace_id,
            HoldIntent.company_pk == company_pk,
            HoldIntent.customer_id.in_(ordered[start : start + _CHUNK]),
            HoldIntent.attributed_at.is_(None),
            HoldIntent.began_at >= since,
        )
        found += await tx.scalars(statement, execution_options={"populate_existing": True})
    return sorted(found, key=lambda row: row.id, reverse=True)


async def use(tx: AsyncSession, *, workspace_id: str, company_pk: int, deed_ids: Sequence[int], now: datetime) -> None:
    """A change was put down to one of these; they explain no other."""
    for start in range(0, len(deed_ids), _CHUNK):
        whose = (HoldIntent.workspace_id == workspace_id, HoldIntent.company_pk == company_pk)
        chunk = HoldIntent.id.in_(deed_ids[start : start + _CHUNK])
        await changed(tx, update(HoldIntent).where(*whose, chunk).values(attributed_at=now))


async def uncompleted(tx: AsyncSession, *, before: datetime, limit: int) -> list[HoldIntent]:
    """Begun before a moment, and nobody came back to say what became of them."""
    statement = select(HoldIntent).where(HoldIntent.completed_at.is_(None), HoldIntent.began_at < before)
    return list(await tx.scalars(statement.order_by(HoldIntent.id).limit(limit)))


async def purge(tx: AsyncSession, *, before: datetime) -> int:
    """Delete what is settled and older than a moment: the record keeps what is worth keeping."""
    return await changed(
        tx, delete(HoldIntent).where(HoldIntent.completed_at.is_not(None), HoldIntent.began_at < before)
    )

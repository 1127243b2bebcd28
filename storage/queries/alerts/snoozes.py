"""Queries of the customers that somebody snoozed: as a suggestion for a hold, or for the alerts of a place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, upsert
from storage.tables.alerts import MirroredCustomer
from storage.tables.debts import CustomerSnooze


async def snooze(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    customer_id: int,
    until: datetime,
    target_id: str = "",
    set_by: str,
) -> None:
    """Snooze a customer for a person or channel, or as a suggestion, in place of what was chosen before."""
    key = {"company_pk": company_pk, "customer_id": customer_id, "target_id": target_id}
    chosen = {"until": until, "set_by": set_by}
    await upsert(
        tx, CustomerSnooze, on=list(key), values={**key, "workspace_id": workspace_id, **chosen}, instead=chosen
    )


async def until(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int, target_id: str, now: datetime
) -> datetime | None:
    """Return until when a customer is snoozed for a person or channel; None if it isn't."""
    row = CustomerSnooze
    this = (_now(workspace_id, company_pk, now), row.customer_id == customer_id, row.target_id == target_id)
    found: datetime | None = await tx.scalar(select(row.until).where(*this))
    return found


async def end(tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int, target_id: str) -> bool:
    """End the snooze of a customer. Return False if there was none."""
    row = CustomerSnooze
    this = (row.workspace_id == workspace_id, row.company_pk == company_pk, row.customer_id == customer_id)
    return await changed(tx, delete(row).where(*this, row.target_id == target_id)) == 1


async def running(tx: AsyncSession, *, workspace_id: str, company_pk: int, now: datetime) -> set[tuple[str, int]]:
    """Return (target id, customer id) of what is snoozed for people and channels now."""
    found = await tx.execute(
        select(CustomerSnooze.target_id, CustomerSnooze.customer_id).where(_now(workspace_id, company_pk, now))
    )
    return {(row.target_id, row.customer_id) for row in found}


async def listed(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, now: datetime
) -> list[tuple[str, str, str, datetime]]:
    """Return (target id, reference, name, until) of what is snoozed for people and channels, the first to end first."""
    row, customer = CustomerSnooze, MirroredCustomer
    same = (customer.company_pk == row.company_pk) & (customer.customer_id == row.customer_id)
    statement = select(row.target_id, customer.reference, customer.name, row.until).join(customer, same)
    ordered = statement.where(_now(workspace_id, company_pk, now)).order_by(row.until, row.customer_id)
    found = await tx.execute(ordered)
    return [(each.target_id, each.reference, each.name, each.until) for each in found]


def _now(workspace_id: str, company_pk: int, now: datetime) -> ColumnElement[bool]:
    row = CustomerSnooze
    return and_(row.workspace_id == workspace_id, row.company_pk == company_pk, row.target_id != "", row.until > now)


async def forget_past(tx: AsyncSession, *, now: datetime) -> int:
    """Delete what is over, of every workspace. Return how many."""
    return await changed(tx, delete(CustomerSnooze).where(CustomerSnooze.until <= now))

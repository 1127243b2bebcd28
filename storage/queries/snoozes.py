"""Queries of the suggestions for a hold that somebody put off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, upsert
from storage.tables.debts import SnoozedSuggestion


async def snooze(tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int, until: datetime) -> None:
    """Put the suggestion of a customer off, in place of what was chosen before."""
    key = {"company_pk": company_pk, "customer_id": customer_id}
    values = {**key, "workspace_id": workspace_id, "until": until}
    await upsert(tx, SnoozedSuggestion, on=list(key), values=values, instead={"until": until})


async def forget_past(tx: AsyncSession, *, now: datetime) -> int:
    """Delete what is over, of every workspace. Return how many."""
    return await changed(tx, delete(SnoozedSuggestion).where(SnoozedSuggestion.until <= now))

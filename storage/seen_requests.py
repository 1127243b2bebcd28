"""Requests that we took on already: Slack sends some of them twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting
from storage.tables.core import SeenRequest


async def claim(tx: AsyncSession, key: str, *, now: datetime, window: timedelta) -> bool:
    """True for the first to ask, and again only once the last claim is older than `window`."""
    statement = (
        inserting(tx, SeenRequest)
        .values(key=key, seen_at=now)
        .on_conflict_do_update(index_elements=["key"], set_={"seen_at": now}, where=SeenRequest.seen_at < now - window)
        .returning(SeenRequest.key)
    )
    return (await tx.execute(statement)).scalar_one_or_none() is not None


async def forget(tx: AsyncSession, key: str) -> None:
    """Let it be claimed again, after the work failed."""
    await changed(tx, delete(SeenRequest).where(SeenRequest.key == key))


async def purge_seen(tx: AsyncSession, *, before: datetime) -> int:
    """Delete the claims made before a moment."""
    return await changed(tx, delete(SeenRequest).where(SeenRequest.seen_at < before))

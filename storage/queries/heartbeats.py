"""Queries of heartbeats: which processes are alive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from storage.statements import inserting, table_of
from storage.tables.core import Heartbeat

PROBE = "probe"


async def beat(tx: AsyncConnection, name: str, *, kind: str, now: datetime) -> None:
    """Note that the process is alive now, in one statement."""
    values = {"kind": kind, "beat_at": now}
    insert = inserting(tx, Heartbeat).values(name=name, **values)
    await tx.execute(insert.on_conflict_do_update(index_elements=["name"], set_=values))


async def last(tx: AsyncSession, *, kind: str) -> datetime | None:
    """Return when a process of the kind was last alive."""
    moment: datetime | None = await tx.scalar(select(func.max(Heartbeat.beat_at)).where(Heartbeat.kind == kind))
    return moment


async def forget(tx: AsyncConnection, name: str, *, before: datetime) -> None:
    """Delete the row of a process that ends, and those of processes silent since before a moment."""
    row = table_of(Heartbeat).c
    await tx.execute(delete(table_of(Heartbeat)).where((row.name == name) | (row.beat_at < before)))

"""Turns held by name, across processes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting
from storage.tables.core import Lease


async def take(tx: AsyncSession, name: str, *, owner: str, now: datetime, until: datetime) -> bool:
    """True for one owner at a time; again for the same owner, who thereby holds it for longer."""
    statement = (
        inserting(tx, Lease)
        .values(name=name, owner=owner, until=until)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": owner, "until": until},
            where=(Lease.until <= now) | (Lease.owner == owner),
        )
        .returning(Lease.name)
    )
    return (await tx.execute(statement)).scalar_one_or_none() is not None


async def keep(tx: AsyncSession, name: str, *, owner: str, until: datetime) -> bool:
    """Hold on for longer. False: it was lost meanwhile, even if it is free again, so nothing more may be written."""
    return await changed(tx, update(Lease).where(Lease.name == name, Lease.owner == owner).values(until=until)) == 1


async def lengthen(tx: AsyncSession, name: str, *, until: datetime) -> None:
    """Whoever holds it: not before `until`. An end that is later already stands."""
    statement = inserting(tx, Lease).values(name=name, owner="", until=until)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"until": until}, where=Lease.until < until)
    )


async def release(tx: AsyncSession, name: str, *, owner: str) -> None:
    """Let go; nothing happens if another holds it by now."""
    await changed(tx, delete(Lease).where(Lease.name == name, Lease.owner == owner))


async def ends(tx: AsyncSession, name: str, *, now: datetime) -> datetime | None:
    """Until when it is held; None when it is free."""
    row = await tx.get(Lease, name, populate_existing=True)
    return row.until if row is not None and row.until > now else None


async def purge(tx: AsyncSession, *, now: datetime) -> int:
    """Delete those whose time is over."""
    return await changed(tx, delete(Lease).where(Lease.until <= now))

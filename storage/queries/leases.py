"""Leases by name, across processes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, String, cast, delete, literal, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting
from storage.tables.core import LeaseRow

PAUSE = "sage pause "
"""The prefix of the lease name of a company's pause, which Sage 200 asked for."""


def pause_name(companies: FromClause) -> ColumnElement[str]:
    """Return the lease name of a company's pause, from the columns of `companies`."""
    number = cast(companies.c.company_id, String)
    return literal(PAUSE) + companies.c.edition + ":" + companies.c.site_id + ":" + number


async def take(tx: AsyncSession, name: str, *, owner: str, now: datetime, until: datetime) -> bool:
    """Take the lease, or extend it for its owner. Return False while another owner has it."""
    statement = (
        inserting(tx, LeaseRow)
        .values(name=name, owner=owner, until=until)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": owner, "until": until},
            where=(LeaseRow.until <= now) | (LeaseRow.owner == owner),
        )
        .returning(LeaseRow.name)
    )
    return (await tx.execute(statement)).scalar_one_or_none() is not None


async def extend(tx: AsyncSession, name: str, *, owner: str, until: datetime) -> bool:
    """Extend the owner's lease. Return False if it was lost meanwhile, even if it is free: then write nothing more."""
    return (
        await changed(tx, update(LeaseRow).where(LeaseRow.name == name, LeaseRow.owner == owner).values(until=until))
        == 1
    )


async def lengthen(tx: AsyncSession, name: str, *, until: datetime) -> None:
    """Make the lease end no earlier than `until`, for any owner; a later end is left as it is."""
    statement = inserting(tx, LeaseRow).values(name=name, owner="", until=until)
    await tx.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"until": until}, where=LeaseRow.until < until)
    )


async def release(tx: AsyncSession, name: str, *, owner: str) -> None:
    """Delete the owner's lease; do nothing if another owner has it."""
    await changed(tx, delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.owner == owner))


async def ends(tx: AsyncSession, name: str, *, now: datetime) -> datetime | None:
    """Return when the lease ends; None when it is free."""
    row = await tx.get(LeaseRow, name, populate_existing=True)
    return row.until if row is not None and row.until > now else None


async def purge(tx: AsyncSession, *, now: datetime) -> int:
    """Delete the leases that have run out. Return how many."""
    return await changed(tx, delete(LeaseRow).where(LeaseRow.until <= now))

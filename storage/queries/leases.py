"""Leases by name, across processes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    String,
    bindparam,
    cast,
    delete,
    exists,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from storage.statements import Listed, changed, inserting, inserting_into, table_of
from storage.tables.core import LeaseRow

PAUSE = "sage pause "
"""The prefix of the lease name of a company's pause, which Sage 200 asked for."""


def pause_name(companies: FromClause) -> ColumnElement[str]:
    """Return the lease name of a company's pause, from the columns of `companies`."""
    number = cast(companies.c.company_id, String)
    return literal(PAUSE) + companies.c.edition + ":" + companies.c.site_id + ":" + number


async def take(tx: AsyncSession, name: str, *, owner: str, now: datetime, until: datetime) -> bool:
    """Take the lease, or extend it for its owner. Return False while another owner has it."""
    return name in await take_each(tx, {name: owner}, now=now, until=until)


async def take_each(tx: AsyncSession, owners: Mapping[str, str], *, now: datetime, until: datetime) -> set[str]:
    """Take the leases of these names, each for its owner, as `take` does. Return the names of those taken."""
    listed, statement = _TAKE[tx.get_bind().dialect.name]
    rows = sorted((name, owner) for name, owner in owners.items())
    given = {**listed.given(rows), "ends": until, "now": now}
    return set((await (await tx.connection()).execute(statement, given)).scalars())


async def end_each(tx: AsyncSession, ended: Mapping[str, tuple[str, datetime]]) -> None:
    """Give up leases, by name (owner, until): nobody, the owner included, takes one before `until`."""
    # Of two that write the same rows in different orders, each could wait for the other.
    rows = [{"name": name, "owner": owner, "until": until} for name, (owner, until) in sorted(ended.items())]
    await (await tx.connection()).execute(_END[tx.get_bind().dialect.name], rows)


def _take(dialect: str) -> tuple[Listed, ReturningInsert[str]]:
    """Return the statement that takes the leases listed, by name and owner, and their list."""
    listed, insert = Listed(dialect, name=String, owner=String), inserting_into(LeaseRow, dialect)
    name, ends = listed.c["name"], bindparam("ends", type_=table_of(LeaseRow).c.until.type)
    # SQLite needs a WHERE to tell the conflict's ON from that of a join.
    wanted = select(name, listed.c["owner"], ends).select_from(listed.table).where(true()).order_by(name)
    taking = insert.from_select(["name", "owner", "until"], wanted)
    mine = taking.excluded
    taken = taking.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": mine.owner, "until": mine.until},
        where=(LeaseRow.until <= bindparam("now")) | (LeaseRow.owner == mine.owner),
    )
    return listed, taken.returning(LeaseRow.name)


def _end(dialect: str) -> postgresql.Insert | sqlite.Insert:
    """Return the statement that gives up a lease."""
    insert = inserting_into(LeaseRow, dialect)
    return insert.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": "", "until": insert.excluded.until},
        where=LeaseRow.owner == insert.excluded.owner,
    )


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


def ends(connection: Connection, name: str) -> datetime | None:
    """Return when the lease ends or ended; None where there is none."""
    return connection.scalar(select(LeaseRow.until).where(LeaseRow.name == name))


def is_there(connection: Connection, name: str) -> bool:
    """Return whether the lease is there, run out or not."""
    return connection.scalar(select(exists().where(LeaseRow.name == name))) or False


def is_free(connection: Connection, name: str, *, now: datetime) -> bool:
    """Return whether nobody has the lease now."""
    return not connection.scalar(select(exists().where(LeaseRow.name == name, LeaseRow.until > now)))


async def purge(tx: AsyncSession, *, now: datetime) -> int:
    """Delete the leases that have run out. Return how many."""
    return await changed(tx, delete(LeaseRow).where(LeaseRow.until <= now))


_TAKE = {dialect: _take(dialect) for dialect in ("sqlite", "postgresql")}
_END = {dialect: _end(dialect) for dialect in ("sqlite", "postgresql")}

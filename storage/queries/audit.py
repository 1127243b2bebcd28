"""Queries of the audit log: its entries and its encrypted heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.cipher import SealedText
from storage.statements import changed, inserting, one
from storage.tables.core import Workspace
from storage.tables.holds import AuditEntry, AuditHead

Place = tuple[datetime, str, int]
_PLACE = (AuditEntry.at, AuditEntry.chain, AuditEntry.number)
ALL = "all"  # the head that counts the chains; no workspace's id has this form


def head_id(workspace_id: str, chain: str) -> str:
    """Return the id of a chain's head, as the triggers put it together."""
    return f"{workspace_id}.{chain}"


async def head(tx: AsyncSession, which: str) -> AuditHead | None:
    """Return a head; None if nothing was ever written to the chain."""
    return await one(tx, select(AuditHead).where(AuditHead.id == which))


async def locked_head(tx: AsyncSession, which: str) -> AuditHead | None:
    """Return a head, locked for writing the next entry; other writers wait."""
    return await one(tx, select(AuditHead).where(AuditHead.id == which).with_for_update())


async def first_head(
    tx: AsyncSession, which: str, *, workspace_id: str, chain: str, nothing: str
) -> tuple[AuditHead, bool]:
    """Create a head where there was none. Return it, locked, and whether this call created it."""
    fresh = inserting(tx, AuditHead).values(
        id=which,
        workspace_id=workspace_id,
        chain=chain,
        roll=0,
        number=0,
        hash=nothing,
        removed=0,
        removed_hash=nothing,
        head_sealed=SealedText(""),
    )
    created = await tx.scalar(fresh.on_conflict_do_nothing().returning(AuditHead.id))
    found = await locked_head(tx, which)
    assert found is not None  # noqa: S101 - it was put there if it wasn't
    return found, created is not None


async def move_head(tx: AsyncSession, which: str, *, sealed: SealedText | None, **to: Any) -> None:
    """Set columns of a head. With `sealed` None its seal stays as it is."""
    values = to | ({"head_sealed": sealed} if sealed is not None else {})
    await changed(tx, update(AuditHead).where(AuditHead.id == which).values(**values))


async def heads(tx: AsyncSession) -> list[AuditHead]:
    """Return every head, those of deleted workspaces too, in the order in which they began."""
    return list(await tx.scalars(select(AuditHead).order_by(AuditHead.roll, AuditHead.id)))


async def has_others(tx: AsyncSession, *, but: Sequence[str]) -> bool:
    """Return whether there is a head beside these."""
    return await tx.scalar(select(AuditHead.id).where(AuditHead.id.not_in(but)).limit(1)) is not None


async def add(tx: AsyncSession, entries: Sequence[dict[str, Any]]) -> None:
    """Add entries, in one statement."""
    await tx.execute(insert(AuditEntry), list(entries))


async def page(
    tx: AsyncSession, *, workspace_id: str, chain: str, after: int = 0, limit: int = 1_000
) -> list[AuditEntry]:
    """Return entries of a chain beyond a number, in order."""
    statement = select(AuditEntry).where(*_of(workspace_id, chain), AuditEntry.number > after)
    return list(await tx.scalars(statement.order_by(AuditEntry.number).limit(limit)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are wanted; a field that is None narrows nothing. `until` is exclusive."""

    who: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    chain: str | None = None


async def latest(
    tx: AsyncSession,
    *,
    workspace_id: str,
    wanted: Wanted,
    before: Place | None = None,
    limit: int = 1_000,
) -> list[AuditEntry]:
    """Return entries of all chains, the latest first, from beyond a place."""
    statement = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id)
    if wanted.chain is not None:
        statement = statement.where(AuditEntry.chain == wanted.chain)
    if wanted.who is not None:
        statement = statement.where(AuditEntry.who == wanted.who)
    if wanted.since is not None:
        statement = statement.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEntry.at < wanted.until)
    if before is not None:
        statement = statement.where(tuple_(*_PLACE) < tuple_(*before))
    return list(await tx.scalars(statement.order_by(*(column.desc() for column in _PLACE)).limit(limit)))


async def last_seen(tx: AsyncSession, *, workspace_id: str, users: Sequence[str]) -> dict[str, datetime]:
    """Return when each of these users last did or read something, by user id."""
    statement = (
        select(AuditEntry.who, func.max(AuditEntry.at).label("at"))
        .where(AuditEntry.workspace_id == workspace_id, AuditEntry.who.in_(users))
        .group_by(AuditEntry.who)
    )
    return {row.who: row.at for row in await tx.execute(statement)}


def place(entry: AuditEntry) -> Place:
    """Return where an entry stands among those of all chains."""
    return entry.at, entry.chain, entry.number


async def last_of(tx: AsyncSession, *, workspace_id: str, chain: str, actions: Sequence[str]) -> AuditEntry | None:
    """Return the last entry with one of these actions."""
    statement = select(AuditEntry).where(*_of(workspace_id, chain), AuditEntry.action.in_(actions))
    return await one(tx, statement.order_by(AuditEntry.number.desc()).limit(1))


async def first_since(tx: AsyncSession, *, workspace_id: str, chain: str, moment: datetime) -> int | None:
    """Return the number of the first entry at or after a moment; None if all are older."""
    return await tx.scalar(
        select(func.min(AuditEntry.number)).where(*_of(workspace_id, chain), AuditEntry.at >= moment)
    )


async def remove(tx: AsyncSession, *, workspace_id: str, chain: str, up_to: int) -> int:
    """Delete the entries up to a number, which the head names as removed. Return how many."""
    return await changed(tx, delete(AuditEntry).where(*_of(workspace_id, chain), AuditEntry.number <= up_to))


async def naming(tx: AsyncSession, *, workspace_id: str, reference: str) -> list[dict[str, Any]]:
    """Return the entries about a customer: those whose text begins with the reference."""
    what = func.lower(AuditEntry.what)
    begins = what.startswith(f"{reference.lower()} ", autoescape=True) | what.startswith(
        f"{reference.lower()}:", autoescape=True
    )
    statement = select(*AuditEntry.__table__.c).where(AuditEntry.workspace_id == workspace_id, begins)
    rows = await tx.execute(statement.order_by(AuditEntry.chain, AuditEntry.number))
    return [dict(row._mapping) for row in rows]


async def workspaces(tx: AsyncSession) -> list[tuple[str, str]]:
    """Return (id, name) of every workspace."""
    return [(row.id, row.name) for row in await tx.execute(select(Workspace.id, Workspace.name).order_by(Workspace.id))]


def _of(workspace_id: str, chain: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return AuditEntry.workspace_id == workspace_id, AuditEntry.chain == chain

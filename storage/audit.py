"""The record's lines and its sealed end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.cipher import SealedText
from storage.statements import changed, inserting, one
from storage.tables.core import Workspace
from storage.tables.holds import AuditEntry, AuditHead


async def head(tx: AsyncSession, *, workspace_id: str) -> AuditHead | None:
    """The end of a workspace's record; None for one that was never written to."""
    return await one(tx, select(AuditHead).where(AuditHead.workspace_id == workspace_id))


async def locked_head(tx: AsyncSession, *, workspace_id: str) -> AuditHead | None:
    """The same for whoever writes the next line: another who wants to, waits."""
    return await one(tx, select(AuditHead).where(AuditHead.workspace_id == workspace_id).with_for_update())


async def first_head(tx: AsyncSession, *, workspace_id: str, nothing: str) -> tuple[AuditHead, bool]:
    """(the end, locked, and whether this record has never begun before) where there was no end a moment ago."""
    # Before the end is there to be waited for: beginning a record changes the workspace's row.
    never = await still_without(tx, workspace_id=workspace_id)
    fresh = inserting(tx, AuditHead).values(
        workspace_id=workspace_id, number=0, hash=nothing, head_sealed=SealedText("")
    )
    await tx.execute(fresh.on_conflict_do_nothing())
    found = await locked_head(tx, workspace_id=workspace_id)
    assert found is not None  # noqa: S101 - it was put there if it wasn't
    return found, never


async def still_without(tx: AsyncSession, *, workspace_id: str) -> bool:
    """Whether its record has not begun; whoever asks is the one who may begin it, until they commit."""
    whose = select(Workspace.has_record).where(Workspace.id == workspace_id)
    return await tx.scalar(whose.with_for_update(key_share=True)) is False


async def append(
    tx: AsyncSession,
    *,
    workspace_id: str,
    number: int,
    at: datetime,
    who: str,
    action: str,
    what: str,
    before: str,
    after: str,
    previous_hash: str,
    hash: str,  # noqa: A002 - what it is
    sealed: SealedText | None,
) -> None:
    """The next line, and the end moved on to it; None leaves the seal as it was."""
    entry = AuditEntry(
        workspace_id=workspace_id,
        number=number,
        at=at,
        who=who,
        action=action,
        what=what,
        before=before,
        after=after,
        previous_hash=previous_hash,
        hash=hash,
    )
    tx.add(entry)
    end = {"number": number, "hash": hash} | ({"head_sealed": sealed} if sealed is not None else {})
    await changed(tx, update(AuditHead).where(AuditHead.workspace_id == workspace_id).values(**end))


async def page(tx: AsyncSession, *, workspace_id: str, after: int = 0, limit: int = 1_000) -> list[AuditEntry]:
    """Lines in order, beyond a number."""
    statement = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id, AuditEntry.number > after)
    return list(await tx.scalars(statement.order_by(AuditEntry.number).limit(limit)))


async def latest(
    tx: AsyncSession, *, workspace_id: str, who: str | None = None, before: int | None = None, limit: int = 1_000
) -> list[AuditEntry]:
    """Lines, the latest first, of everybody or of one person."""
    statement = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id)
    if who is not None:
        statement = statement.where(AuditEntry.who == who)
    if before is not None:
        statement = statement.where(AuditEntry.number < before)
    return list(await tx.scalars(statement.order_by(AuditEntry.number.desc()).limit(limit)))


async def workspaces(tx: AsyncSession) -> list[tuple[str, str, bool]]:
    """(id, name, whether its record has begun) of every workspace, for a record that was emptied must be missed."""
    statement = select(Workspace.id, Workspace.name, Workspace.has_record).order_by(Workspace.id)
    return [(row.id, row.name, row.has_record) for row in await tx.execute(statement)]

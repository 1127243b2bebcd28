"""Queries of the audit log: its entries and its encrypted head."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.cipher import SealedText
from storage.statements import changed, inserting, one
from storage.tables.core import Workspace
from storage.tables.holds import AuditEntry, AuditHead


async def head(tx: AsyncSession, *, workspace_id: str) -> AuditHead | None:
    """Return the head of a workspace's audit log; None if nothing was ever written to the log."""
    return await one(tx, select(AuditHead).where(AuditHead.workspace_id == workspace_id))


async def locked_head(tx: AsyncSession, *, workspace_id: str) -> AuditHead | None:
    """Return the head, locked for writing the next entry; other writers wait."""
    return await one(tx, select(AuditHead).where(AuditHead.workspace_id == workspace_id).with_for_update())


async def first_head(tx: AsyncSession, *, workspace_id: str, nothing: str) -> tuple[AuditHead, bool]:
    """Create the head where there was none. Return it, locked, and whether the log has never begun before."""
    # Checked before the head exists to be waited for: beginning a log changes the workspace's row.
    never = await still_without(tx, workspace_id=workspace_id)
    fresh = inserting(tx, AuditHead).values(
        workspace_id=workspace_id, number=0, hash=nothing, head_sealed=SealedText("")
    )
    await tx.execute(fresh.on_conflict_do_nothing())
    found = await locked_head(tx, workspace_id=workspace_id)
    assert found is not None  # noqa: S101 - it was put there if it wasn't
    return found, never


async def still_without(tx: AsyncSession, *, workspace_id: str) -> bool:
    """Lock the workspace's row. Return whether its audit log has not begun."""
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
    """Add an entry and move the head to it. With `sealed` None the head's seal stays as it is."""
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
    """Return entries beyond a number, in order."""
    statement = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id, AuditEntry.number > after)
    return list(await tx.scalars(statement.order_by(AuditEntry.number).limit(limit)))


async def latest(
    tx: AsyncSession, *, workspace_id: str, who: str | None = None, before: int | None = None, limit: int = 1_000
) -> list[AuditEntry]:
    """Return entries, the latest first, of everybody or of one user."""
    statement = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id)
    if who is not None:
        statement = statement.where(AuditEntry.who == who)
    if before is not None:
        statement = statement.where(AuditEntry.number < before)
    return list(await tx.scalars(statement.order_by(AuditEntry.number.desc()).limit(limit)))


async def workspaces(tx: AsyncSession) -> list[tuple[str, str, bool]]:
    """Return (id, name, whether its audit log has begun) of every workspace."""
    # A log that has begun and is empty was deleted: the caller must notice.
    statement = select(Workspace.id, Workspace.name, Workspace.has_record).order_by(Workspace.id)
    return [(row.id, row.name, row.has_record) for row in await tx.execute(statement)]

"""The record's lines and its sealed end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.cipher import SealedText
from storage.doing_models import AuditEntry, AuditHead
from storage.models import Workspace
from storage.rows import inserting, one, upsert


async def head(tx: AsyncSession, *, workspace_id: str) -> AuditHead | None:
    """The end of a workspace's record; None for one that was never written to."""
    return await one(tx, select(AuditHead).where(AuditHead.workspace_id == workspace_id))


async def locked_head(tx: AsyncSession, *, workspace_id: str, nothing: str) -> AuditHead:
    """The same for whoever writes the next line: another who wants to, waits."""
    fresh = inserting(tx, AuditHead).values(
        workspace_id=workspace_id, number=0, hash=nothing, head_sealed=SealedText("")
    )
    await tx.execute(fresh.on_conflict_do_nothing())
    found = await one(tx, select(AuditHead).where(AuditHead.workspace_id == workspace_id).with_for_update())
    assert found is not None  # noqa: S101 - it was put there if it wasn't
    return found


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
    sealed: SealedText,
) -> None:
    """The next line, and the end moved on to it."""
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
    end = {"number": number, "hash": hash, "head_sealed": sealed}
    await upsert(tx, AuditHead, on=["workspace_id"], values={"workspace_id": workspace_id, **end}, instead=end)


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


async def workspaces(tx: AsyncSession) -> list[tuple[str, str]]:
    """(id, name) of every workspace, for a record that was emptied must be missed."""
    return [(row.id, row.name) for row in await tx.execute(select(Workspace.id, Workspace.name).order_by(Workspace.id))]

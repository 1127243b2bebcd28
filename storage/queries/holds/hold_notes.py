"""Queries of the alerts and memos that holds leave in Sage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, in_turn, one
from storage.tables.alerts import HoldEpisodeRow
from storage.tables.holds import HoldNote


async def of_customer(tx: AsyncSession, *, workspace_id: str, company_pk: int, customer_id: int) -> dict[str, HoldNote]:
    """Return the customer's notes by kind."""
    row = HoldNote
    whose = (row.workspace_id == workspace_id, row.company_pk == company_pk, row.customer_id == customer_id)
    found = await tx.scalars(select(row).where(*whose), execution_options={"populate_existing": True})
    return {each.kind: each for each in found}


async def add(tx: AsyncSession, **columns: Any) -> None:
    """Add a note that is wanted and due."""
    tx.add(HoldNote(is_wanted=True, sent="", tries=0, **columns))
    await tx.flush()


async def want(
    tx: AsyncSession,
    note: HoldNote,
    *,
    is_wanted: bool,
    text: str,
    user_id: str,
    now: datetime,
    is_new: bool = False,
) -> bool:
    """Want another state of a note, which is due from now on; with `is_new`, as another note in Sage.

    Return False if another state of it has been wanted meanwhile.
    """
    fresh = {"sent": "", "sage_id": None} if is_new else {}
    values = {"is_wanted": is_wanted, "text": text, "user_id": user_id, "wanted_at": now, "due_at": now, "tries": 0}
    return await changed(tx, _as_read(note).values(**values, **fresh)) == 1


async def by_id(tx: AsyncSession, *, workspace_id: str, note_id: int) -> HoldNote | None:
    """Return one of this workspace."""
    return await one(tx, select(HoldNote).where(HoldNote.workspace_id == workspace_id, HoldNote.id == note_id))


async def due(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace, id) of what is to be written now."""
    row = HoldNote
    turn = in_turn(row.workspace_id, row.due_at, row.id)
    statement = select(row.workspace_id, row.id).where(row.due_at <= now).order_by(turn, row.due_at, row.id)
    return [(each.workspace_id, each.id) for each in await tx.execute(statement.limit(limit))]


async def outlived(tx: AsyncSession, *, limit: int) -> list[HoldNote]:
    """Return the notes that are wanted although their account was seen to be released since."""
    row, episode = HoldNote, HoldEpisodeRow
    is_over = exists().where(
        episode.company_pk == row.company_pk,
        episode.customer_id == row.customer_id,
        episode.closed_at > row.wanted_at,
    )
    is_held = exists().where(
        episode.company_pk == row.company_pk, episode.customer_id == row.customer_id, episode.closed_at.is_(None)
    )
    statement = select(row).where(row.is_wanted, is_over, ~is_held).order_by(row.id).limit(limit)
    return list(await tx.scalars(statement))


async def sending(tx: AsyncSession, note: HoldNote, *, sage_id: int | None) -> bool:
    """Write down the text before it is sent, and which note it is for. Return False if another is wanted meanwhile."""
    return await changed(tx, _as_read(note).values(sent=note.text, sage_id=sage_id)) == 1


async def settle(tx: AsyncSession, note: HoldNote, *, sage_id: int | None) -> bool:
    """Write that nothing is due. Return False if something else is wanted meanwhile."""
    return await changed(tx, _as_read(note).values(due_at=None, sage_id=sage_id)) == 1


async def try_again(tx: AsyncSession, note: HoldNote, *, at: datetime) -> None:
    """Let the note be written later, and count the try that came to nothing; unless it was written meanwhile."""
    await changed(tx, _as_read(note).where(HoldNote.due_at.is_not(None)).values(due_at=at, tries=HoldNote.tries + 1))


def _as_read(note: HoldNote) -> Any:
    """Return an update of the note if nobody has wanted another state of it since it was read."""
    row = HoldNote
    return update(row).where(
        row.workspace_id == note.workspace_id,
        row.id == note.id,
        row.is_wanted == note.is_wanted,
        row.wanted_at == note.wanted_at,
    )

"""Queries of how questions in plain English were answered: counts by day, presses, words not understood."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting, upsert
from storage.tables.assistant import AnswerCount, AnswerFeedback, UnclearQuestion


async def add(tx: AsyncSession, counts: Mapping[tuple[str, date, str], int]) -> None:
    """Add to the counts by (workspace id, day, kind)."""
    # In one order everywhere, so that no two processes wait for each other.
    rows = [
        {"workspace_id": workspace_id, "day": day, "kind": kind, "count": count}
        for (workspace_id, day, kind), count in sorted(counts.items())
    ]
    insert = inserting(tx, AnswerCount).values(rows)
    more = AnswerCount.count + insert.excluded["count"]
    await tx.execute(insert.on_conflict_do_update(index_elements=["workspace_id", "day", "kind"], set_={"count": more}))


async def add_press(
    tx: AsyncSession,
    *,
    workspace_id: str,
    channel: str,
    message_ts: str,
    user_id: str,
    kind: str,
    is_liked: bool,
    now: datetime,
) -> None:
    """Store a user's press under an answer, in place of the one before."""
    key = {"workspace_id": workspace_id, "channel": channel, "message_ts": message_ts, "user_id": user_id}
    said = {"kind": kind, "is_liked": is_liked, "pressed_at": now}
    await upsert(tx, AnswerFeedback, on=list(key), values={**key, **said}, instead=said)


async def add_words(tx: AsyncSession, *, workspace_id: str, user_id: str, words: str, now: datetime) -> None:
    """Store the words of a question that wasn't understood."""
    tx.add(UnclearQuestion(workspace_id=workspace_id, user_id=user_id, words=words, asked_at=now))
    await tx.flush()


async def counts(tx: AsyncSession, *, workspace_id: str, since: date) -> dict[str, int]:
    """Return how many were counted from a day on, by kind."""
    row = AnswerCount
    statement = select(row.kind, func.sum(row.count)).where(row.workspace_id == workspace_id, row.day >= since)
    return {kind: int(count) for kind, count in await tx.execute(statement.group_by(row.kind))}


async def presses(tx: AsyncSession, *, workspace_id: str, since: datetime) -> dict[str, tuple[int, int]]:
    """Return (liked, disliked) since a moment, by kind."""
    row = AnswerFeedback
    liked = func.sum(case((row.is_liked, 1), else_=0))
    statement = select(row.kind, liked, func.count()).where(row.workspace_id == workspace_id, row.pressed_at >= since)
    found = await tx.execute(statement.group_by(row.kind))
    return {kind: (int(likes), int(total) - int(likes)) for kind, likes, total in found}


async def words(tx: AsyncSession, *, workspace_id: str, since: datetime, limit: int) -> list[str]:
    """Return the words kept since a moment, the newest first."""
    row = UnclearQuestion
    statement = select(row.words).where(row.workspace_id == workspace_id, row.asked_at >= since)
    return list(await tx.scalars(statement.order_by(row.asked_at.desc(), row.id.desc()).limit(limit)))


async def erase_words(tx: AsyncSession, *, workspace_id: str) -> None:
    """Delete every word kept of a workspace."""
    await changed(tx, delete(UnclearQuestion).where(UnclearQuestion.workspace_id == workspace_id))


async def purge(tx: AsyncSession, *, before: datetime, words_before: datetime) -> None:
    """Delete counts and presses from before a moment, and words from before another."""
    await changed(tx, delete(AnswerCount).where(AnswerCount.day < before.date()))
    await changed(tx, delete(AnswerFeedback).where(AnswerFeedback.pressed_at < before))
    await changed(tx, delete(UnclearQuestion).where(UnclearQuestion.asked_at < words_before))

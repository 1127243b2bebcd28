"""Queries of conversation subjects: the customer that a user last asked about in a thread, and the question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting, one
from storage.tables.assistant import ConversationSubject


async def remember(
    tx: AsyncSession,
    *,
    workspace_id: str,
    channel: str,
    thread: str,
    user_id: str,
    company_pk: int,
    customer_id: int | None,
    asked: str,
    shown: Sequence[int],
    now: datetime,
) -> None:
    """Store the customer, the question and the customers shown as the subject of the conversation."""
    key = {"workspace_id": workspace_id, "channel": channel, "thread": thread, "user_id": user_id}
    said = {"company_pk": company_pk, "customer_id": customer_id, "asked": asked, "shown": [*shown], "spoken_at": now}
    statement = inserting(tx, ConversationSubject).values(**key, **said)
    await tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=said))


async def recall(
    tx: AsyncSession, *, workspace_id: str, channel: str, thread: str, user_id: str, since: datetime
) -> ConversationSubject | None:
    """Return the subject of a conversation; None when it had none since then."""
    return await one(
        tx,
        select(ConversationSubject).where(
            ConversationSubject.workspace_id == workspace_id,
            ConversationSubject.channel == channel,
            ConversationSubject.thread == thread,
            ConversationSubject.user_id == user_id,
            ConversationSubject.spoken_at > since,
        ),
    )


async def forget(tx: AsyncSession, *, workspace_id: str, user_id: str) -> None:
    """Delete what a user's conversations were about."""
    await changed(
        tx,
        delete(ConversationSubject).where(
            ConversationSubject.workspace_id == workspace_id, ConversationSubject.user_id == user_id
        ),
    )


async def purge(tx: AsyncSession, *, before: datetime) -> int:
    """Delete the subjects stored before a moment."""
    return await changed(tx, delete(ConversationSubject).where(ConversationSubject.spoken_at <= before))

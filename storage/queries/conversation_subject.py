"""Queries of conversation subjects: the customer that a user last asked about in a thread."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting
from storage.tables.assistant import ConversationSubject


async def remember(
    tx: AsyncSession,
    *,
    workspace_id: str,
    channel: str,
    thread: str,
    user_id: str,
    company_pk: int,
    customer_id: int,
    now: datetime,
) -> None:
    """Store the customer as the subject of the conversation."""
    key = {"workspace_id": workspace_id, "channel": channel, "thread": thread, "user_id": user_id}
    said = {"company_pk": company_pk, "customer_id": customer_id, "spoken_at": now}
    statement = inserting(tx, ConversationSubject).values(**key, **said)
    await tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=said))


async def recall(
    tx: AsyncSession, *, workspace_id: str, channel: str, thread: str, user_id: str, company_pk: int, since: datetime
) -> int | None:
    """Return the customer's id; None when the conversation had no customer of this company since then."""
    customer_id: int | None = await tx.scalar(
        select(ConversationSubject.customer_id).where(
            ConversationSubject.workspace_id == workspace_id,
            ConversationSubject.channel == channel,
            ConversationSubject.thread == thread,
            ConversationSubject.user_id == user_id,
            ConversationSubject.company_pk == company_pk,
            ConversationSubject.spoken_at > since,
        )
    )
    return customer_id


async def purge(tx: AsyncSession, *, before: datetime) -> int:
    """Delete the subjects stored before a moment."""
    return await changed(tx, delete(ConversationSubject).where(ConversationSubject.spoken_at <= before))

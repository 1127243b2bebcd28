"""What people are to be told: written where it became true, claimed and sent by one process at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, inserting, one
from storage.tables.core import Notice


async def add(
    tx: AsyncSession,
    *,
    workspace_id: str,
    user_id: str,
    kind: str,
    facts: Mapping[str, str],
    dedupe_key: str,
    now: datetime,
    place: tuple[str, str] | None = None,
) -> bool:
    """To be sent as soon as may be; `place` (channel, ts) is the message that it replaces, if it does.

    False: the same was said before, or is about to be.
    """
    channel, ts = place or (None, None)
    statement = (
        inserting(tx, Notice)
        .values(
            workspace_id=workspace_id,
            user_id=user_id,
            kind=kind,
            facts=dict(facts),
            dedupe_key=dedupe_key,
            due_at=now,
            attempts=0,
            created_at=now,
            channel=channel,
            message_ts=ts,
        )
        .on_conflict_do_nothing(index_elements=["workspace_id", "dedupe_key"])
        .returning(Notice.id)
    )
    return (await tx.execute(statement)).scalar_one_or_none() is not None


async def due(tx: AsyncSession, *, now: datetime, limit: int) -> list[Notice]:
    """Unsent ones that nobody is sending, oldest first. A hint: `claim` decides."""
    free = or_(Notice.claimed_until.is_(None), Notice.claimed_until <= now)
    statement = select(Notice).where(Notice.due_at <= now, free).order_by(Notice.id).limit(limit)
    return list(await tx.scalars(statement, execution_options={"populate_existing": True}))


async def by_id(tx: AsyncSession, *, notice_id: int) -> Notice:
    """One that is known to be there."""
    return (await tx.scalars(select(Notice).where(Notice.id == notice_id))).one()


async def still_due(tx: AsyncSession, *, notice_id: int) -> Notice | None:
    """As it is to be told now; None: it was called off, or is gone."""
    return await one(tx, select(Notice).where(Notice.id == notice_id, Notice.due_at.is_not(None)))


async def claim(tx: AsyncSession, *, notice_id: int, now: datetime, until: datetime) -> bool:
    """True for the one who may send it until then; counts the attempt."""
    free = or_(Notice.claimed_until.is_(None), Notice.claimed_until <= now)
    statement = update(Notice).where(Notice.id == notice_id, Notice.due_at <= now, free)
    return await changed(tx, statement.values(claimed_until=until, attempts=Notice.attempts + 1)) == 1


async def sent(tx: AsyncSession, *, notice_id: int, now: datetime, place: tuple[str, str] | None = None) -> None:
    """Done; `place` (channel, ts) is where it stands."""
    where = {"channel": place[0], "message_ts": place[1]} if place is not None else {}
    await _over(tx, notice_id, sent_at=now, failure=None, **where)


async def sent_with(tx: AsyncSession, *, workspace_id: str, prefix: str) -> list[Notice]:
    """Those of a workspace whose key begins so and that stand somewhere."""
    statement = select(Notice).where(_with(workspace_id, prefix), Notice.message_ts.is_not(None))
    return list(await tx.scalars(statement.order_by(Notice.id)))


async def call_off(tx: AsyncSession, *, workspace_id: str, prefix: str, failure: str) -> int:
    """Those that were not sent yet never are."""
    statement = update(Notice).where(_with(workspace_id, prefix), Notice.due_at.is_not(None))
    return await changed(tx, statement.values(due_at=None, failure=failure))


async def retell(tx: AsyncSession, *, workspace_id: str, prefix: str, facts: Mapping[str, str]) -> int:
    """Those that were not sent yet say this instead."""
    statement = update(Notice).where(_with(workspace_id, prefix), Notice.due_at.is_not(None))
    return await changed(tx, statement.values(facts=dict(facts)))


async def dead_letter(tx: AsyncSession, *, notice_id: int, failure: str) -> None:
    """It can't be delivered; the reason stays with it."""
    await _over(tx, notice_id, failure=failure)


async def reschedule(tx: AsyncSession, *, notice_id: int, due_at: datetime, failure: str) -> None:
    """Not now; again later, unless it was called off meanwhile."""
    statement = update(Notice).where(Notice.id == notice_id, Notice.due_at.is_not(None))
    await changed(tx, statement.values(due_at=due_at, claimed_until=None, failure=failure))


async def purge(tx: AsyncSession, *, before: datetime) -> int:
    """Delete what was settled and is older than a moment."""
    return await changed(tx, delete(Notice).where(Notice.due_at.is_(None), Notice.created_at < before))


def _with(workspace_id: str, prefix: str) -> ColumnElement[bool]:
    return (Notice.workspace_id == workspace_id) & Notice.dedupe_key.startswith(prefix, autoescape=True)


async def _over(tx: AsyncSession, notice_id: int, **outcome: object) -> None:
    statement = update(Notice).where(Notice.id == notice_id)
    await changed(tx, statement.values(due_at=None, claimed_until=None, **outcome))

"""News on its way: one target's rows are posted in the order they were written, by one process at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import leases
from storage.statements import changed, inserting, one
from storage.tables.alerts import HoldEpisodeRow, LiveCard, OutboxRow, SeenChange, SubscriptionRow
from storage.tables.core import Lease


@dataclass(frozen=True, slots=True)
class Claimed:
    """The row to post now. `in_doubt`: somebody began to post it before, and nobody knows what became of that."""

    row: OutboxRow
    subscription: SubscriptionRow
    in_doubt: bool


def turn(workspace_id: str, target_id: str) -> str:
    """The name of a target's lease: whoever posts there holds it, and the pause between two messages is on it."""
    return f"post:{workspace_id}:{target_id}"


async def due_targets(tx: AsyncSession, *, now: datetime, barred: Collection[str], limit: int) -> list[tuple[str, str]]:
    """(workspace, target) where something is due and nobody is at it: a hint, `claim` decides.

    `barred` are the reasons for which a paused subscription's rows wait, without holding up anybody else's.
    """
    name = literal("post:") + OutboxRow.workspace_id + ":" + OutboxRow.target_id
    statement = (
        select(OutboxRow.workspace_id, OutboxRow.target_id)
        .join(SubscriptionRow, SubscriptionRow.id == OutboxRow.subscription_id)
        .where(OutboxRow.due_at <= now, SubscriptionRow.paused_reason.not_in(barred))
        .where(~select(Lease.name).where(Lease.name == name, Lease.until > now).exists())
        .group_by(OutboxRow.workspace_id, OutboxRow.target_id)
        .order_by(func.min(OutboxRow.id))
        .limit(limit)
    )
    return [(row.workspace_id, row.target_id) for row in await tx.execute(statement)]


async def take_turn(
    tx: AsyncSession, *, workspace_id: str, target_id: str, owner: str, now: datetime, until: datetime
) -> bool:
    """True for the one who may post to this target until then."""
    return await leases.take(tx, turn(workspace_id, target_id), owner=owner, now=now, until=until)


async def end_turn(tx: AsyncSession, *, workspace_id: str, target_id: str, owner: str, until: datetime) -> None:
    """Let go; nobody posts there before `until`, the one who let go included."""
    named = Lease.name == turn(workspace_id, target_id)
    await changed(tx, update(Lease).where(named, Lease.owner == owner).values(owner="", until=until))


async def claim(
    tx: AsyncSession,
    *,
    workspace_id: str,
    target_id: str,
    owner: str,
    now: datetime,
    until: datetime,
    barred: Collection[str],
) -> Claimed | datetime | None:
    """The target's oldest row that is still to be posted; or when that is due; or None, nothing is left.

    A row that was put off holds up those behind it. Needs the target's turn, and holds it until `until`.
    """
    if not await take_turn(tx, workspace_id=workspace_id, target_id=target_id, owner=owner, now=now, until=until):
        return None
    found = (await tx.execute(_waiting(workspace_id, target_id, barred), execution_options=_FRESH)).first()
    if found is None:
        return None
    row, subscription = found[0], found[1]
    if row.due_at is not None and row.due_at > now:
        return row.due_at
    in_doubt = row.claimed_by is not None
    taken = update(OutboxRow).where(OutboxRow.id == row.id)
    taken = taken.values(claimed_by=owner, claimed_until=until, attempts=OutboxRow.attempts + 1)
    claimed = await tx.scalars(taken.returning(OutboxRow), execution_options=_FRESH)
    return Claimed(claimed.one(), subscription, in_doubt)


def _waiting(workspace_id: str, target_id: str, barred: Collection[str]) -> Select[OutboxRow, SubscriptionRow]:
    return (
        select(OutboxRow, SubscriptionRow)
        .join(SubscriptionRow, SubscriptionRow.id == OutboxRow.subscription_id)
        .where(OutboxRow.workspace_id == workspace_id, OutboxRow.target_id == target_id, OutboxRow.due_at.is_not(None))
        .where(SubscriptionRow.paused_reason.not_in(barred))
        .order_by(OutboxRow.id)
        .limit(1)
    )


async def posted(tx: AsyncSession, *, delivery_id: int, owner: str, ts: str, now: datetime) -> bool:
    """Done. False: it is another's by now, who was to find out whether we had posted it."""
    done = {"due_at": None, "posted_at": now, "message_ts": ts, "failure": None, "claimed_until": None}
    return await _settle(tx, delivery_id, owner, **done)


async def turn_page(tx: AsyncSession, *, delivery_id: int, owner: str, ts: str, facts: dict[str, Any]) -> bool:
    """One page is posted and the next is to follow; the first one's `ts` stays."""
    first = func.coalesce(OutboxRow.message_ts, ts)
    return await _settle(tx, delivery_id, owner, facts=facts, message_ts=first, **_FREE, attempts=0)


async def reschedule(
    tx: AsyncSession, *, delivery_id: int, owner: str, due_at: datetime, failure: str, in_doubt: bool
) -> bool:
    """Not now; again later. `in_doubt` keeps the mark of a message that may stand in Slack already."""
    free: dict[str, Any] = {"claimed_until": None} if in_doubt else _FREE
    return await _settle(tx, delivery_id, owner, due_at=due_at, failure=failure, **free)


async def dead_letter(tx: AsyncSession, *, delivery_id: int, owner: str, failure: str) -> bool:
    """It is never posted; the reason stays with it, and those behind it go on."""
    return await _settle(tx, delivery_id, owner, due_at=None, failure=failure, **_FREE)


_FRESH: dict[str, Any] = {"populate_existing": True}
_FREE: dict[str, Any] = {"claimed_by": None, "claimed_until": None}


async def _settle(tx: AsyncSession, delivery_id: int, owner: str, **outcome: Any) -> bool:
    statement = update(OutboxRow).where(OutboxRow.id == delivery_id, OutboxRow.claimed_by == owner)
    return await changed(tx, statement.values(**outcome)) == 1


async def purge(tx: AsyncSession, *, before: datetime) -> int:
    """Delete what was posted, or set aside, and is older than a moment. What nobody gathered by then goes too."""
    return await changed(tx, delete(OutboxRow).where(OutboxRow.due_at.is_(None), OutboxRow.created_at < before))


async def card(tx: AsyncSession, *, workspace_id: str, target_id: str, episode_id: int) -> LiveCard | None:
    """The live message of an episode in one place."""
    place = and_(LiveCard.workspace_id == workspace_id, LiveCard.target_id == target_id)
    return await one(tx, select(LiveCard).where(place, LiveCard.episode_id == episode_id))


async def save_card(
    tx: AsyncSession, *, workspace_id: str, target_id: str, episode_id: int, channel: str, ts: str
) -> None:
    """This message is the live one from now on, whichever was before."""
    key = {"workspace_id": workspace_id, "target_id": target_id, "episode_id": episode_id}
    where = {"channel": channel, "ts": ts}
    insert = inserting(tx, LiveCard).values(**key, **where)
    await tx.execute(insert.on_conflict_do_update(index_elements=list(key), set_=where))


async def episode(tx: AsyncSession, *, workspace_id: str, episode_id: int) -> HoldEpisodeRow | None:
    """One stay on hold."""
    return await one(
        tx, select(HoldEpisodeRow).where(HoldEpisodeRow.id == episode_id, HoldEpisodeRow.workspace_id == workspace_id)
    )


async def changes_within(tx: AsyncSession, *, workspace_id: str, episode_id: int) -> dict[str, int]:
    """How often each kind of news came while this stay on hold lasted."""
    statement = select(SeenChange.kind, func.count()).where(
        SeenChange.workspace_id == workspace_id, SeenChange.episode_id == episode_id
    )
    return dict((await tx.execute(statement.group_by(SeenChange.kind))).all())


async def summarise(
    tx: AsyncSession, *, workspace_id: str, target_id: str, before: datetime, facts: dict[str, Any], now: datetime
) -> int:
    """Make one row of all that has waited since before a moment; the others go aside. Returns how many it was."""
    old = and_(OutboxRow.workspace_id == workspace_id, OutboxRow.target_id == target_id)
    # What somebody paused themselves stays silent.
    runs = select(SubscriptionRow.id).where(
        SubscriptionRow.workspace_id == workspace_id, SubscriptionRow.paused_reason == ""
    )
    waiting = and_(
        old, OutboxRow.due_at.is_not(None), OutboxRow.created_at < before, OutboxRow.subscription_id.in_(runs)
    )
    rows = list(await tx.scalars(select(OutboxRow).where(waiting).order_by(OutboxRow.id)))
    if not rows:
        return 0
    counts: dict[str, int] = {}
    for row in rows:
        # A report over many changes is counted as what it reports; a digest is out of date and counts for nothing.
        for kind, count in _counted(row).items():
            counts[kind] = counts.get(kind, 0) + count
    others = [row.id for row in rows[1:]]
    await changed(tx, update(OutboxRow).where(OutboxRow.id.in_(others)).values(due_at=None, failure="summarised"))
    first = update(OutboxRow).where(OutboxRow.id == rows[0].id)
    told = {"kind": "waited", "facts": {**facts, "counts": counts}, "episode_id": None, "due_at": now}
    await changed(tx, first.values(**told, **_FREE))
    return len(rows)


def _counted(row: OutboxRow) -> dict[str, int]:
    if row.kind in {"gap", "waited"}:
        return dict(row.facts["counts"])
    if row.kind in {"change", "summary"}:
        return {str(row.facts["kind"]): int(row.facts.get("count", 1))}
    return {}

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
from storage.tables.alerts import Card, Delivery, Episode, SeenChange, Subscription
from storage.tables.core import Lease


@dataclass(frozen=True, slots=True)
class Claimed:
    """The row to post now. `in_doubt`: somebody began to post it before, and nobody knows what became of that."""

    row: Delivery
    subscription: Subscription
    in_doubt: bool


def turn(workspace_id: str, target_id: str) -> str:
    """The name of a target's lease: whoever posts there holds it, and the pause between two messages is on it."""
    return f"post:{workspace_id}:{target_id}"


async def due_targets(tx: AsyncSession, *, now: datetime, barred: Collection[str], limit: int) -> list[tuple[str, str]]:
    """(workspace, target) where something is due and nobody is at it: a hint, `claim` decides.

    `barred` are the reasons for which a paused subscription's rows wait, without holding up anybody else's.
    """
    name = literal("post:") + Delivery.workspace_id + ":" + Delivery.target_id
    statement = (
        select(Delivery.workspace_id, Delivery.target_id)
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .where(Delivery.due_at <= now, Subscription.paused_reason.not_in(barred))
        .where(~select(Lease.name).where(Lease.name == name, Lease.until > now).exists())
        .group_by(Delivery.workspace_id, Delivery.target_id)
        .order_by(func.min(Delivery.id))
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
    taken = update(Delivery).where(Delivery.id == row.id)
    taken = taken.values(claimed_by=owner, claimed_until=until, attempts=Delivery.attempts + 1)
    claimed = await tx.scalars(taken.returning(Delivery), execution_options=_FRESH)
    return Claimed(claimed.one(), subscription, in_doubt)


def _waiting(workspace_id: str, target_id: str, barred: Collection[str]) -> Select[Delivery, Subscription]:
    return (
        select(Delivery, Subscription)
        .join(Subscription, Subscription.id == Delivery.subscription_id)
        .where(Delivery.workspace_id == workspace_id, Delivery.target_id == target_id, Delivery.due_at.is_not(None))
        .where(Subscription.paused_reason.not_in(barred))
        .order_by(Delivery.id)
        .limit(1)
    )


async def posted(tx: AsyncSession, *, delivery_id: int, owner: str, ts: str, now: datetime) -> bool:
    """Done. False: it is another's by now, who was to find out whether we had posted it."""
    done = {"due_at": None, "posted_at": now, "message_ts": ts, "failure": None, "claimed_until": None}
    return await _settle(tx, delivery_id, owner, **done)


async def turn_page(tx: AsyncSession, *, delivery_id: int, owner: str, ts: str, facts: dict[str, Any]) -> bool:
    """One page is posted and the next is to follow; the first one's `ts` stays."""
    first = func.coalesce(Delivery.message_ts, ts)
    return await _settle(tx, delivery_id, owner, facts=facts, message_ts=first, **_FREE, attempts=0)


async def put_off(
    tx: AsyncSession, *, delivery_id: int, owner: str, due_at: datetime, failure: str, in_doubt: bool
) -> bool:
    """Not now; again later. `in_doubt` keeps the mark of a message that may stand in Slack already."""
    free: dict[str, Any] = {"claimed_until": None} if in_doubt else _FREE
    return await _settle(tx, delivery_id, owner, due_at=due_at, failure=failure, **free)


async def set_aside(tx: AsyncSession, *, delivery_id: int, owner: str, failure: str) -> bool:
    """It is never posted; the reason stays with it, and those behind it go on."""
    return await _settle(tx, delivery_id, owner, due_at=None, failure=failure, **_FREE)


_FRESH: dict[str, Any] = {"populate_existing": True}
_FREE: dict[str, Any] = {"claimed_by": None, "claimed_until": None}


async def _settle(tx: AsyncSession, delivery_id: int, owner: str, **outcome: Any) -> bool:
    statement = update(Delivery).where(Delivery.id == delivery_id, Delivery.claimed_by == owner)
    return await changed(tx, statement.values(**outcome)) == 1


async def purge(tx: AsyncSession, *, before: datetime) -> int:
    """Delete what was posted, or set aside, and is older than a moment. What nobody gathered by then goes too."""
    return await changed(tx, delete(Delivery).where(Delivery.due_at.is_(None), Delivery.created_at < before))


async def card(tx: AsyncSession, *, workspace_id: str, target_id: str, episode_id: int) -> Card | None:
    """The live message of an episode in one place."""
    place = and_(Card.workspace_id == workspace_id, Card.target_id == target_id)
    return await one(tx, select(Card).where(place, Card.episode_id == episode_id))


async def save_card(
    tx: AsyncSession, *, workspace_id: str, target_id: str, episode_id: int, channel: str, ts: str
) -> None:
    """This message is the live one from now on, whichever was before."""
    key = {"workspace_id": workspace_id, "target_id": target_id, "episode_id": episode_id}
    where = {"channel": channel, "ts": ts}
    insert = inserting(tx, Card).values(**key, **where)
    await tx.execute(insert.on_conflict_do_update(index_elements=list(key), set_=where))


async def episode(tx: AsyncSession, *, workspace_id: str, episode_id: int) -> Episode | None:
    """One stay on hold."""
    return await one(tx, select(Episode).where(Episode.id == episode_id, Episode.workspace_id == workspace_id))


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
    old = and_(Delivery.workspace_id == workspace_id, Delivery.target_id == target_id)
    # What somebody paused themselves stays silent.
    runs = select(Subscription.id).where(Subscription.workspace_id == workspace_id, Subscription.paused_reason == "")
    waiting = and_(old, Delivery.due_at.is_not(None), Delivery.created_at < before, Delivery.subscription_id.in_(runs))
    rows = list(await tx.scalars(select(Delivery).where(waiting).order_by(Delivery.id)))
    if not rows:
        return 0
    counts: dict[str, int] = {}
    for row in rows:
        # A report over many changes is counted as what it reports; a digest is out of date and counts for nothing.
        for kind, count in _counted(row).items():
            counts[kind] = counts.get(kind, 0) + count
    others = [row.id for row in rows[1:]]
    await changed(tx, update(Delivery).where(Delivery.id.in_(others)).values(due_at=None, failure="summarised"))
    first = update(Delivery).where(Delivery.id == rows[0].id)
    told = {"kind": "waited", "facts": {**facts, "counts": counts}, "episode_id": None, "due_at": now}
    await changed(tx, first.values(**told, **_FREE))
    return len(rows)


def _counted(row: Delivery) -> dict[str, int]:
    if row.kind in {"gap", "waited"}:
        return dict(row.facts["counts"])
    if row.kind in {"change", "summary"}:
        return {str(row.facts["kind"]): int(row.facts.get("count", 1))}
    return {}

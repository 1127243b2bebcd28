"""Where news goes: what may be shown there, and the pause while nothing can be."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import leases
from storage.statements import changed
from storage.tables.alerts import ChannelClass, HoldEpisodeRow, MirroredCustomer, MirrorStateRow, SubscriptionRow
from storage.tables.core import Lease


async def figures_class(tx: AsyncSession, *, workspace_id: str, channel_id: str) -> str | None:
    """What an admin raised this channel to, if any did."""
    row = await tx.get(ChannelClass, (workspace_id, channel_id), populate_existing=True)
    return row.figures_class if row is not None else None


async def pause(
    tx: AsyncSession, *, workspace_id: str, target_id: str, reason: str, now: datetime
) -> list[SubscriptionRow]:
    """Pause every subscription of a target that runs; returns those. Who paused their own keeps their reason."""
    running = (
        SubscriptionRow.workspace_id == workspace_id,
        SubscriptionRow.target_id == target_id,
        SubscriptionRow.paused_reason == "",
    )
    statement = update(SubscriptionRow).where(*running).values(paused_reason=reason, paused_since=now)
    paused = await tx.scalars(statement.returning(SubscriptionRow), execution_options={"synchronize_session": False})
    return list(paused)


async def pause_owned(
    tx: AsyncSession, *, workspace_id: str, owner: str, reason: str, now: datetime
) -> list[SubscriptionRow]:
    """The same for every subscription of a person's for channels."""
    running = (
        SubscriptionRow.workspace_id == workspace_id,
        SubscriptionRow.owner == owner,
        SubscriptionRow.is_personal.is_(False),
        SubscriptionRow.paused_reason == "",
    )
    statement = update(SubscriptionRow).where(*running).values(paused_reason=reason, paused_since=now)
    paused = await tx.scalars(statement.returning(SubscriptionRow), execution_options={"synchronize_session": False})
    return list(paused)


async def resume(
    tx: AsyncSession,
    *,
    workspace_id: str,
    target_id: str,
    reasons: Collection[str],
    owners: Collection[str] | None = None,
) -> datetime | None:
    """End the pauses that have one of these reasons; returns since when the longest lasted, None for none.

    With `owners` only those of theirs.
    """
    held = (
        *(() if owners is None else (SubscriptionRow.owner.in_(owners),)),
        SubscriptionRow.workspace_id == workspace_id,
        SubscriptionRow.target_id == target_id,
        SubscriptionRow.paused_reason.in_(reasons),
    )
    since = list(await tx.scalars(select(SubscriptionRow.paused_since).where(*held)))
    resumed = await changed(tx, update(SubscriptionRow).where(*held).values(paused_reason="", paused_since=None))
    return min((each for each in since if each is not None), default=None) if resumed else None


async def paused(tx: AsyncSession, *, reasons: Collection[str], now: datetime, limit: int) -> list[tuple[str, str]]:
    """(workspace, target) of the pauses that have one of these reasons, where it is time to look again."""
    name = literal("look:") + SubscriptionRow.workspace_id + ":" + SubscriptionRow.target_id
    statement = (
        select(SubscriptionRow.workspace_id, SubscriptionRow.target_id)
        .where(SubscriptionRow.paused_reason.in_(reasons))
        .where(~select(Lease.name).where(Lease.name == name, Lease.until > now).exists())
    )
    return [(row.workspace_id, row.target_id) for row in await tx.execute(statement.distinct().limit(limit))]


async def wanted(tx: AsyncSession, *, workspace_id: str, target_id: str) -> list[tuple[bool, int, str]]:
    """(is it a person, company, owner) of what is subscribed for this target; empty when nothing is any more."""
    statement = select(SubscriptionRow.is_personal, SubscriptionRow.company_pk, SubscriptionRow.owner).distinct()
    named = (SubscriptionRow.workspace_id == workspace_id, SubscriptionRow.target_id == target_id)
    found = await tx.execute(statement.where(*named).order_by(SubscriptionRow.company_pk))
    return [(row.is_personal, row.company_pk, row.owner) for row in found]


async def read_at(tx: AsyncSession, *, company_pk: int) -> datetime | None:
    """When the mirror of a company was last known to be true."""
    return await tx.scalar(select(MirrorStateRow.synced_at).where(MirrorStateRow.company_pk == company_pk))


async def held(tx: AsyncSession, *, company_pk: int) -> list[tuple[MirroredCustomer, HoldEpisodeRow | None]]:
    """Every account on hold, each with its stay."""
    open_one = (
        (HoldEpisodeRow.company_pk == MirroredCustomer.company_pk)
        & (HoldEpisodeRow.customer_id == MirroredCustomer.customer_id)
        & HoldEpisodeRow.closed_at.is_(None)
    )
    statement = select(MirroredCustomer, HoldEpisodeRow).outerjoin(HoldEpisodeRow, open_one)
    on_hold = statement.where(MirroredCustomer.company_pk == company_pk, MirroredCustomer.on_hold.is_(True))
    return [(row[0], row[1]) for row in await tx.execute(on_hold)]


async def released(
    tx: AsyncSession, *, company_pk: int, since: datetime, until: datetime
) -> list[tuple[MirroredCustomer, HoldEpisodeRow]]:
    """The stays that ended in between, of accounts that are not on hold again."""
    statement = (
        select(MirroredCustomer, HoldEpisodeRow)
        .join(
            HoldEpisodeRow,
            (HoldEpisodeRow.company_pk == MirroredCustomer.company_pk)
            & (HoldEpisodeRow.customer_id == MirroredCustomer.customer_id),
        )
        .where(MirroredCustomer.company_pk == company_pk, MirroredCustomer.on_hold.is_(False))
        .where(HoldEpisodeRow.closed_at > since, HoldEpisodeRow.closed_at <= until)
        .order_by(MirroredCustomer.reference, HoldEpisodeRow.id)
    )
    return [(row[0], row[1]) for row in await tx.execute(statement)]


def look(workspace_id: str, target_id: str) -> str:
    """The name of the lease that keeps a paused target from being looked at again too soon."""
    return f"look:{workspace_id}:{target_id}"


async def look_later(tx: AsyncSession, *, workspace_id: str, target_id: str, until: datetime) -> None:
    """Not again before then."""
    await leases.lengthen(tx, look(workspace_id, target_id), until=until)


async def look_now(tx: AsyncSession, *, workspace_id: str, target_id: str) -> None:
    """Something happened there: look as soon as may be."""
    await changed(tx, delete(Lease).where(Lease.name == look(workspace_id, target_id)))

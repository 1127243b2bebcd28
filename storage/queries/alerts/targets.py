"""Queries of alert targets: a channel's class, paused subscriptions, and how fresh the mirror is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Integer, Select, String, and_, delete, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queries import leases
from storage.statements import Listed, changed, in_turn, table_of
from storage.tables.alerts import ChannelClass, MirrorStateRow, SubscriptionRow
from storage.tables.core import LeaseRow


class ChannelOfCompany(NamedTuple):
    """A channel in which a company is told of: the same channel may be shown more of another company."""

    workspace_id: str
    company_pk: int
    channel_id: str


def figures_classes(connection: Connection, places: Collection[ChannelOfCompany]) -> dict[ChannelOfCompany, str]:
    """Return the classes that admins gave these channels; a channel without one is left out."""
    listed, statement = _CLASSES[connection.dialect.name]
    found = connection.execute(statement, listed.given(places))
    return {ChannelOfCompany(row[0], row[1], row[2]): row[3] for row in found}


def _classes(dialect: str) -> tuple[Listed, Select[str, int, str, str]]:
    """Return the question for the classes of the channels listed, and their list."""
    listed = Listed(dialect, workspace_id=String, company_pk=Integer, channel_id=String)
    table = table_of(ChannelClass)
    keys = [table.c[name] for name in listed.c]
    found = select(*keys, table.c.figures_class).select_from(listed.table)
    return listed, found.join(table, and_(*(key == listed.c[key.name] for key in keys)))


async def request_channels(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> list[str]:
    """Return the channels in which a company's requests are posted."""
    named = (ChannelClass.workspace_id == workspace_id, ChannelClass.company_pk == company_pk)
    statement = select(ChannelClass.channel_id).where(*named, ChannelClass.takes_requests)
    return list(await tx.scalars(statement.order_by(ChannelClass.channel_id)))


async def pause(
    tx: AsyncSession, *, workspace_id: str, target_id: str, reason: str, now: datetime
) -> list[SubscriptionRow]:
    """Pause and return the running subscriptions of a target; those paused already keep their reason."""
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
    """Pause and return the running channel subscriptions of a user."""
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
    """End the pauses with one of these reasons. Return since when the longest lasted; None if there was none.

    With `owners`, only subscriptions of these users.
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
    """Return (workspace, target) of the pauses with one of these reasons that are due for another look."""
    name = literal("look:") + SubscriptionRow.workspace_id + ":" + SubscriptionRow.target_id
    statement = (
        select(SubscriptionRow.workspace_id, SubscriptionRow.target_id)
        .where(SubscriptionRow.paused_reason.in_(reasons))
        .where(~select(LeaseRow.name).where(LeaseRow.name == name, LeaseRow.until > now).exists())
    )
    place = (SubscriptionRow.workspace_id, SubscriptionRow.target_id)
    ordered = statement.group_by(*place).order_by(in_turn(*place), *place).limit(limit)
    return [(row.workspace_id, row.target_id) for row in await tx.execute(ordered)]


async def wanted(tx: AsyncSession, *, workspace_id: str, target_id: str) -> list[tuple[bool, int, str]]:
    """Return (is personal, company, owner) of the target's subscriptions; empty when there is none."""
    statement = select(SubscriptionRow.is_personal, SubscriptionRow.company_pk, SubscriptionRow.owner).distinct()
    named = (SubscriptionRow.workspace_id == workspace_id, SubscriptionRow.target_id == target_id)
    found = await tx.execute(statement.where(*named).order_by(SubscriptionRow.company_pk))
    return [(row.is_personal, row.company_pk, row.owner) for row in found]


async def read_at(tx: AsyncSession, *, company_pk: int) -> datetime | None:
    """Return when the company's mirror was last known to match Sage."""
    return await tx.scalar(select(MirrorStateRow.synced_at).where(MirrorStateRow.company_pk == company_pk))


def look(workspace_id: str, target_id: str) -> str:
    """Return the name of the lease that keeps a paused target from being looked at again too soon."""
    return f"look:{workspace_id}:{target_id}"


async def look_later(tx: AsyncSession, *, workspace_id: str, target_id: str, until: datetime) -> None:
    """Keep the target from being looked at before `until`."""
    await leases.lengthen(tx, look(workspace_id, target_id), until=until)


def is_put_off(connection: Connection, *, workspace_id: str, target_id: str) -> bool:
    """Return whether something keeps the target from being looked at."""
    return leases.is_there(connection, look(workspace_id, target_id))


async def look_now(tx: AsyncSession, *, workspace_id: str, target_id: str) -> None:
    """Let the target be looked at as soon as possible."""
    await changed(tx, delete(LeaseRow).where(LeaseRow.name == look(workspace_id, target_id)))


_CLASSES = {dialect: _classes(dialect) for dialect in ("sqlite", "postgresql")}

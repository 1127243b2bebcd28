"""Renewing a pair of tokens, one process at a time: lease, intent, compare-and-swap; for Sage and Slack alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed
from storage.tables.core import Connection, Workspace


@dataclass(frozen=True, slots=True)
class TokenRow:
    """The row whose tokens are renewed. Always of one workspace."""

    model: type[Connection] | type[Workspace]
    named: ColumnElement[bool]


def of_connection(workspace_id: str, connection_id: str) -> TokenRow:
    """A person's Sage tokens."""
    return TokenRow(Connection, (Connection.workspace_id == workspace_id) & (Connection.id == connection_id))


def of_workspace(workspace_id: str) -> TokenRow:
    """The workspace's Slack tokens."""
    return TokenRow(Workspace, Workspace.id == workspace_id)


async def lease(tx: AsyncSession, place: TokenRow, *, owner: str, now: datetime, until: datetime) -> bool:
    """Take the renewal and write down the intent: True for one owner, until it lets go or its time is up.

    The row falls due when the lease ends, so that the worker finds what a killed process left.
    """
    row = place.model
    free = or_(row.lease_until.is_(None), row.lease_until <= now)
    statement = update(row).where(place.named, free, row.refresh_token_column().is_not(None))
    taken = statement.values(
        lease_owner=owner,
        lease_until=until,
        refresh_due_at=until,
        refresh_began_at=func.coalesce(row.refresh_began_at, now),
    )
    return await changed(tx, taken) == 1


async def extend(tx: AsyncSession, place: TokenRow, *, owner: str, until: datetime) -> bool:
    """Hold on for longer. False: it is another's by now, so nothing more may be sent."""
    row = place.model
    statement = update(row).where(place.named, row.lease_owner == owner)
    return await changed(tx, statement.values(lease_until=until, refresh_due_at=until)) == 1


async def store(tx: AsyncSession, place: TokenRow, *, expected_version: int, due_at: datetime, **pair: Any) -> bool:
    """Store the new pair over the one it was traded for, and let go. False: that one is not there any more.

    The version alone decides, not the lease: a pair in hand is worth more than a turn that was lost meanwhile.
    """
    row = place.model
    statement = update(row).where(
        place.named, row.token_version == expected_version, row.refresh_token_column().is_not(None)
    )
    renewed = {"token_version": expected_version + 1, "refresh_due_at": due_at, "failures": 0, **_LET_GO, **pair}
    return await changed(tx, statement.values(**renewed, refresh_began_at=None)) == 1


async def release(tx: AsyncSession, place: TokenRow, *, owner: str, due_at: datetime | None) -> None:
    """Nothing was to be renewed after all."""
    row = place.model
    statement = update(row).where(place.named, row.lease_owner == owner)
    await changed(tx, statement.values(**_LET_GO, refresh_due_at=due_at, refresh_began_at=None))


async def reschedule(
    tx: AsyncSession, place: TokenRow, *, owner: str, due_at: datetime, answer_lost: bool, **trouble: Any
) -> None:
    """It did not work this time. `answer_lost` keeps the intent: the old token may have been traded already."""
    row = place.model
    began = row.refresh_began_at if answer_lost else None
    statement = update(row).where(place.named, row.lease_owner == owner)
    later = {"refresh_due_at": due_at, "failures": row.failures + 1, "refresh_began_at": began, **_LET_GO, **trouble}
    await changed(tx, statement.values(**later))


async def due_connections(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, str, int]]:
    """(workspace id, connection id, version) of the Sage sign-ins to renew, the longest due first.

    Before all of them those whose answer may have been lost: their old token may work for some seconds only.
    """
    statement = select(Connection.workspace_id, Connection.id, Connection.token_version).where(_due(Connection, now))
    ordered = statement.order_by(Connection.refresh_began_at.is_(None), Connection.refresh_due_at, Connection.id)
    found = await tx.execute(ordered.limit(limit))
    return [(row.workspace_id, row.id, row.token_version) for row in found]


async def due_workspaces(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """(workspace id, version) of the Slack tokens to renew, the longest due first."""
    statement = select(Workspace.id, Workspace.token_version).where(_due(Workspace, now))
    ordered = statement.order_by(Workspace.refresh_due_at, Workspace.id).limit(limit)
    return [(row.id, row.token_version) for row in await tx.execute(ordered)]


def _due(row: type[Connection] | type[Workspace], now: datetime) -> ColumnElement[bool]:
    # A hint: the lease decides.
    free = or_(row.lease_until.is_(None), row.lease_until <= now)
    return and_(row.refresh_due_at <= now, free)


_LET_GO: dict[str, Any] = {"lease_owner": None, "lease_until": None}

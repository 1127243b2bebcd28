"""Queries of a token refresh: lease, intent, compare-and-swap; for Sage and Slack alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import changed, in_turn
from storage.tables.core import Connection, Workspace


@dataclass(frozen=True, slots=True)
class TokenRow:
    """The row whose tokens are refreshed, always of one workspace."""

    model: type[Connection] | type[Workspace]
    where: ColumnElement[bool]


def of_connection(workspace_id: str, connection_id: str) -> TokenRow:
    """Return the row of a user's Sage tokens."""
    return TokenRow(Connection, (Connection.workspace_id == workspace_id) & (Connection.id == connection_id))


def of_workspace(workspace_id: str) -> TokenRow:
    """Return the row of a workspace's Slack tokens."""
    return TokenRow(Workspace, Workspace.id == workspace_id)


async def lease(tx: AsyncSession, row: TokenRow, *, owner: str, now: datetime, until: datetime) -> bool:
    """Take the refresh lease and write down the intent. Return True for one owner, until release or `until`."""
    model = row.model
    free = or_(model.lease_until.is_(None), model.lease_until <= now)
    statement = update(model).where(row.where, free, model.refresh_token_column().is_not(None))
    # The row falls due when the lease ends, so the worker finds what a killed process left.
    taken = statement.values(
        lease_owner=owner,
        lease_until=until,
        refresh_due_at=until,
        refresh_began_at=func.coalesce(model.refresh_began_at, now),
    )
    return await changed(tx, taken) == 1


async def extend(tx: AsyncSession, row: TokenRow, *, owner: str, until: datetime) -> bool:
    """Extend the lease. Return False if another owner has it: then send nothing more."""
    model = row.model
    statement = update(model).where(row.where, model.lease_owner == owner)
    return await changed(tx, statement.values(lease_until=until, refresh_due_at=until)) == 1


async def store(tx: AsyncSession, row: TokenRow, *, expected_version: int, due_at: datetime, **pair: Any) -> bool:
    """Store the new pair if the row still has `expected_version`, and release the lease. Return False otherwise."""
    model = row.model
    # The version decides, not the lease: a pair in hand is worth more than a lease that was lost meanwhile.
    statement = update(model).where(
        row.where, model.token_version == expected_version, model.refresh_token_column().is_not(None)
    )
    refreshed = {"token_version": expected_version + 1, "refresh_due_at": due_at, "failures": 0, **_NO_LEASE, **pair}
    return await changed(tx, statement.values(**refreshed, refresh_began_at=None)) == 1


async def release(tx: AsyncSession, row: TokenRow, *, owner: str, due_at: datetime | None) -> None:
    """Release the lease without a new pair."""
    model = row.model
    statement = update(model).where(row.where, model.lease_owner == owner)
    await changed(tx, statement.values(**_NO_LEASE, refresh_due_at=due_at, refresh_began_at=None))


async def reschedule(
    tx: AsyncSession, row: TokenRow, *, owner: str, due_at: datetime, answer_lost: bool, **trouble: Any
) -> None:
    """Set the next try after a failure, and release the lease. `answer_lost` keeps the intent."""
    model = row.model
    # After a lost answer the service may have replaced the old token already.
    began = model.refresh_began_at if answer_lost else None
    statement = update(model).where(row.where, model.lease_owner == owner)
    later = {
        "refresh_due_at": due_at,
        "failures": model.failures + 1,
        "refresh_began_at": began,
        **_NO_LEASE,
        **trouble,
    }
    await changed(tx, statement.values(**later))


async def due_connections(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, str, int]]:
    """Return (workspace id, connection id, version) of the Sage pairs to refresh, a workspace's longest due first."""
    statement = select(Connection.workspace_id, Connection.id, Connection.token_version).where(_due(Connection, now))
    # Those with a lost answer come first: their old token may work for some seconds only.
    longest = (Connection.refresh_began_at.is_(None), Connection.refresh_due_at, Connection.id)
    ordered = statement.order_by(longest[0], in_turn(Connection.workspace_id, *longest), *longest[1:])
    found = await tx.execute(ordered.limit(limit))
    return [(row.workspace_id, row.id, row.token_version) for row in found]


async def due_workspaces(tx: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Return (workspace id, version) of the Slack pairs to refresh, the longest due first."""
    statement = select(Workspace.id, Workspace.token_version).where(_due(Workspace, now))
    ordered = statement.order_by(Workspace.refresh_due_at, Workspace.id).limit(limit)
    return [(row.id, row.token_version) for row in await tx.execute(ordered)]


def _due(model: type[Connection] | type[Workspace], now: datetime) -> ColumnElement[bool]:
    # Not a guarantee: the lease decides.
    free = or_(model.lease_until.is_(None), model.lease_until <= now)
    return and_(model.refresh_due_at <= now, free)


_NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_until": None}

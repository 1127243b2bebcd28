"""Connections: each person's Sage sign-in in a workspace, the company they chose, and the renewal of their tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete as delete_from
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from storage.cipher import SealedText
from storage.models import CONNECTED, RECONNECT_NEEDED, Company, Connection, Workspace
from storage.rows import changed, one, upsert


async def save(
    tx: AsyncSession,
    *,
    connection_id: str,
    workspace_id: str,
    user_id: str,
    access_token_sealed: SealedText,
    refresh_token_sealed: SealedText,
    access_expires_at: datetime,
    now: datetime,
) -> Connection:
    """Connect, or connect again: the person's connection keeps its id and company, and `connection_id` is not used."""
    fresh = {
        "state": CONNECTED,
        "state_reason": "",
        "state_since": now,
        "access_token_sealed": access_token_sealed,
        "refresh_token_sealed": refresh_token_sealed,
        "access_expires_at": access_expires_at,
        "lease_owner": None,
        "lease_until": None,
        "connected_at": now,
        "renewed_at": now,
    }
    values = {"id": connection_id, "workspace_id": workspace_id, "user_id": user_id, "token_version": 1, **fresh}
    again = {**fresh, "token_version": Connection.token_version + 1}
    return await upsert(tx, Connection, on=["workspace_id", "user_id"], values=values, instead=again)


async def of_user(tx: AsyncSession, *, workspace_id: str, user_id: str) -> Connection | None:
    """A person's connection."""
    return await one(
        tx, select(Connection).where(Connection.workspace_id == workspace_id, Connection.user_id == user_id)
    )


async def by_id(tx: AsyncSession, *, workspace_id: str, connection_id: str) -> Connection | None:
    """A connection of this workspace."""
    return await one(tx, select(Connection).where(_named(workspace_id, connection_id)))


async def choose_company(
    tx: AsyncSession,
    *,
    workspace_id: str,
    connection_id: str,
    edition: str,
    site_id: str,
    company_id: int,
    company_name: str,
    site_name: str,
) -> Company:
    """Point the connection at a company, and learn the company's present names."""
    key = {"workspace_id": workspace_id, "edition": edition, "site_id": site_id, "company_id": company_id}
    names = {"company_name": company_name, "site_name": site_name}
    company = await upsert(tx, Company, on=list(key), values={**key, **names}, instead=names)
    await changed(tx, update(Connection).where(_named(workspace_id, connection_id)).values(company_pk=company.id))
    return company


async def company_of(tx: AsyncSession, *, workspace_id: str, connection_id: str) -> Company | None:
    """The company that the connection is pointed at."""
    chosen = select(Connection.company_pk).where(_named(workspace_id, connection_id)).scalar_subquery()
    return await one(tx, select(Company).where(Company.id == chosen))


async def lease(
    tx: AsyncSession, *, workspace_id: str, connection_id: str, owner: str, now: datetime, until: datetime
) -> bool:
    """Take the renewal of these tokens: True for one owner, until it lets go or its time is up."""
    free = or_(Connection.lease_until.is_(None), Connection.lease_until <= now)
    statement = update(Connection).where(_named(workspace_id, connection_id), free)
    return await changed(tx, statement.values(lease_owner=owner, lease_until=until)) == 1


async def release(tx: AsyncSession, *, workspace_id: str, connection_id: str, owner: str) -> None:
    """Let go; nothing happens if another holds it by now."""
    statement = update(Connection).where(_named(workspace_id, connection_id), Connection.lease_owner == owner)
    await changed(tx, statement.values(lease_owner=None, lease_until=None))


async def store_renewed(
    tx: AsyncSession,
    *,
    workspace_id: str,
    connection_id: str,
    owner: str,
    expected_version: int,
    access_token_sealed: SealedText,
    refresh_token_sealed: SealedText,
    access_expires_at: datetime,
    now: datetime,
) -> bool:
    """Store the new pair and let go of the lease. False: the lease or the tokens are another's by now."""
    statement = (
        update(Connection)
        .where(
            _named(workspace_id, connection_id),
            Connection.lease_owner == owner,
            Connection.token_version == expected_version,
        )
        .values(
            access_token_sealed=access_token_sealed,
            refresh_token_sealed=refresh_token_sealed,
            access_expires_at=access_expires_at,
            token_version=expected_version + 1,
            renewed_at=now,
            lease_owner=None,
            lease_until=None,
        )
    )
    return await changed(tx, statement) == 1


async def mark_reconnect_needed(
    tx: AsyncSession, *, workspace_id: str, connection_id: str, expected_version: int, reason: str, now: datetime
) -> bool:
    """True for the first to notice, so its owner is told once; False also if there are newer tokens by now."""
    # The lease is left alone: its holder may be about to store a pair that Sage honours.
    statement = update(Connection).where(
        _named(workspace_id, connection_id),
        Connection.token_version == expected_version,
        Connection.state == CONNECTED,
    )
    marked = statement.values(state=RECONNECT_NEEDED, state_reason=reason, state_since=now)
    return await changed(tx, marked) == 1


async def delete(tx: AsyncSession, *, workspace_id: str, connection_id: str) -> bool:
    """Erase it at once; it no longer answers for the workspace either."""
    gone = await changed(tx, delete_from(Connection).where(_named(workspace_id, connection_id)))
    answering = (Workspace.id == workspace_id, Workspace.workspace_connection_id == connection_id)
    await changed(tx, update(Workspace).where(*answering).values(workspace_connection_id=None))
    return gone == 1


async def due_for_renewal(
    tx: AsyncSession, *, before: datetime, limit: int, now: datetime | None = None
) -> list[Connection]:
    """Connected ones whose access token ends before a moment, soonest first.

    Leases still live at `now` are left out; without it, those that outlast `before`. It is a hint: `lease` decides.
    """
    free = or_(Connection.lease_until.is_(None), Connection.lease_until <= (now or before))
    statement = (
        select(Connection)
        .where(Connection.state == CONNECTED, Connection.access_expires_at < before, free)
        .order_by(Connection.access_expires_at, Connection.id)
        .limit(limit)
    )
    return list(await tx.scalars(statement, execution_options={"populate_existing": True}))


def _named(workspace_id: str, connection_id: str) -> ColumnElement[bool]:
    return (Connection.workspace_id == workspace_id) & (Connection.id == connection_id)

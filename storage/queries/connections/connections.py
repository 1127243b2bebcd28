"""Queries of connections: each user's Sage sign-in in a workspace, its state, and the chosen company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.cipher import SealedText
from storage.statements import changed, one, upsert
from storage.tables.core import (
    CONNECTED,
    DISCONNECTED,
    PAUSED,
    PENDING,
    RECONNECT_NEEDED,
    CompanyRow,
    Connection,
    ConnectLink,
)


async def save(
    tx: AsyncSession,
    *,
    connection_id: str,
    workspace_id: str,
    user_id: str,
    sign_in_id: str,
    subject_hash: str | None,
    access_token_sealed: SealedText,
    refresh_token_sealed: SealedText,
    access_expires_at: datetime,
    due_at: datetime,
    told_founding: bool = False,
    now: datetime,
) -> Connection:
    """Connect, or connect again: an existing connection keeps its id, and `connection_id` is not used.

    The company is kept for the same Sage ID alone.
    """
    fresh = {
        **_state(CONNECTED, "", now),
        "sign_in_id": sign_in_id,
        "subject_hash": subject_hash,
        "access_token_sealed": access_token_sealed,
        "refresh_token_sealed": refresh_token_sealed,
        "access_expires_at": access_expires_at,
        "refresh_due_at": due_at,
        "refresh_began_at": None,
        "failures": 0,
        "lease_owner": None,
        "lease_until": None,
        "connected_at": now,
        "refreshed_at": now,
        "told_founding": told_founding,
    }
    values = {"id": connection_id, "workspace_id": workspace_id, "user_id": user_id, "token_version": 1, **fresh}
    is_same = _same(Connection.subject_hash, subject_hash)
    again = {
        **fresh,
        "token_version": Connection.token_version + 1,
        # Another Sage ID may not open the company, nor one that isn't known to be the same.
        "company_pk": case((is_same, Connection.company_pk), else_=None),
        "figures_seen_at": case((is_same, Connection.figures_seen_at), else_=None),
    }
    return await upsert(tx, Connection, on=["workspace_id", "user_id"], values=values, instead=again)


async def of_user(tx: AsyncSession, *, workspace_id: str, user_id: str) -> Connection | None:
    """Return a user's connection."""
    return await one(tx, select(Connection).where(_of(workspace_id, user_id)))


async def states(tx: AsyncSession, *, workspace_id: str) -> dict[str, str]:
    """Return the state of every user's sign-in that isn't disconnected, by user id."""
    statement = select(Connection.user_id, Connection.state).where(
        Connection.workspace_id == workspace_id, Connection.state != DISCONNECTED
    )
    return {row.user_id: row.state for row in await tx.execute(statement)}


async def by_id(tx: AsyncSession, *, workspace_id: str, connection_id: str) -> Connection | None:
    """Return a connection of this workspace."""
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
) -> CompanyRow:
    """Point the connection at a company, and store the company's present names."""
    company = await store_company(
        tx,
        workspace_id=workspace_id,
        edition=edition,
        site_id=site_id,
        company_id=company_id,
        company_name=company_name,
        site_name=site_name,
    )
    seen = case((Connection.company_pk == company.id, Connection.figures_seen_at), else_=None)
    chosen = {"company_pk": company.id, "figures_seen_at": seen}
    await changed(tx, update(Connection).where(_named(workspace_id, connection_id)).values(**chosen))
    return company


async def store_company(
    tx: AsyncSession,
    *,
    workspace_id: str,
    edition: str,
    site_id: str,
    company_id: int,
    company_name: str,
    site_name: str,
) -> CompanyRow:
    """Store a company with its present names, and return its row."""
    key = {"workspace_id": workspace_id, "edition": edition, "site_id": site_id, "company_id": company_id}
    names = {"company_name": company_name, "site_name": site_name}
    return await upsert(tx, CompanyRow, on=list(key), values={**key, **names}, instead=names)


async def note_opens(
    tx: AsyncSession, *, workspace_id: str, connection_id: str, opens: Sequence[Sequence[str]]
) -> None:
    """Store which companies Sage lists for a connection."""
    listed = [list(each) for each in opens]
    await changed(tx, update(Connection).where(_named(workspace_id, connection_id)).values(opens=listed))


async def note_ways(
    tx: AsyncSession,
    *,
    workspace_id: str,
    edition: str,
    site_id: str,
    company_id: int,
    lacks: Sequence[str],
    change_names_customer: bool,
) -> None:
    """Store how the company's Sage turned out to be asked."""
    key = {"workspace_id": workspace_id, "edition": edition, "site_id": site_id, "company_id": company_id}
    ways = {"lacks": list(lacks), "change_names_customer": change_names_customer}
    await tx.execute(update(CompanyRow).filter_by(**key).values(**ways))


async def note_figures(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    connection_id: str,
    sign_in_id: str,
    seen_at: datetime | None,
) -> bool:
    """Store when Sage last showed this sign-in customers of this company, or (None) that it refused.

    Return False, storing nothing, where the connection has another sign-in or company by now.
    """
    statement = update(Connection).where(
        _named(workspace_id, connection_id), Connection.sign_in_id == sign_in_id, Connection.company_pk == company_pk
    )
    return await changed(tx, statement.values(figures_seen_at=seen_at)) == 1


async def company_of(tx: AsyncSession, *, workspace_id: str, connection_id: str) -> CompanyRow | None:
    """Return the company that the connection points at."""
    chosen = select(Connection.company_pk).where(_named(workspace_id, connection_id)).scalar_subquery()
    return await one(tx, select(CompanyRow).where(CompanyRow.id == chosen))


async def mark_reconnect_needed(
    tx: AsyncSession, *, workspace_id: str, connection_id: str, expected_version: int, reason: str, now: datetime
) -> bool:
    """Mark the sign-in as ended. Return True for the first caller; False if there are newer tokens by now."""
    # The lease is left alone: its holder may be about to store a pair that Sage honours.
    statement = update(Connection).where(
        _named(workspace_id, connection_id),
        Connection.token_version == expected_version,
        Connection.state == CONNECTED,
    )
    ended = {**_state(RECONNECT_NEEDED, reason, now), "refresh_due_at": None, "refresh_began_at": None}
    return await changed(tx, statement.values(**ended)) == 1


async def pause(tx: AsyncSession, *, workspace_id: str, user_id: str, reason: str, now: datetime) -> Connection | None:
    """Stop using the connection, keeping its tokens. Return it to the first caller only."""
    statement = update(Connection).where(_of(workspace_id, user_id), Connection.state == CONNECTED)
    paused = statement.values(**_state(PAUSED, reason, now), refresh_due_at=None)
    found = await changed(tx, paused) == 1
    return await of_user(tx, workspace_id=workspace_id, user_id=user_id) if found else None


async def resume(tx: AsyncSession, *, workspace_id: str, user_id: str, now: datetime) -> Connection | None:
    """Use a paused connection again, its token due for a refresh at once. Return it to the first caller only."""
    # One whose tokens were erased after the retention can't come back: its owner connects again.
    statement = update(Connection).where(
        _of(workspace_id, user_id), Connection.state == PAUSED, Connection.refresh_token_sealed.is_not(None)
    )
    found = await changed(tx, statement.values(**_state(CONNECTED, "", now), refresh_due_at=now)) == 1
    return await of_user(tx, workspace_id=workspace_id, user_id=user_id) if found else None


async def disconnect(tx: AsyncSession, *, workspace_id: str, connection_id: str, reason: str, now: datetime) -> bool:
    """Erase the connection's tokens. Return False if it was disconnected.

    The workspace goes on naming it: whose sign-in is missing, and since when, is what colleagues are told.
    """
    live = (_named(workspace_id, connection_id), Connection.state != DISCONNECTED)
    return await changed(tx, update(Connection).where(*live).values(**_erased(reason, now))) == 1


async def disconnect_all(tx: AsyncSession, *, workspace_id: str, reason: str, now: datetime) -> None:
    """Erase the tokens of every connection of a workspace."""
    live = (Connection.workspace_id == workspace_id, Connection.state != DISCONNECTED)
    await changed(tx, update(Connection).where(*live).values(**_erased(reason, now)))


async def shares_sage_id(
    tx: AsyncSession, *, subject_hash: str | None, workspace_id: str, user_id: str, but: str = ""
) -> bool:
    """Return whether another live sign-in, in any workspace, has the same Sage ID; `but` is the row at hand."""
    connection = exists().where(
        Connection.id != but,
        Connection.refresh_token_sealed.is_not(None),
        Connection.state != RECONNECT_NEEDED,
        or_(_of(workspace_id, user_id), _same(Connection.subject_hash, subject_hash)),
    )
    waiting = exists().where(
        ConnectLink.id != but,
        ConnectLink.refresh_token_sealed.is_not(None),
        ConnectLink.stage == PENDING,
        _same(ConnectLink.subject_hash, subject_hash),
    )
    # Only a yes or no leaves: no data of the other workspace does.
    return bool(await tx.scalar(select(or_(connection, waiting))))


async def living(
    tx: AsyncSession, *, connected_before: datetime, after: str = "", limit: int = 500
) -> list[Connection]:
    """Return connected sign-ins that began before a moment, by id, beyond the id given."""
    statement = select(Connection).where(
        Connection.state == CONNECTED, Connection.connected_at <= connected_before, Connection.id > after
    )
    return list(await tx.scalars(statement.order_by(Connection.id).limit(limit)))


def _state(state: str, reason: str, now: datetime) -> dict[str, Any]:
    return {"state": state, "state_reason": reason, "state_since": now, "trouble": None, "trouble_since": None}


def _erased(reason: str, now: datetime) -> dict[str, Any]:
    tokens: dict[str, Any] = {
        "access_token_sealed": None,
        "refresh_token_sealed": None,
        "subject_hash": None,
        "figures_seen_at": None,
        "opens": [],
    }
    return {**_state(DISCONNECTED, reason, now), **tokens, "refresh_due_at": None, "refresh_began_at": None}


def _same(column: InstrumentedAttribute[str | None], subject_hash: str | None) -> ColumnElement[bool]:
    return column == subject_hash if subject_hash else false()


def _of(workspace_id: str, user_id: str) -> ColumnElement[bool]:
    return (Connection.workspace_id == workspace_id) & (Connection.user_id == user_id)


def _named(workspace_id: str, connection_id: str) -> ColumnElement[bool]:
    return (Connection.workspace_id == workspace_id) & (Connection.id == connection_id)

"""Queries of connect links and their stages: offered, opened, returned, pending, verified; or dead.

Each step is one conditional UPDATE: the caller whose UPDATE changes the row took the step.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.cipher import SealedText
from storage.statements import changed, in_turn, one
from storage.tables.core import DEAD, OFFERED, OPENED, PENDING, RETURNED, VERIFIED, ConnectLink, Workspace

_NO_TOKENS: dict[str, Any] = {"access_token_sealed": None, "refresh_token_sealed": None, "access_expires_at": None}
_NO_SECRETS: dict[str, Any] = {"verifier_sealed": None, "code_sealed": None}
# After an uninstall no token may be stored, not even one that was on its way.
_INSTALLED = exists().where(Workspace.id == ConnectLink.workspace_id, Workspace.uninstalled_at.is_(None))


async def offer(
    tx: AsyncSession,
    *,
    workspace_id: str,
    team_id: str,
    user_id: str,
    user_name: str = "",
    ticket_hash: str,
    told_founding: bool,
    now: datetime,
    expires_at: datetime,
) -> ConnectLink:
    """Add a link. Kill the user's older links that are offered or opened."""
    await changed(tx, _killing(_of_person(workspace_id, user_id), ConnectLink.stage.in_([OFFERED, OPENED])))
    row = ConnectLink(
        id=uuid.uuid4().hex,
        workspace_id=workspace_id,
        team_id=team_id,
        user_id=user_id,
        user_name=user_name,
        ticket_hash=ticket_hash,
        told_founding=told_founding,
        stage=OFFERED,
        code_tries=0,
        created_at=now,
        expires_at=expires_at,
    )
    tx.add(row)
    await tx.flush()
    return row


async def by_ticket(tx: AsyncSession, ticket_hash: str) -> ConnectLink | None:
    """Return the link of a ticket, in any stage."""
    return await one(tx, select(ConnectLink).where(ConnectLink.ticket_hash == ticket_hash))


async def by_state(tx: AsyncSession, state_hash: str) -> ConnectLink | None:
    """Return the link of an OAuth state, in any stage."""
    return await one(tx, select(ConnectLink).where(ConnectLink.state_hash == state_hash))


async def start(
    tx: AsyncSession,
    *,
    ticket_hash: str,
    state_hash: str,
    verifier_sealed: SealedText,
    browser_hash: str,
    now: datetime,
) -> bool:
    """Step from offered to opened. Return True for one browser, before the link expires."""
    statement = (
        update(ConnectLink)
        .where(ConnectLink.ticket_hash == ticket_hash, ConnectLink.stage == OFFERED, ConnectLink.expires_at > now)
        .values(
            stage=OPENED,
            opened_at=now,
            state_hash=state_hash,
            verifier_sealed=verifier_sealed,
            browser_hash=browser_hash,
        )
    )
    return await changed(tx, statement) == 1


async def take_return(
    tx: AsyncSession, *, state_hash: str, browser_hash: str, now: datetime, without_code: bool = False
) -> ConnectLink | None:
    """Step from opened to returned. Return the row to one caller, in time and in the browser that opened it.

    Without a code the verifier is erased at once: nothing more comes of the link.
    """
    ended = {"verifier_sealed": None} if without_code else {}
    statement = (
        update(ConnectLink)
        .where(
            ConnectLink.state_hash == state_hash,
            ConnectLink.browser_hash == browser_hash,
            ConnectLink.stage == OPENED,
            ConnectLink.expires_at > now,
        )
        .values(stage=RETURNED, **ended)
    )
    return await by_state(tx, state_hash) if await changed(tx, statement) == 1 else None


async def erase_verifier(tx: AsyncSession, *, sign_in_id: str) -> None:
    """Erase the verifier of a link that returned without a code: nothing more comes of it."""
    this = (ConnectLink.id == sign_in_id, ConnectLink.stage == RETURNED)
    await changed(tx, update(ConnectLink).where(*this).values(verifier_sealed=None))


async def keep_pending(
    tx: AsyncSession,
    *,
    sign_in_id: str,
    access_token_sealed: SealedText,
    refresh_token_sealed: SealedText,
    access_expires_at: datetime,
    code_sealed: SealedText,
    subject_hash: str | None = None,
    told_founding: bool = False,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Step from returned to pending; kill the user's older pending links. Return False if nothing was stored.

    The caller then revokes the tokens.
    """
    statement = (
        update(ConnectLink)
        .where(ConnectLink.id == sign_in_id, ConnectLink.stage == RETURNED, _INSTALLED)
        .values(
            stage=PENDING,
            access_token_sealed=access_token_sealed,
            refresh_token_sealed=refresh_token_sealed,
            access_expires_at=access_expires_at,
            code_sealed=code_sealed,
            subject_hash=subject_hash,
            told_founding=told_founding,
            verifier_sealed=None,
            expires_at=expires_at,
        )
    )
    if await changed(tx, statement) != 1:
        return False
    link = (
        await tx.execute(select(ConnectLink.workspace_id, ConnectLink.user_id).where(ConnectLink.id == sign_in_id))
    ).one()
    older = _of_person(link.workspace_id, link.user_id)
    await changed(tx, _killing(older, ConnectLink.stage == PENDING, ConnectLink.id != sign_in_id))
    return True


async def is_under_way(tx: AsyncSession, *, workspace_id: str, user_id: str, now: datetime) -> bool:
    """Return whether a link of the user's was opened, and the sign-in isn't over yet."""
    going = ConnectLink.stage.in_([OPENED, RETURNED, PENDING])
    statement = select(exists().where(_of_person(workspace_id, user_id), going, ConnectLink.expires_at > now))
    return bool(await tx.scalar(statement))


async def pending_of(tx: AsyncSession, *, workspace_id: str, user_id: str) -> ConnectLink | None:
    """Return the user's newest pending link, expired or not."""
    statement = (
        select(ConnectLink)
        .where(_of_person(workspace_id, user_id), ConnectLink.stage == PENDING)
        .order_by(ConnectLink.expires_at.desc(), ConnectLink.id)
        .limit(1)
    )
    return await one(tx, statement)


async def count_try(tx: AsyncSession, *, sign_in_id: str, most: int) -> bool:
    """Count a try at the code, before the code is compared. Return False if there were `most` already."""
    statement = (
        update(ConnectLink)
        .where(ConnectLink.id == sign_in_id, ConnectLink.stage == PENDING, ConnectLink.code_tries < most)
        .values(code_tries=ConnectLink.code_tries + 1)
    )
    return await changed(tx, statement) == 1


async def give_try_back(tx: AsyncSession, *, sign_in_id: str) -> None:
    """Count a try less, after the code was right: it is compared again when it is used."""
    this = (ConnectLink.id == sign_in_id, ConnectLink.stage == PENDING, ConnectLink.code_tries > 0)
    await changed(tx, update(ConnectLink).where(*this).values(code_tries=ConnectLink.code_tries - 1))


async def take_verified(tx: AsyncSession, *, sign_in_id: str, now: datetime) -> ConnectLink | None:
    """Step from pending to verified. Return the row with its tokens, to one caller and in time."""
    ready = (ConnectLink.id == sign_in_id, ConnectLink.stage == PENDING, ConnectLink.expires_at > now)
    row = await one(tx, select(ConnectLink).where(*ready))
    if row is None:
        return None
    tx.expunge(row)
    statement = update(ConnectLink).where(*ready).values(stage=VERIFIED, **_NO_TOKENS, **_NO_SECRETS)
    return row if await changed(tx, statement) == 1 else None


async def kill(tx: AsyncSession, *, sign_in_id: str) -> None:
    """End the link in any stage. A refresh token stays until it is revoked at Sage ID."""
    await changed(tx, _killing(ConnectLink.id == sign_in_id))


async def to_revoke(tx: AsyncSession, *, now: datetime, limit: int) -> list[ConnectLink]:
    """Return dead or expired links whose refresh token Sage ID still honours, each workspace's oldest first."""
    over = or_(ConnectLink.stage == DEAD, ConnectLink.expires_at <= now)
    statement = select(ConnectLink).where(over, ConnectLink.refresh_token_sealed.is_not(None))
    oldest = (ConnectLink.expires_at, ConnectLink.id)
    ordered = statement.order_by(in_turn(ConnectLink.workspace_id, *oldest), *oldest).limit(limit)
    return list(await tx.scalars(ordered, execution_options={"populate_existing": True}))


async def erase_tokens(tx: AsyncSession, *, sign_in_id: str) -> None:
    """Erase the link's tokens, after they were revoked or given up on."""
    await changed(tx, update(ConnectLink).where(ConnectLink.id == sign_in_id).values(**_NO_TOKENS, **_NO_SECRETS))


async def erase_workspace(tx: AsyncSession, *, workspace_id: str) -> None:
    """Kill all links of an uninstalled workspace and erase their tokens."""
    ours = update(ConnectLink).where(ConnectLink.workspace_id == workspace_id)
    await changed(tx, ours.values(**_NO_TOKENS, **_NO_SECRETS))
    await changed(tx, ours.where(ConnectLink.stage != VERIFIED).values(stage=DEAD))


async def purge(tx: AsyncSession, *, now: datetime) -> int:
    """Delete finished and expired links that hold no refresh token. Return how many."""
    over = or_(ConnectLink.stage.in_([VERIFIED, DEAD]), ConnectLink.expires_at <= now)
    return await changed(tx, delete(ConnectLink).where(over, ConnectLink.refresh_token_sealed.is_(None)))


def _of_person(workspace_id: str, user_id: str) -> ColumnElement[bool]:
    return (ConnectLink.workspace_id == workspace_id) & (ConnectLink.user_id == user_id)


def _killing(*which: ColumnElement[bool]) -> Update:
    erased = {"access_token_sealed": None, "access_expires_at": None, **_NO_SECRETS}
    return update(ConnectLink).where(*which, ConnectLink.stage != VERIFIED).values(stage=DEAD, **erased)

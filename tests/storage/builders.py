"""Rows as the app would write them, and a race to write them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.cipher import SealedText
from storage.database import Database
from storage.queries import connect_links, connections, workspaces
from storage.tables.core import Connection, ConnectLink, Workspace

T = TypeVar("T")
CALLERS = 8
SEALED = SealedText("v1.0123456789ab.c2VhbGVk")


def found(row: T | None) -> T:
    assert row is not None
    return row


async def install(tx: AsyncSession, slack_id: str, *, now: datetime, workspace_id: str = "") -> Workspace:
    return await workspaces.save_install(
        tx,
        workspace_id=workspace_id or f"id-of-{slack_id}",
        slack_id=slack_id,
        is_enterprise=slack_id.startswith("E"),
        name=f"The {slack_id}",
        domain="",
        app_id="A1",
        bot_user_id="U0",
        bot_id="B0",
        bot_scopes="commands,chat:write",
        bot_token_sealed=SEALED,
        bot_refresh_token_sealed=SEALED,
        bot_token_expires_at=now + timedelta(hours=12),
        installed_by="U1",
        now=now,
    )


async def offer(
    tx: AsyncSession, ticket: str, *, now: datetime, workspace_id: str = "id-of-T1", user_id: str = "U1"
) -> ConnectLink:
    return await connect_links.offer(
        tx,
        workspace_id=workspace_id,
        team_id="T1",
        user_id=user_id,
        ticket_hash=ticket,
        told_founding=True,
        now=now,
        expires_at=now + timedelta(minutes=10),
    )


async def open_link(tx: AsyncSession, ticket: str, *, now: datetime) -> bool:
    return await connect_links.start(
        tx,
        ticket_hash=ticket,
        state_hash=f"state of {ticket}",
        verifier_sealed=SEALED,
        browser_hash="browser",
        now=now,
    )


async def come_back(tx: AsyncSession, ticket: str, *, now: datetime, browser: str = "browser") -> ConnectLink | None:
    return await connect_links.take_return(tx, state_hash=f"state of {ticket}", browser_hash=browser, now=now)


async def keep(tx: AsyncSession, sign_in_id: str, *, now: datetime, subject_hash: str | None = None) -> bool:
    return await connect_links.keep_pending(
        tx,
        sign_in_id=sign_in_id,
        access_token_sealed=SEALED,
        refresh_token_sealed=SEALED,
        access_expires_at=now + timedelta(hours=1),
        code_sealed=SEALED,
        subject_hash=subject_hash,
        now=now,
        expires_at=now + timedelta(minutes=10),
    )


async def pending(
    tx: AsyncSession,
    ticket: str,
    *,
    now: datetime,
    workspace_id: str = "id-of-T1",
    user_id: str = "U1",
    subject_hash: str | None = None,
) -> ConnectLink:
    """A sign-in that has come all the way back from Sage ID."""
    row = await offer(tx, ticket, now=now, workspace_id=workspace_id, user_id=user_id)
    assert await open_link(tx, ticket, now=now)
    assert await come_back(tx, ticket, now=now)
    assert await keep(tx, row.id, now=now, subject_hash=subject_hash)
    return row


async def connect(
    tx: AsyncSession,
    connection_id: str,
    *,
    now: datetime,
    workspace_id: str = "id-of-T1",
    user_id: str = "U1",
    token: SealedText = SEALED,
    subject_hash: str | None = None,
) -> Connection:
    return await connections.save(
        tx,
        connection_id=connection_id,
        workspace_id=workspace_id,
        user_id=user_id,
        sign_in_id=f"family of {connection_id}",
        subject_hash=subject_hash,
        access_token_sealed=token,
        refresh_token_sealed=token,
        access_expires_at=now + timedelta(hours=1),
        due_at=now + timedelta(minutes=45),
        now=now,
    )


async def race(rivals: list[Database], claim: Callable[[AsyncSession, int], Awaitable[T]]) -> list[T]:
    """What eight callers got, each in a transaction of its own, half of them in what might be another process."""
    start = asyncio.Barrier(CALLERS)

    async def attempt(number: int) -> T:
        async with rivals[number % len(rivals)].transaction() as tx:
            if tx.get_bind().dialect.name == "postgresql":  # SQLite lets one in at a time
                await tx.execute(text("select 1"))
                await start.wait()
            return await claim(tx, number)

    return list(await asyncio.gather(*(attempt(number) for number in range(CALLERS))))

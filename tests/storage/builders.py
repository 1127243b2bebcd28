"""Rows as the app would write them, and a race to write them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.cipher import SealedText
from storage.database import Database
from storage.queries.connections import connect_links, connections, workspaces
from storage.tables.core import Connection, ConnectLink, Workspace
from tests.builders import mirror_keys

T = TypeVar("T")
CALLERS = 8
BOOKS: dict[str, Any] = {"edition": "standard", "site_id": "s1", "company_id": 1, "company_name": "D", "site_name": "M"}
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


def customer(number: int, books: dict[str, Any], *, now: datetime, **changes: Any) -> dict[str, Any]:
    """A row of the mirror."""
    row: dict[str, Any] = {
        **books,
        "customer_id": number,
        "reference": f"REF{number}",
        "name": "Name",
        "short_name": "",
        "postcode": "",
        "on_hold": False,
        "status_reason": None,
        "hidden": False,
        "currency_iso": "GBP",
        "currency_symbol": "£",
        "balance": Decimal("10.01"),
        "base_balance": None,
        "credit_limit": Decimal(0),
        "open_orders": None,
        "analysis": {"2": "George"},
        "details": {},
        "fired_thresholds": [],
        "updated_at": now,
        "seen_at": now,
        "sweep": 0,
        **changes,
    }
    return mirror_keys(row)


def item(number: int, customer_id: int, amount: str, due: date | None, **changes: Any) -> dict[str, Any]:
    """A row of an open item: an invoice, none of it covered, or a receipt where the amount is negative."""
    outstanding = Decimal(amount)
    return {
        "transaction_id": number,
        "customer_id": customer_id,
        "kind": "invoice" if outstanding > 0 else "receipt",
        "reference": f"INV{number}",
        "second_reference": "",
        "dated": due - timedelta(days=30) if due is not None else None,
        "due": due,
        "gross": outstanding,
        "outstanding": outstanding,
        "uncovered": max(outstanding, Decimal(0)),
        "query": "",
        "is_foreign": False,
        "updated_at": None,
        **changes,
    }


def debt(customer_id: int, amount: str, oldest_due: date | None, *, now: datetime, **changes: Any) -> dict[str, Any]:
    """A row of a customer's debt, as the items come to."""
    return {
        "customer_id": customer_id,
        "outstanding": Decimal(amount),
        "pool_left": Decimal(0),
        "disputed": Decimal(0),
        "undated": Decimal(0),
        "refund": Decimal(0),
        "oldest_due": oldest_due,
        "late": Decimal(0),
        "next_due": oldest_due,
        "currency_iso": "GBP",
        "currency_symbol": "£",
        "difference": Decimal(0),
        "differs_since": None,
        "disarmed": [],
        "marks": [],
        "warnings": [],
        "is_warned": False,
        "read_at": now,
        **changes,
    }

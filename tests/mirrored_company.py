"""Accounts on hold, put into a company's mirror as the mirror itself would have them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.access.model.authorization import Asker, Policy
from bot.features.admin.service.settings import policy_columns
from storage.database import Database
from storage.queries import settings
from storage.queries.access import roles
from storage.queries.connections import connections
from storage.queries.mirror import mirrored_customers
from storage.tables.alerts import LIVE, HoldEpisodeRow, MirrorStateRow
from tests.builders import mirror_keys


async def company_of(database: Database, asker: Asker) -> dict[str, Any]:
    """The company that this person's own sign-in points at."""
    async with database.reading() as tx:
        own = await connections.of_user(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
    assert own is not None
    assert own.company_pk is not None
    return {"workspace_id": asker.workspace_id, "company_pk": own.company_pk}


async def give_codes(
    database: Database, books: dict[str, Any], user_id: str, codes: dict[int, tuple[str, ...]], *, now: datetime
) -> None:
    """An admin says which customers are somebody's own."""
    async with database.transaction() as tx:
        await roles.set_codes(tx, **books, codes={user_id: codes}, set_by="U0PRIYA", now=now)


async def choose(database: Database, asker: Asker, *, now: datetime, **unlike: Any) -> None:
    """An admin changes the workspace's settings."""
    chosen = {"status_for_everyone": False, "sales_only_theirs": True, "trust_copy_minutes": 1_440}
    usual = {**policy_columns(Policy()), **chosen, "region": None}
    async with database.transaction() as tx:
        columns = {**usual, **unlike}
        await settings.save(tx, workspace_id=asker.workspace_id, changed_by="U0PRIYA", now=now, **columns)


async def keep_ledger(
    database: Database, books: dict[str, Any], *, synced_at: datetime | None, phase: str = LIVE
) -> None:
    """How the mirror stands."""
    async with database.transaction() as tx:
        await tx.execute(delete(MirrorStateRow).where(MirrorStateRow.company_pk == books["company_pk"]))
        tx.add(MirrorStateRow(**books, phase=phase, synced_at=synced_at, read_count=70))


async def keep(tx: AsyncSession, *numbers: int, now: datetime, reference: str = "CUS{:03}", **unlike: Any) -> None:
    """One on hold of each number, which stands in its reference where the braces are."""
    rows = [{**_usual(number, now), "reference": reference.format(number), **unlike} for number in numbers]
    await mirrored_customers.write(tx, [mirror_keys(row) for row in rows])


def _usual(number: int, now: datetime) -> dict[str, Any]:
    return {
        "customer_id": number,
        "name": f"Customer {number} Ltd",
        "short_name": "",
        "postcode": "",
        "on_hold": True,
        "status_reason": None,
        "hidden": False,
        "currency_iso": "GBP",
        "currency_symbol": "£",
        "balance": Decimal("100.00"),
        "base_balance": None,
        "credit_limit": Decimal(0),
        "open_orders": None,
        "analysis": {"2": "George", "3": "Durham"},
        "details": {},
        "fired_thresholds": [],
        "updated_at": None,
        "seen_at": now,
        "sweep": 0,
    }


async def hold(
    database: Database,
    books: dict[str, Any],
    number: int,
    *,
    now: datetime,
    days: int | None = 0,
    already: bool = False,
    reason: str = "Overdue",
    **unlike: Any,
) -> None:
    """An account that has been on hold for so many days (None: nobody knows)."""
    async with database.transaction() as tx:
        await keep(tx, number, now=now, **books, **unlike)
        if days is not None:
            stay = {"opened_at": now - timedelta(days=days), "reason": reason, "ending": "", "already_held": already}
            tx.add(HoldEpisodeRow(**books, customer_id=number, **stay))

"""Crash recovery: closes change intents left open by a dead process, using what the next sync finds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.each_alone import each_alone
from bot.domain.customer import Customer
from bot.features.access.service.sessions import policy_from
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.holds.model import HoldAction, Outcome, is_kept
from bot.features.holds.service.change_limit import LIMIT_CHANGED
from bot.features.holds.service.change_limit import stood as limit_stood
from bot.features.holds.service.wanted_notes import ChangedHold, notes_of_change
from bot.features.mirror.service.rows import CompanyKey, customer_of
from storage.database import Database
from storage.queries import settings
from storage.queries.holds import change_intents as rows
from storage.queries.mirror import mirror_state, mirrored_customers
from storage.tables.holds import ChangeIntent

_AT_WORK = timedelta(minutes=3)  # an intent this young may still be at work
_GIVEN_UP = timedelta(days=1)
_KEPT = timedelta(days=7)
_AFTER = {True: "on hold", False: "not on hold"}


class IntentRecovery:
    """Closes intents left open; called by the timetable."""

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def settle(self, *, now: datetime, most: int = 100) -> int:
        """Close and audit at most `most` open intents whose company was read since. Returns how many were closed."""
        async with self._database.reading() as tx:
            left = await rows.uncompleted(tx, before=now - _AT_WORK, limit=most)
        settled = await each_alone(
            left,
            lambda row: self._settle(row, now=now),
            task="settle an intent",
            ids=lambda row: {"workspace": row.workspace_id, "intent": row.id},
        )
        async with self._database.transaction() as tx:
            await rows.purge(tx, before=now - _KEPT)
        return sum(settled)

    async def _settle(self, row: ChangeIntent, *, now: datetime) -> bool:
        async with self._database.transaction() as tx:
            found = await _found(tx, row, now=now)
            if found is None:
                return False
            outcome, after, customer = found
            if not await rows.complete(tx, workspace_id=row.workspace_id, intent_id=row.id, outcome=outcome, now=now):
                return False
            if outcome is Outcome.DONE and customer is not None and row.on_hold == customer.on_hold:
                await _want_notes(tx, row, customer.on_hold, customer.name, now=now)
            action = f"{_action(row)} ({outcome}, as seen later)"
            line = AuditLine(now, row.user_id, action, f"{row.reference}: {row.reason}", "", after)
            await self._audit.record(tx, line, workspace_id=row.workspace_id)
        return True


def _action(row: ChangeIntent) -> str:
    if row.on_hold is None:
        return LIMIT_CHANGED
    return HoldAction.HOLD if row.on_hold else HoldAction.RELEASE


async def _want_notes(tx: AsyncSession, row: ChangeIntent, on_hold: bool, name: str, *, now: datetime) -> None:
    policy = policy_from(await settings.of_workspace(tx, workspace_id=row.workspace_id))
    company_key, day = CompanyKey(row.workspace_id, row.company_pk), policy.day_of(now)
    made = ChangedHold(company_key, row.customer_id, row.reference, name, row.user_id, row.reason, day)
    await notes_of_change(tx, made, on_hold, policy.hold_notes, now=now)


async def _found(tx: AsyncSession, row: ChangeIntent, *, now: datetime) -> tuple[Outcome, str, Customer | None] | None:
    """Return (outcome, how the account stands, the customer); None while that can still be found out."""
    company: dict[str, Any] = {"workspace_id": row.workspace_id, "company_pk": row.company_pk}
    state = await mirror_state.of_company(tx, **company)
    if state is not None and state.synced_at is not None and state.synced_at > row.began_at + _AT_WORK:
        cached = (await mirrored_customers.with_ids(tx, **company, ids=[row.customer_id])).get(row.customer_id)
        if cached is not None:
            customer = customer_of(cached)
            outcome = Outcome.DONE if _is_done(row, customer) else Outcome.NOT_DONE
            stands = limit_stood(customer) if row.on_hold is None else _AFTER[customer.on_hold]
            return outcome, stands, customer
    return (Outcome.UNKNOWN, "not known", None) if row.began_at < now - _GIVEN_UP else None


def _is_done(row: ChangeIntent, customer: Customer) -> bool:
    if row.on_hold is None:
        return customer.credit_limit == row.credit_limit
    # Attributed by the mirror: the change was made, whatever happened since.
    if row.attributed_at is not None:
        return True
    kept = customer.status_reason
    return customer.on_hold == row.on_hold and kept is not None and is_kept(row.reason, kept)

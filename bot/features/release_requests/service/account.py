"""The accounts of release requests, with what is known of them, for a person who may see their figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.debt.lateness import DebtUnknown
from bot.domain.debt.promise import PromiseState
from bot.domain.money import Currency
from bot.features.access.model.authorization import Shown
from bot.features.access.model.session import Session
from bot.features.customers.service.listing import trusted_mirror
from bot.features.overdue.model.suggestion import suggests_hold
from bot.features.overdue.service.debts import differs
from bot.features.release_requests.model import RequestAccount
from storage.queries import promises
from storage.queries.holds import release_requests as rows
from storage.tables.alerts import LIVE, REFUSED
from storage.tables.holds import ReleaseRequestRow
from storage.tables.promises import PromiseRow

# For so long the receipts that were met are kept.
_RECEIPTS_KEPT = timedelta(days=90)
_NOTHING = Decimal(0)
_A_YEAR = timedelta(days=365)


async def accounts_of(
    tx: AsyncSession, session: Session, requests: Sequence[ReleaseRequestRow]
) -> dict[int, RequestAccount]:
    """Return the accounts by the request's number, without those of whose figures the session shows nothing."""
    decision = session.cached
    ours = [row for row in requests if row.company_pk == session.company_pk]
    if not ours or not decision.allowed or not isinstance(trusted_mirror(session), datetime):
        return {}
    found = await rows.accounts(
        tx,
        workspace_id=session.workspace_id,
        company_pk=ours[0].company_pk,
        numbers=[row.number for row in ours],
        today=session.today,
    )
    seen = {number: row for number, row in found.items() if decision.shown_of(_codes(row)) is Shown.FIGURES}
    customers = {row.number: row.customer_id for row in ours if row.number in seen}
    here: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": ours[0].company_pk}
    promised = await promises.promised_of(tx, **here, ids=set(customers.values()))
    since = session.now - _A_YEAR
    held_by = await rows.holders(tx, **here, customer_ids=set(customers.values()), since=since) if seen else {}
    return {
        number: _promised(
            _account(row, session, held_by.get(customers[number], ())), promised.get(customers[number], ())
        )
        for number, row in seen.items()
    }


def _promised(account: RequestAccount, made: Sequence[PromiseRow]) -> RequestAccount:
    """Return the account with what was promised; nobody is suggested for a hold who has promised to pay."""
    still_open = [each for each in made if each.state == PromiseState.OPEN]
    if not still_open:
        return account
    total = sum((each.amount for each in still_open), _NOTHING)
    return replace(account, promised=total, promised_by=max(each.due for each in still_open), suggested=False)


def _codes(row: Row[Any]) -> dict[int, str]:
    return {int(slot): value for slot, value in row.analysis.items()}


def _account(row: Row[Any], session: Session, held_by: Sequence[tuple[str, int]]) -> RequestAccount:
    zone = ZoneInfo(session.policy.zone)
    since = row.opened_at.astimezone(zone).date() if row.opened_at is not None else None
    unknown = _unknown(row, session)
    is_kept = row.opened_at is not None and session.now - row.opened_at < _RECEIPTS_KEPT
    known = RequestAccount(
        currency=Currency(row.currency_iso, row.currency_symbol),
        as_of=row.synced_at,
        balance=row.balance,
        credit_limit=row.credit_limit,
        open_orders=row.open_orders,
        overdue_unknown=unknown,
        items_read=row.items_read_count,
        held_since=since,
        already_held=bool(row.already_held),
        held_overdue=row.held_overdue,
        held_by=tuple(held_by),
    )
    if unknown not in {None, DebtUnknown.DIFFERS}:
        return known
    overdue = row.overdue or _NOTHING
    oldest_days = (session.now.astimezone(zone).date() - row.oldest_due).days if row.oldest_due is not None else 0
    return replace(
        known,
        overdue=overdue,
        oldest_days=oldest_days,
        disputed=row.disputed or _NOTHING,
        paid=(row.paid or _NOTHING) if is_kept else None,
        suggested=suggests_hold(session.policy, overdue, oldest_days),
    )


def _unknown(row: Row[Any], session: Session) -> DebtUnknown | None:
    """Return why the account's debt isn't known, or isn't sure; None if it is."""
    if row.items_phase == REFUSED:
        return DebtUnknown.NOT_GIVEN
    if row.items_phase != LIVE or row.items_synced_at is None:
        return DebtUnknown.READING
    if session.now - row.items_synced_at > session.policy.trust_copy_for:
        return DebtUnknown.OLD
    is_off = row.differs_since is not None and differs(row.difference, row.balance)
    return DebtUnknown.DIFFERS if is_off else None

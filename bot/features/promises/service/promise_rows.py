"""Rows of promises as values: what notices and the record say of them, and when they are judged."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.domain.debt.promise import Promise
from bot.features.access.model.authorization import Policy
from bot.features.promises.model.remembered import PromiseFacts
from storage.tables.promises import PromiseRow

_NO_AMOUNT = Decimal(0)
# Settings may change, and the copy may lack the customer: so every promise is looked at once a day.
_AGAIN = timedelta(days=1)


def promise_of(row: PromiseRow) -> Promise:
    """Return the promise of a row."""
    return Promise(row.amount, row.due, row.made_on, row.said_by)


def facts_of(row: PromiseRow, company_name: str, company_key: str = "", *, state: str = "") -> PromiseFacts:
    """Return the promise as a notice and an answer have it; `state` is the one that it has just come into."""
    return PromiseFacts(
        id=row.id,
        customer_id=row.customer_id,
        reference=row.reference,
        name=row.name,
        amount=str(row.amount),
        currency_iso=row.currency_iso,
        currency_symbol=row.currency_symbol,
        due=row.due.isoformat(),
        state=state or row.state,
        said_by=row.said_by,
        company_name=company_name,
        company_key=company_key,
    )


def what(row: PromiseRow) -> str:
    """Return the promise as the record names it: no amount, and nothing that was typed."""
    return f"{row.reference} {row.name}, promise {row.id} for {row.due.isoformat()}"


def last_day(due: date, policy: Policy) -> date:
    """Return the day at whose end a promise is broken."""
    return Promise(_NO_AMOUNT, due, due).last_day(policy.region, policy.promise_grace_days)


def over_at(due: date, policy: Policy) -> datetime:
    """Return the moment at which a promise's last day is over in the workspace's zone."""
    return datetime.combine(last_day(due, policy) + timedelta(days=1), time(), ZoneInfo(policy.zone)).astimezone(UTC)


def judge_at(due: date, policy: Policy, *, now: datetime) -> datetime:
    """Return when a promise is judged next whatever happens: once a day, and when its last day is over."""
    over = over_at(due, policy)
    return over if now < over <= now + _AGAIN else now + _AGAIN

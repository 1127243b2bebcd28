"""What is overdue today against a week ago, for the customers of one subscription."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.debt.lateness import DebtUnknown
from bot.domain.debt.payment_history import MonthSales, days_sales_outstanding
from bot.domain.filters.customer_filter import EVERYONE, Filter
from bot.domain.money import Currency
from bot.features.access.model.authorization import Decision, Policy, Shown
from bot.features.access.service.sessions import policy_from
from bot.features.alerts.model.messages import DebtsDigest, OverdueMover, OverdueTotal, SalesOutstanding
from bot.features.customers.service.conditions import condition_of
from storage.queries import promises, settings
from storage.queries.mirror import debt_days, mirror_state, month_sales, open_items
from storage.queries.mirror.debt_days import CLEARED, FELL, NEW, ROSE, Weeks
from storage.tables.alerts import LIVE, REFUSED, MirrorStateRow, SubscriptionRow

_A_WEEK = timedelta(days=7)
_PUNCTUAL = timedelta(minutes=5)
_MOST_NAMED = 5


async def debts_digest(
    tx: AsyncSession,
    facts: Mapping[str, Any],
    subscription: SubscriptionRow,
    chosen: Filter,
    decision: Decision,
    *,
    now: datetime,
) -> DebtsDigest:
    """Return the list as it is now, of the customers that its reader may know of."""
    company: dict[str, Any] = {"workspace_id": subscription.workspace_id, "company_pk": subscription.company_pk}
    policy = policy_from(await settings.of_workspace(tx, workspace_id=subscription.workspace_id))
    state = await mirror_state.of_company(tx, **company)
    row = await mirror_state.company(tx, **company)
    due_at = datetime.fromisoformat(facts["due_at"])
    digest = DebtsDigest(
        company_name=row.company_name if row is not None else "",
        due_at=due_at,
        late_by=now - due_at if facts.get("late") or now - due_at > _PUNCTUAL else timedelta(),
        as_of=state.items_synced_at if state is not None else None,
        unknown=_unknown(state, policy, now),
    )
    if digest.unknown is not None:
        return digest
    today = policy.day_of(now)
    customers = condition_of(chosen, decision.only)
    since = await debt_days.day_to_compare(tx, **company, up_to=today - _A_WEEK)
    weeks = Weeks(customers, today, since, policy.overdue_least)
    totals = await debt_days.totals(tx, **company, weeks=weeks)
    # Where figures aren't shown, who is named must not tell who owes the most.
    by_amount = decision.shown is Shown.FIGURES
    currencies = [(each.currency_iso, each.currency_symbol) for each in totals]
    named: dict[str, Any] = {"currencies": currencies, "most": _MOST_NAMED, "by_amount": by_amount}
    rows = await debt_days.movers(tx, **company, weeks=weeks, **named)
    wanted = open_items.WantedDebt(
        customers,
        today,
        suggested=True,
        suggest_days=policy.suggest_after_days,
        suggest_above=policy.suggest_above,
    )
    suggested = await open_items.overdue_totals(tx, **company, wanted=wanted)
    promises_due, promises_broken = await promises.counts(
        tx, **company, customers=customers, due_by=today + _A_WEEK, broken_since=now - _A_WEEK
    )
    everybody = chosen == EVERYONE and decision.only is None and by_amount
    return replace(
        digest,
        outstanding=sales_outstanding(await month_sales.of_company(tx, **company)) if everybody else (),
        since=since,
        totals=tuple(_total(each) for each in totals),
        new=tuple(_mover(each, today) for each in rows if each.kind == NEW),
        cleared=tuple(_mover(each, today) for each in rows if each.kind == CLEARED),
        moved=tuple(_mover(each, today) for each in rows if each.kind in {ROSE, FELL}),
        suggested=sum(each.accounts for each in suggested),
        promises_due=promises_due,
        promises_broken=promises_broken,
    )


def sales_outstanding(rows: Sequence[Row[Any]]) -> tuple[SalesOutstanding, ...]:
    """Return the days of sales outstanding by currency, at the end of the last month; the rows are the latest first."""
    if not rows:
        return ()
    last = rows[0].month
    found = []
    for row in rows:
        if row.month != last or not row.outstanding:
            continue
        currency = (row.currency_iso, row.currency_symbol)
        months = [
            MonthSales(each.month, each.invoiced)
            for each in rows
            if (each.currency_iso, each.currency_symbol) == currency
        ]
        days = days_sales_outstanding(row.outstanding, months)
        found.append(SalesOutstanding(Currency(*currency), last, days, len(months)))
    return tuple(found)


def _unknown(state: MirrorStateRow | None, policy: Policy, now: datetime) -> DebtUnknown | None:
    if state is None or state.items_phase != LIVE or state.items_synced_at is None:
        refused = state is not None and state.items_phase == REFUSED
        return DebtUnknown.NOT_GIVEN if refused else DebtUnknown.READING
    return DebtUnknown.OLD if now - state.items_synced_at > policy.trust_copy_for else None


def _total(row: Row[Any]) -> OverdueTotal:
    currency = Currency(row.currency_iso, row.currency_symbol)
    return OverdueTotal(currency, row.total, row.accounts, row.total_then, row.new, row.cleared)


def _mover(row: Row[Any], today: date) -> OverdueMover:
    currency = Currency(row.currency_iso, row.currency_symbol)
    days = (today - row.oldest_due).days if row.oldest_due is not None else 0
    return OverdueMover(row.reference, row.name, currency, row.now, row.then, days)

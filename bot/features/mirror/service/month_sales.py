"""What was invoiced in each month and owed at its end, for the days of sales outstanding: read once a month."""

from __future__ import annotations

from collections import defaultdict
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import structlog

from bot.domain.debt.debts import DebtItem, ItemKind
from bot.domain.debt.payment_history import month_of, months_before
from bot.errors import SageForbidden, SageMissing, SageRejected
from bot.features.mirror.service.batch import pages
from bot.features.mirror.service.open_items.item_rows import pennies
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.open_items import ItemPage
from storage.queries.mirror import mirror_state, mirrored_customers, month_sales

_AT_FIRST, _KEPT = 6, 13
_NOTHING = Decimal(0)
_SIGNS = {ItemKind.INVOICE: 1, ItemKind.REFUND: 1, ItemKind.CREDIT: -1, ItemKind.RECEIPT: -1}
_SALES = {ItemKind.INVOICE, ItemKind.CREDIT}

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Sales:
    """What was invoiced by currency and month, and by how much what is owed has moved since the last month's end."""

    this_month: date
    invoiced: dict[tuple[tuple[str, str], date], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    moved: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def take(self, item: DebtItem, currency: tuple[str, str]) -> None:
        """Count a document of an account in this currency. A Sage without minus signs is counted alike."""
        if item.dated is None or item.gross is None or item.kind not in _SIGNS:
            return
        amount = _SIGNS[item.kind] * abs(item.gross)
        if item.dated >= self.this_month:
            self.moved[currency] += amount
        elif item.kind in _SALES:
            self.invoiced[currency, month_of(item.dated)] += amount


async def read_month_sales(run: SyncRun) -> None:
    """Read the whole months that weren't read yet: six at first. A Sage that refuses it does without."""
    this_month = month_of(run.began.date())
    last = months_before(this_month, 1)
    had = run.state.sales_read_for
    if had is not None and had >= last:
        return
    begin = months_before(this_month, _AT_FIRST)
    if had is not None:
        begin = max(begin, months_before(had, -1))
    sales = _Sales(this_month)
    try:
        async with aclosing(pages(partial(run.documents.dated_since, begin), 0)) as coming:
            async for page in coming:
                await _count(run, page, sales)
    except (SageMissing, SageForbidden, SageRejected) as refusal:
        log.info("sales by month not read", company=run.company.company_pk, why=type(refusal).__name__)
        return
    named = run.company.named
    async with run.database.transaction() as tx:
        await run.lease.extend(tx)
        owed = await month_sales.owed(tx, **named)
        currencies = sorted({*owed, *(currency for currency, _ in sales.invoiced)})
        rows: list[dict[str, Any]] = []
        month = begin
        while month <= last:
            for currency in currencies:
                at_end = owed.get(currency, _NOTHING) - sales.moved[currency] if month == last else None
                rows.append(
                    {
                        "month": month,
                        "currency_iso": currency[0],
                        "currency_symbol": currency[1],
                        "invoiced": pennies(sales.invoiced[currency, month]),
                        "outstanding": at_end,
                    }
                )
            month = months_before(month, -1)
        await month_sales.keep(tx, **named, rows=rows, forget_before=months_before(this_month, _KEPT))
        await mirror_state.note(tx, **named, sales_read_for=last)
    log.info("sales by month read", company=run.company.company_pk, since=begin.isoformat())


async def _count(run: SyncRun, page: ItemPage, sales: _Sales) -> None:
    async with run.database.reading() as tx:
        ids = {each.customer_id for each in page.items}
        accounts = await mirrored_customers.balances(tx, **run.company.named, ids=ids)
    for posted in page.items:
        account = accounts.get(posted.customer_id)
        if account is None or (account[1] and posted.symbol and posted.symbol != account[1]):
            continue  # a document in another currency than its account's is in no sum
        sales.take(posted.item, (account[3], account[1]))

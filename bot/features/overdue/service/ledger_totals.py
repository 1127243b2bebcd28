"""The totals of a company's ledger, from the mirror, under the rules of its lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from bot.domain.filters.customer_filter import EVERYONE
from bot.domain.money import Currency
from bot.features.access.model.session import Session
from bot.features.alerts.service.debts_digest import sales_outstanding
from bot.features.customers.model.listing import NotKnown
from bot.features.customers.service.listing import ListAsked, Lists, trusted_items
from bot.features.on_hold.model.list import Totals
from bot.features.on_hold.model.query import OnHoldQuery, parse_on_hold_query, ranking_meant
from bot.features.overdue.model.ledger_totals import LedgerTotals
from bot.features.overdue.model.list import DebtNotKnown
from bot.features.overdue.service.list import overdue_totals
from storage.database import Database
from storage.queries.mirror import held_accounts, mirrored_customers, month_sales


class Ledger:
    """The ledger of the asker's company."""

    def __init__(self, *, database: Database, lists: Lists) -> None:
        self._database = database
        self._lists = lists

    async def totals(self, session: Session, words: str) -> LedgerTotals | NotKnown | DebtNotKnown:
        """Return the totals of the customers that fit the words, read as `/onhold` reads them. Raises as `OnHold.ask`.

        Where the open items aren't known, all but what is overdue is told.
        """
        asked = await self._lists.read(session, words, parse_on_hold_query)
        if not isinstance(asked, ListAsked):
            return asked
        known, wanted, company = asked.known, asked.condition(session.today), asked.sage.company_columns
        items_as_of = trusted_items(session, known.company_name)
        are_known = not isinstance(items_as_of, DebtNotKnown)
        async with self._database.reading() as tx:
            balances = await mirrored_customers.totals(tx, **company, wanted=wanted)
            held = await held_accounts.totals(tx, **company, wanted=wanted)
            overdue = await overdue_totals(tx, session, wanted) if are_known else None
            is_whole = asked.query == OnHoldQuery(EVERYONE) and asked.only is None
            sales = await month_sales.of_company(tx, **company) if is_whole else ()
        found = LedgerTotals(
            known.company_name,
            asked.as_of if isinstance(items_as_of, DebtNotKnown) else min(asked.as_of, items_as_of),
            customers=sum(row.accounts for row in balances),
            owing=_totals((row, row.owed, row.owing) for row in balances),
            in_credit=_totals((row, row.credit, row.in_credit) for row in balances),
            on_hold=Totals.of((_currency(row), row.total, row.accounts, row.with_balance) for row in held),
            overdue=overdue,
            sales_outstanding=sales_outstanding(sales),
            asked=asked.query.describe(known.labels),
            is_narrowed=asked.only is not None,
        )
        session.reads.list("totals of the ledger", found.asked, found.company_name, found.customers)
        if found.customers:
            return found
        return replace(found, meant=ranking_meant(asked.query, known.labels, known.values))


def _totals(found: Iterable[tuple[Row[Any], Any, int]]) -> Totals:
    return Totals.of((_currency(row), total or None, count, count) for row, total, count in found)


def _currency(row: Row[Any]) -> Currency:
    return Currency(row.currency_iso, row.currency_symbol)

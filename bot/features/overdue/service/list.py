"""The accounts with late debt now, from the mirror of open items."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.company import in_company, key_of
from bot.domain.customer import Customer
from bot.domain.debt.early_warning import points_from
from bot.domain.debt.promise import PromiseState
from bot.domain.money import Currency
from bot.domain.text import csv_file
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.customers.model.listing import NotKnown, nearest_page
from bot.features.customers.service.listing import ListAsked, Lists
from bot.features.customers.service.listing import open_items as items_of
from bot.features.on_hold.model.query import ranking_meant
from bot.features.overdue.model import csv
from bot.features.overdue.model.list import (
    DebtNotKnown,
    OverdueAccount,
    OverdueAnswer,
    OverdueFile,
    OverdueListing,
    OverdueTotals,
)
from bot.features.overdue.model.query import LISTED, DebtKind, OverdueQuery, parse_overdue_query
from storage.database import Database
from storage.queries import promises
from storage.queries.mirror import open_items
from storage.queries.mirror.customer_condition import CustomerCondition
from storage.queries.mirror.open_items import WantedDebt
from storage.tables.promises import PromiseRow


class OverdueAccounts:
    """The accounts with late debt of the asker's company."""

    def __init__(self, *, database: Database, lists: Lists) -> None:
        self._database = database
        self._lists = lists

    async def ask(self, session: Session, words: str, *, page: int = 1) -> OverdueAnswer:
        """Return a page of the accounts that fit the words; why not, where the open items aren't known.

        A page beyond the ends becomes the nearest one. Raises NotAllowed, BadQuestion, NotConnected, ReconnectNeeded,
        NoCompany, or Sage's refusal.
        """
        asked = await self._asked(session, words)
        if not isinstance(asked, _Asked):
            return asked
        async with self._database.reading() as tx:
            totals = await _totals(tx, session, asked.wanted)
            most = asked.listing.per_page
            page = nearest_page(page, totals.count, most)
            rows = await open_items.overdue(
                tx, **_company(session), wanted=asked.wanted, offset=(page - 1) * most, limit=most
            )
            snoozed = await _snoozed(tx, session, asked.wanted)
            promised = await promises.promised_of(tx, **_company(session), ids=[row.customer_id for row in rows])
        accounts = tuple(_account(row, asked.wanted.today, promised.get(row.customer_id, ())) for row in rows)
        listing = replace(asked.listing, accounts=accounts, totals=totals, page=page, snoozed=snoozed)
        _note_read(session, listing)
        return listing if accounts else replace(listing, meant=asked.meant())

    async def file(self, session: Session, words: str) -> OverdueFile | OverdueAnswer:
        """Return every late invoice of the accounts that fit the words; the empty list if there is none."""
        asked = await self._asked(session, words)
        if not isinstance(asked, _Asked):
            return asked
        parts: list[str] = []
        async with self._database.reading() as tx:
            totals = await _totals(tx, session, asked.wanted)
            async for rows in open_items.overdue_lines(tx, **_company(session), wanted=asked.wanted):
                parts.append(await asyncio.to_thread(_lines, asked.listing, rows, asked.wanted.today))
        listing = replace(asked.listing, totals=totals)
        _note_read(session, listing)
        if not parts:
            return replace(listing, meant=asked.meant())
        content = await asyncio.to_thread(csv_file.encoded, "".join([csv.first_line(listing), *parts]))
        return OverdueFile(listing, content)

    async def _asked(self, session: Session, words: str) -> _Asked | NotKnown | DebtNotKnown:
        asked = await self._lists.read(session, words, parse_overdue_query)
        if not isinstance(asked, ListAsked):
            return asked
        known, query = asked.known, asked.query
        listing = OverdueListing(
            accounts=(),
            company_name=known.company_name,
            as_of=asked.as_of,
            totals=OverdueTotals(),
            kind=query.kind,
            words=asked.words,
            asked=query.describe(known.labels),
            labels=known.labels,
            is_narrowed=asked.only is not None,
            alerts=in_company(key_of(asked.sage.company), query.as_alerts(is_narrowed=asked.only is not None))
            if session.may(Action.SUBSCRIBE_SELF)
            else "",
            may_hold=session.may(Action.HOLD),
            company_key=key_of(asked.sage.company),
            top=query.top,
        )
        customers = asked.condition(session.today)
        wanted = _wanted(session, customers, kinds=query.kinds, days=query.days, least=query.least)
        wanted = replace(wanted, most=query.most, most_days=query.most_days)
        return _Asked(asked, listing, wanted)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for: as read, as the list without its accounts, and as the condition."""

    asked: ListAsked[OverdueQuery]
    listing: OverdueListing
    wanted: WantedDebt

    def meant(self) -> tuple[str, ...]:
        """Return filters to suggest where nothing was found."""
        return ranking_meant(self.asked.query.customers, self.asked.known.labels, self.asked.known.values)


def _wanted(
    session: Session,
    customers: CustomerCondition,
    *,
    kinds: Collection[DebtKind] = (),
    days: int = 1,
    least: Decimal | None = None,
) -> WantedDebt:
    policy = session.policy
    if DebtKind.CHASE in kinds:
        # Nobody is chased for what is no news.
        least = max(least or Decimal(0), policy.overdue_least)
    return WantedDebt(
        customers=customers,
        today=session.today,
        days=days,
        disputed=DebtKind.DISPUTED in kinds,
        promised=DebtKind.PROMISED in kinds,
        suggested=DebtKind.SUGGESTED in kinds,
        unpromised=DebtKind.CHASE in kinds,
        broken=DebtKind.BROKEN in kinds,
        warned=DebtKind.WARNING in kinds,
        least=least,
        suggest_days=policy.suggest_after_days,
        suggest_above=policy.suggest_above,
        now=session.now,
    )


async def latest_payers(
    tx: AsyncSession, session: Session, customers: CustomerCondition, *, as_of: datetime, most: int
) -> OverdueListing | None:
    """Return the accounts with the oldest late debt, and the totals of all; None where the open items aren't known."""
    items = items_of(session)
    if session.answering is None or items.unknown(session.now, session.policy.trust_copy_for) is not None:
        return None
    wanted = _wanted(session, customers)
    totals = await _totals(tx, session, wanted)
    rows = await open_items.overdue(tx, **_company(session), wanted=wanted, offset=0, limit=most)
    promised = await promises.promised_of(tx, **_company(session), ids=[row.customer_id for row in rows])
    accounts = tuple(_account(row, wanted.today, promised.get(row.customer_id, ())) for row in rows)
    name = session.answering.company.company_name
    return OverdueListing(accounts, name, min(as_of, items.synced_at or as_of), totals)


async def suggestions(tx: AsyncSession, session: Session, customers: CustomerCondition) -> int:
    """Return how many accounts are suggested for a hold."""
    return (await _totals(tx, session, _wanted(session, customers, kinds=(DebtKind.SUGGESTED,)))).count


async def overdue_totals(tx: AsyncSession, session: Session, customers: CustomerCondition) -> OverdueTotals:
    """Return how many accounts are late, and with how much."""
    return await _totals(tx, session, _wanted(session, customers))


async def _snoozed(tx: AsyncSession, session: Session, wanted: WantedDebt) -> int:
    """Return how many suggestions were put off."""
    if not wanted.suggested:
        return 0
    rows = await open_items.overdue_totals(tx, **_company(session), wanted=replace(wanted, snoozed=True))
    return sum(row.accounts for row in rows)


async def _totals(tx: AsyncSession, session: Session, wanted: WantedDebt) -> OverdueTotals:
    rows = await open_items.overdue_totals(tx, **_company(session), wanted=wanted)
    sums: dict[str, tuple[Currency, Decimal]] = {}
    for row in rows:
        # The sign is how an old site names a currency that has no code there.
        key = row.currency_iso or row.currency_symbol
        currency, so_far = sums.get(key, (Currency(row.currency_iso, row.currency_symbol), Decimal(0)))
        sums[key] = (currency, so_far + (row.total or Decimal(0)))
    return OverdueTotals(sum(row.accounts for row in rows), tuple(sums[key] for key in sorted(sums)))


def _account(row: Row[Any], today: date, promised: Sequence[PromiseRow]) -> OverdueAccount:
    still_open = [each for each in promised if each.state == PromiseState.OPEN]
    broken = [each for each in promised if each.state == PromiseState.BROKEN]
    oldest = row.oldest_due if row.oldest_due is not None and row.oldest_due < today else None
    return OverdueAccount(
        _customer(row),
        row.overdue or Decimal(0),
        oldest,
        (today - oldest).days if oldest is not None else 0,
        row.disputed,
        sum((each.amount for each in still_open), Decimal(0)),
        max((each.due for each in still_open), default=None),
        broken=sum((each.amount for each in broken), Decimal(0)),
        broken_on=max((each.due for each in broken), default=None),
        warnings=points_from(row.warnings),
        differs_by=row.difference if row.differs_since is not None and row.difference else None,
    )


def _customer(row: Row[Any]) -> Customer:
    return Customer(
        id=row.customer_id,
        reference=row.reference,
        name=row.name,
        on_hold=row.on_hold,
        status_reason=row.status_reason,
        hidden=row.hidden,
        currency=Currency(row.currency_iso, row.currency_symbol),
        balance=row.balance,
        credit_limit=row.credit_limit,
        open_orders=row.open_orders,
        analysis={int(slot): value for slot, value in row.analysis.items()},
    )


def _lines(listing: OverdueListing, rows: Sequence[Row[Any]], today: date) -> str:
    invoices = (
        csv.LateInvoice(
            _customer(row), row.document, row.second_reference, row.dated, row.due, row.gross, row.left, row.uncovered
        )
        for row in rows
    )
    return csv.lines(listing, invoices, today)


def _note_read(session: Session, listing: OverdueListing) -> None:
    session.reads.list(LISTED[listing.kind][1], listing.asked, listing.company_name, listing.totals.count)


def _company(session: Session) -> dict[str, Any]:
    return {"workspace_id": session.workspace_id, "company_pk": session.company_pk}

"""The accounts on hold now, from the mirror."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.money import Currency
from bot.domain.text import csv_file
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.alerts.service.held_account import held_account_of
from bot.features.customers.model.listing import PER_PAGE, NotKnown
from bot.features.customers.service.listing import ListAsked, Lists
from bot.features.on_hold.model import csv, query
from bot.features.on_hold.model.list import Account, AccountsFile, Listing, OnHoldAnswer, Totals
from bot.features.on_hold.model.query import OnHoldQuery
from bot.features.overdue.model.list import DebtNotKnown
from storage.database import Database
from storage.queries.mirror import held_accounts
from storage.queries.mirror.customer_condition import CustomerCondition


class OnHold:
    """The accounts on hold of the asker's company."""

    def __init__(self, *, database: Database, lists: Lists) -> None:
        self._database = database
        self._lists = lists

    async def ask(self, session: Session, words: str, *, page: int = 1) -> OnHoldAnswer:
        """Return a page of the accounts that fit the words; why not, if the mirror can't be trusted.

        A page beyond the ends becomes the nearest one. Raises NotAllowed, BadQuestion, NotConnected, ReconnectNeeded,
        NoCompany, or Sage's refusal.
        """
        asked = await self._asked(session, words)
        if not isinstance(asked, _Asked):
            return asked
        async with self._database.reading() as tx:
            listing = await _first_page(tx, session, asked.listing, asked.wanted, page=page, per_page=PER_PAGE)
        _note_read(session, listing)
        return listing if listing.accounts else replace(listing, meant=asked.meant())

    async def file(self, session: Session, words: str) -> AccountsFile | OnHoldAnswer:
        """Return all accounts that fit the words as a file; the empty list if there is none. Raises as `ask`."""
        asked = await self._asked(session, words)
        if not isinstance(asked, _Asked):
            return asked
        company, zone = _company(session), session.policy.zone
        parts: list[str] = []
        async with self._database.reading() as tx:
            totals = await _totals(tx, session, asked.wanted)
            async for rows in held_accounts.chunks(tx, **company, wanted=asked.wanted, now=session.now, zone=zone):
                parts.append(await asyncio.to_thread(_lines, asked.listing, rows, session.now, ZoneInfo(zone)))
        listing = replace(asked.listing, totals=totals)
        _note_read(session, listing)
        if not parts:
            return replace(listing, meant=asked.meant())
        content = await asyncio.to_thread(csv_file.encoded, "".join([csv.first_line(listing), *parts]))
        return AccountsFile(listing, content)

    async def _asked(self, session: Session, words: str) -> _Asked | NotKnown | DebtNotKnown:
        asked = await self._lists.read(session, words, query.parse_on_hold_query)
        if not isinstance(asked, ListAsked):
            return asked
        known, wanted = asked.known, asked.query
        listing = Listing(
            accounts=(),
            company_name=known.company_name,
            as_of=asked.as_of,
            totals=Totals(),
            words=asked.words,
            asked=wanted.describe(known.labels, in_reason=True),
            labels=known.labels,
            is_narrowed=asked.only is not None,
            trouble=_trouble(session),
            alerts=_alerts(session, wanted, is_narrowed=asked.only is not None),
        )
        return _Asked(asked, listing, asked.condition(session.today, in_reason=True))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for: as read, as the list without its accounts, and as the condition."""

    asked: ListAsked[OnHoldQuery]
    listing: Listing
    wanted: CustomerCondition

    def meant(self) -> tuple[str, ...]:
        """Return filters to suggest where nothing was found."""
        return query.ranking_meant(self.asked.query, self.asked.known.labels, self.asked.known.values)


async def longest_held(
    tx: AsyncSession, session: Session, as_of: datetime, wanted: CustomerCondition, *, most: int, by_debt: bool
) -> Listing:
    """Return the accounts held longest, and how many there are, of the company that answers the session."""
    name = session.answering.company.company_name if session.answering is not None else ""
    return await _first_page(tx, session, Listing((), name, as_of, Totals()), wanted, per_page=most, by_debt=by_debt)


async def _first_page(
    tx: AsyncSession,
    session: Session,
    listing: Listing,
    wanted: CustomerCondition,
    *,
    page: int = 1,
    per_page: int,
    by_debt: bool = True,
) -> Listing:
    totals = await _totals(tx, session, wanted)
    page = min(max(page, 1), max(1, -(-totals.count // per_page)))
    zone = session.policy.zone
    rows = await held_accounts.page(
        tx,
        **_company(session),
        wanted=wanted,
        now=session.now,
        zone=zone,
        by_debt=by_debt,
        offset=(page - 1) * per_page,
        limit=per_page,
    )
    accounts = tuple(account_of(row, session.now, ZoneInfo(zone)) for row in rows)
    return replace(listing, accounts=accounts, totals=totals, page=page)


async def _totals(tx: AsyncSession, session: Session, wanted: CustomerCondition) -> Totals:
    rows = await held_accounts.totals(tx, **_company(session), wanted=wanted)
    return Totals.of(
        (Currency(row.currency_iso, row.currency_symbol), row.total, row.accounts, row.with_balance) for row in rows
    )


def _alerts(session: Session, asked: OnHoldQuery, *, is_narrowed: bool) -> str:
    may = session.may(Action.SUBSCRIBE_SELF)
    return asked.as_alerts("holds,releases", is_narrowed=is_narrowed) if may else ""


def _note_read(session: Session, listing: Listing) -> None:
    session.reads.list("accounts on hold", listing.asked, listing.company_name, listing.totals.count)


def _company(session: Session) -> dict[str, Any]:
    return {"workspace_id": session.workspace_id, "company_pk": session.company_pk}


def _lines(listing: Listing, rows: Sequence[Row[Any]], now: datetime, zone: ZoneInfo) -> str:
    return csv.lines(listing, (account_of(row, now, zone) for row in rows))


def account_of(row: Row[Any], now: datetime, zone: ZoneInfo) -> Account:
    """Return the account of a row of `held_accounts`."""
    held = held_account_of(row, now, zone)
    since = row.episode_opened_at.astimezone(zone).date() if row.episode_opened_at is not None else None
    return Account(held, since, held.customer.status_reason or row.episode_reason or "")


def _trouble(session: Session) -> str:
    mirror = session.answering.mirror if session.answering is not None else None
    return mirror.trouble if mirror is not None else ""

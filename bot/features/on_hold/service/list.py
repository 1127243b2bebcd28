"""The accounts on hold now, and those put on hold or released in a period, from the mirror."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.changes import ACCOUNT_DELETED
from bot.domain.company import in_company, key_of
from bot.domain.hold_episode import HoldEpisode
from bot.domain.money import Currency
from bot.domain.text import csv_file
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.alerts.model.messages import HeldAccount
from bot.features.alerts.service.held_account import held_account_of
from bot.features.customers.model.listing import NotKnown, nearest_page
from bot.features.customers.service.listing import ListAsked, Lists
from bot.features.mirror.service.rows import snapshot_of
from bot.features.on_hold.model import csv, query
from bot.features.on_hold.model.list import Account, AccountsFile, Listing, OnHoldAnswer, Totals
from bot.features.on_hold.model.query import HoldChanges, OnHoldQuery
from bot.features.overdue.model.list import DebtNotKnown
from storage.database import Database
from storage.queries.mirror import held_accounts, mirror_state
from storage.queries.mirror.customer_condition import CustomerCondition
from storage.queries.mirror.held_accounts import ChangedIn


class OnHold:
    """The accounts on hold of the asker's company."""

    def __init__(self, *, database: Database, lists: Lists) -> None:
        self._database = database
        self._lists = lists

    async def ask(self, session: Session, words: str, *, page: int = 1) -> OnHoldAnswer:
        """Return a page of the accounts that fit the words; why not, if the mirror can't be trusted.

        Words that say a period, or `released`, ask for the holds that began or ended in it.

        A page beyond the ends becomes the nearest one. Raises NotAllowed, BadQuestion, NotConnected, ReconnectNeeded,
        NoCompany, or Sage's refusal.
        """
        asked = await self._asked(session, words)
        if not isinstance(asked, _Asked):
            return asked
        async with self._database.reading() as tx:
            if asked.changed is not None:
                listing = await _changed_page(tx, session, asked.listing, asked.wanted, asked.changed, page)
            else:
                listing = await _first_page(
                    tx, session, asked.listing, asked.wanted, page=page, per_page=asked.listing.per_page
                )
        _note_read(session, listing)
        return listing if listing.accounts else replace(listing, meant=asked.meant())

    async def file(self, session: Session, words: str) -> AccountsFile | OnHoldAnswer:
        """Return all accounts that fit the words as a file; the empty list if there is none. Raises as `ask`."""
        asked = await self._asked(session, words)
        if not isinstance(asked, _Asked):
            return asked
        zone = ZoneInfo(session.policy.zone)
        parts: list[str] = []
        async with self._database.reading() as tx:
            totals, chunks = await _all_of(tx, session, asked)
            async for rows in chunks:
                parts.append(await asyncio.to_thread(_lines, asked.listing, rows, session.now, zone))
            listing = replace(asked.listing, totals=totals, watched_since=await _watched_since(tx, session))
        _note_read(session, listing)
        if not parts:
            return replace(listing, meant=asked.meant())
        content = await asyncio.to_thread(csv_file.encoded, "".join([csv.first_line(listing), *parts]))
        return AccountsFile(listing, content)

    async def _asked(self, session: Session, words: str) -> _Asked | NotKnown | DebtNotKnown:
        asked = await self._lists.read(session, words, partial(query.parse_holds_query, today=session.today))
        if not isinstance(asked, ListAsked):
            return asked
        known, wanted = asked.known, asked.query
        listing = Listing(
            accounts=(),
            company_name=known.company_name,
            as_of=asked.as_of,
            totals=Totals(),
            words=asked.words,
            asked=wanted.describe(known.labels, in_reason=wanted.changes is None),
            labels=known.labels,
            is_narrowed=asked.only is not None,
            trouble=_trouble(session),
            company_key=key_of(asked.sage.company),
            alerts=_alerts(session, wanted, is_narrowed=asked.only is not None),
            changes=wanted.changes,
            top=wanted.top,
        )
        condition = asked.condition(session.today, in_reason=wanted.changes is None)
        return _Asked(asked, listing, condition, _changed_in(wanted.changes, session))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for: as read, as the list without its accounts, and as the condition."""

    asked: ListAsked[OnHoldQuery]
    listing: Listing
    wanted: CustomerCondition
    changed: ChangedIn | None

    def meant(self) -> tuple[str, ...]:
        """Return filters to suggest where nothing was found."""
        return query.ranking_meant(self.asked.query, self.asked.known.labels, self.asked.known.values)


def _changed_in(changes: HoldChanges | None, session: Session) -> ChangedIn | None:
    if changes is None:
        return None
    zone = ZoneInfo(session.policy.zone)
    return ChangedIn(changes.released, changes.period.begin(zone), changes.period.end(zone), ACCOUNT_DELETED)


async def _changed_page(
    tx: AsyncSession, session: Session, listing: Listing, wanted: CustomerCondition, changed: ChangedIn, page: int
) -> Listing:
    totals = _totals(await held_accounts.changed_totals(tx, **_company(session), wanted=wanted, changed=changed))
    most = listing.per_page
    page = nearest_page(page, totals.count, most)
    rows = await held_accounts.changed_page(
        tx, **_company(session), wanted=wanted, changed=changed, offset=(page - 1) * most, limit=most
    )
    accounts = tuple(changed_account_of(row, session.now, ZoneInfo(session.policy.zone)) for row in rows)
    since = await _watched_since(tx, session)
    return replace(listing, accounts=accounts, totals=totals, page=page, watched_since=since)


async def _watched_since(tx: AsyncSession, session: Session) -> date | None:
    """Return the day of the first whole reading, from which on the beginnings and ends of holds are known."""
    state = await mirror_state.of_company(tx, **_company(session))
    loaded_at = state.loaded_at if state is not None else None
    return loaded_at.astimezone(ZoneInfo(session.policy.zone)).date() if loaded_at is not None else None


async def _all_of(
    tx: AsyncSession, session: Session, asked: _Asked
) -> tuple[Totals, AsyncIterator[Sequence[Row[Any]]]]:
    """Return the totals of all accounts asked for, and their rows, few at a time."""
    whose: dict[str, Any] = {**_company(session), "wanted": asked.wanted}
    if asked.changed is not None:
        totals = await held_accounts.changed_totals(tx, **whose, changed=asked.changed)
        return _totals(totals), held_accounts.changed_chunks(tx, **whose, changed=asked.changed)
    rows = held_accounts.chunks(tx, **whose, now=session.now, zone=session.policy.zone)
    return _totals(await held_accounts.totals(tx, **whose)), rows


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
    totals = _totals(await held_accounts.totals(tx, **_company(session), wanted=wanted))
    page = nearest_page(page, totals.count, per_page)
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


def _totals(rows: Sequence[Row[Any]]) -> Totals:
    return Totals.of(
        (Currency(row.currency_iso, row.currency_symbol), row.total, row.accounts, row.with_balance) for row in rows
    )


def _alerts(session: Session, asked: OnHoldQuery, *, is_narrowed: bool) -> str:
    if session.answering is None or not session.may(Action.SUBSCRIBE_SELF):
        return ""
    return in_company(key_of(session.answering.company), asked.as_alerts("holds,releases", is_narrowed=is_narrowed))


def _note_read(session: Session, listing: Listing) -> None:
    changes = listing.changes
    what = "on hold" if changes is None else "released" if changes.released else "put on hold"
    session.reads.list(f"accounts {what}", listing.asked, listing.company_name, listing.totals.count)


def _company(session: Session) -> dict[str, Any]:
    return {"workspace_id": session.workspace_id, "company_pk": session.company_pk}


def _lines(listing: Listing, rows: Sequence[Row[Any]], now: datetime, zone: ZoneInfo) -> str:
    made = account_of if listing.changes is None else changed_account_of
    return csv.lines(listing, (made(row, now, zone) for row in rows))


def account_of(row: Row[Any], now: datetime, zone: ZoneInfo) -> Account:
    """Return the account of a row of `held_accounts`."""
    held = held_account_of(row, now, zone)
    since = row.episode_opened_at.astimezone(zone).date() if row.episode_opened_at is not None else None
    return Account(held, since, held.customer.status_reason or row.episode_reason or "")


def changed_account_of(row: Row[Any], now: datetime, zone: ZoneInfo) -> Account:
    """Return the account of a row of `held_accounts.changed_page`, with the stay that began or ended."""
    opened, closed = row.episode_opened_at, row.episode_closed_at
    days = HoldEpisode(opened, closed).days_held(now, zone)
    return Account(
        HeldAccount(snapshot_of(dict(row._mapping)), days, row.episode_already_held),
        opened.astimezone(zone).date(),
        row.episode_reason,
        closed.astimezone(zone).date() if closed is not None else None,
        row.episode_ending,
        row.times,
    )


def _trouble(session: Session) -> str:
    mirror = session.answering.mirror if session.answering is not None else None
    return mirror.trouble if mirror is not None else ""

"""Sage's own answer in time, else our copy's while it may be trusted, else none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.customer import Customer, CustomerName
from bot.domain.source import IN_TIME, Away
from bot.errors import BotError, CopyTooOld, NotAllowed, SageBusy, SageUnreadable, TokensUnavailable
from bot.features.access.model.authorization import Decision
from bot.features.access.service.policy import policy_from
from bot.features.connections.service.connections import SageCompany
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.own_customers import alike, suggested
from bot.features.mirror.service.rows import customer_of
from storage import connections, mirror_search, settings
from storage import mirror_state as ledgers
from storage import mirrored_customers as mirror
from storage.database import Database
from storage.tables.alerts import LIVE, MirrorStateRow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CachedCustomer:
    """A customer as our copy has it, and the moment at which that was true."""

    customer: Customer
    as_of: datetime


@dataclass(frozen=True, slots=True)
class CachedNames:
    """Those whom some words may mean, by name."""

    names: list[CustomerName]
    as_of: datetime


class CachedData:
    """The mirror, read for somebody whom Sage does not answer just now.

    It was read with another person's sign-in. So Sage is always asked first, and a refusal is final: neither it nor
    an outage that follows it is answered from the copy. `CachePermission` remembers whom Sage refused, and
    `line.kept` says whom the copy may answer.
    """

    def __init__(self, *, database: Database, admission: CachePermission, in_time: float = IN_TIME) -> None:
        self._database = database
        self._admission = admission
        self._in_time = in_time

    async def live_or_cached(
        self, line: SageCompany, live: Callable[[], Awaitable[T]], kept: Callable[[Away], Awaitable[T | None]]
    ) -> T:
        """What Sage answers, however late, where `kept` has nothing. Raises what Sage refuses with, or CopyTooOld."""
        asking = asyncio.create_task(self._admission.asked(line, live))
        try:
            await asyncio.wait({asking}, timeout=self._in_time)
            found = await self._in_time_or_none(line, kept) if not asking.done() else None
            if found is not None and not asking.done():
                self._admission.run_on(line, asking)
                return found
            return await asking
        except BotError as error:
            if error.permanent or not self._may_answer(line):
                raise
            found = await self._instead(line, kept, error)
            if found is None:
                raise
            return found
        except asyncio.CancelledError:
            asking.cancel()
            raise

    async def _in_time_or_none(self, line: SageCompany, kept: Callable[[Away], Awaitable[T | None]]) -> T | None:
        """A copy that is too old, or shows less than Sage may, is no answer yet: Sage's own may still come."""
        if not self._may_answer(line):
            return None
        try:
            return await kept(Away.SLOW)
        except (CopyTooOld, NotAllowed):
            return None

    async def _instead(
        self, line: SageCompany, kept: Callable[[Away], Awaitable[T | None]], error: BotError
    ) -> T | None:
        try:
            return await kept(_away(error))
        except NotAllowed:
            if line.is_own:  # Sage itself would have shown it
                return None
            raise

    def _may_answer(self, line: SageCompany) -> bool:
        return line.kept.allowed and not self._admission.bars(line)

    async def by_reference(self, line: SageCompany, reference: str, *, now: datetime) -> CachedCustomer | None:
        """None where there is no such customer in the copy, or no copy. Raises CopyTooOld."""
        async with self._database.reading() as tx:
            books, ledger = await cached_company(tx, line)
            row = await mirror.by_reference(tx, **books, reference=reference) if books else None
            if row is None:
                return None
            return _trusted(mirror.as_stored(row), ledger, await _trusted_for(tx, line), now)

    async def by_id(self, line: SageCompany, customer_id: int, *, now: datetime) -> CachedCustomer | None:
        """The same by id."""
        async with self._database.reading() as tx:
            books, ledger = await cached_company(tx, line)
            found = await mirror.with_ids(tx, **books, ids=[customer_id]) if books else {}
            if customer_id not in found:
                return None
            return _trusted(found[customer_id], ledger, await _trusted_for(tx, line), now)

    async def find(self, line: SageCompany, words: str, *, most: int, now: datetime) -> CachedNames | None:
        """By name, whom the words may mean; None until the whole of the company has been read once.

        Raises CopyTooOld.
        """
        spellings = (words.lower(), words.upper(), words.title())
        async with self._database.reading() as tx:
            books, as_of = await trusted_cache(tx, line, now=now)
            if as_of is None:
                return None
            found = await mirror_search.find(tx, **books, words=words, spellings=spellings, limit=most)
        names = [
            CustomerName(each.customer_id, each.reference, each.name, each.short_name, each.postcode) for each in found
        ]
        return CachedNames(names, as_of)

    async def theirs(self, line: SageCompany, decision: Decision, words: str, *, most: int) -> tuple[CustomerName, ...]:
        """Names alone, of whatever age: whom the words may mean among those that a narrowed verdict shows."""
        async with self._database.reading() as tx:
            books, _ = await cached_company(tx, line)
            return await suggested(tx, books, decision, words, most=most) if books else ()

    async def alike(self, line: SageCompany, decision: Decision, words: str) -> tuple[CustomerName, ...]:
        """The nearest of the same."""
        async with self._database.reading() as tx:
            books, _ = await cached_company(tx, line)
            return await alike(tx, books, decision, words) if books else ()


def _trusted(
    row: mirror.Stored, ledger: MirrorStateRow | None, trusted_for: timedelta, now: datetime
) -> CachedCustomer:
    seen: datetime = row["seen_at"]
    as_of = max(seen, ledger.synced_at) if ledger is not None and ledger.synced_at is not None else seen
    _check(as_of, trusted_for, now)
    return CachedCustomer(customer_of(row), as_of)


def _check(as_of: datetime, trusted_for: timedelta, now: datetime) -> None:
    if now - as_of > trusted_for:
        _too_old(as_of, trusted_for)


async def _trusted_for(tx: AsyncSession, line: SageCompany) -> timedelta:
    return policy_from(await settings.of_workspace(tx, workspace_id=line.workspace_id)).trust_copy_for


async def cached_company(tx: AsyncSession, line: SageCompany) -> tuple[dict[str, Any], MirrorStateRow | None]:
    """This workspace's copy of the very company that the line asks; nothing where the person has changed it since."""
    named = {"workspace_id": line.workspace_id, "connection_id": line.connection_id}
    company = await connections.company_of(tx, **named)
    if company is None or (company.edition, company.site_id, company.company_id) != (
        line.company.edition.value,
        line.company.site_id,
        line.company.company_id,
    ):
        return {}, None
    books: dict[str, Any] = {"workspace_id": line.workspace_id, "company_pk": company.id}
    return books, await ledgers.of_company(tx, **books)


async def trusted_cache(
    tx: AsyncSession, line: SageCompany, *, now: datetime
) -> tuple[dict[str, Any], datetime | None]:
    """The same with the moment at which the whole was true; None until it was read once. Raises CopyTooOld."""
    books, ledger = await cached_company(tx, line)
    if ledger is None or ledger.phase != LIVE or ledger.synced_at is None:
        return books, None
    _check(ledger.synced_at, await _trusted_for(tx, line), now)
    return books, ledger.synced_at


def _away(error: BotError) -> Away:
    if isinstance(error, TokensUnavailable):
        return Away.SIGN_IN
    if isinstance(error, SageBusy):
        return Away.BUSY
    return Away.UNREADABLE if isinstance(error, SageUnreadable) else Away.SILENT


def _too_old(as_of: datetime, trusted_for: timedelta) -> NoReturn:
    hours = int(trusted_for.total_seconds() // 3600)
    raise CopyTooOld(
        f"Sage 200 did not answer. My copy of its customers is of {as_of.day} {as_of:%B %Y, %H:%M} UTC, and one older "
        f"than {hours} hours is not to be trusted, so I have no figures to show.",
        as_of=as_of,
    )

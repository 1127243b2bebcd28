"""Fallback to the mirror: Sage's own answer if it comes in time, else the mirror's while it may be trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn, TypeVar

from bot.domain.customer import Customer, CustomerName
from bot.domain.source import IN_TIME, Away
from bot.domain.text.folding import same
from bot.errors import BotError, CopyTooOld, NotAllowed, SageBusy, SageUnreadable, TokensUnavailable
from bot.features.access.model.authorization import Decision
from bot.features.access.model.session import Session
from bot.features.connections.service.connections import SageCompany
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.own_customers import alike, suggested
from bot.features.mirror.service.rows import customer_of
from storage.database import Database
from storage.queries.mirror import mirror_search, mirrored_customers

T = TypeVar("T")

DID_NOT_ANSWER = f"{Away.SILENT}."


@dataclass(frozen=True, slots=True)
class CachedCustomer:
    """A customer from the mirror, and the time at which that was true."""

    customer: Customer
    as_of: datetime


@dataclass(frozen=True, slots=True)
class CachedNames:
    """The mirror's customers that some words may mean."""

    names: list[CustomerName]
    as_of: datetime


class CachedData:
    """Reads the mirror for users whom Sage does not answer at the moment."""

    # Another person's sign-in has read it. So Sage is always asked first, and a refusal is final: neither it nor an
    # outage after it is answered from the mirror. `session.cached` decides what the mirror may show.

    def __init__(self, *, database: Database, permission: CachePermission, in_time: float = IN_TIME) -> None:
        self._database = database
        self._permission = permission
        self._in_time = in_time

    async def live_or_cached(
        self, sage: SageCompany, live: Callable[[], Awaitable[T]], cached: Callable[[Away], Awaitable[T | None]]
    ) -> T:
        """Return Sage's answer if it comes within `in_time`, else the mirror's; if that has none, wait for Sage.

        `live` asks Sage, `cached` the mirror. Raises what Sage refuses with, or CopyTooOld.
        """
        asking = asyncio.create_task(self._permission.asked(sage, live))
        try:
            await asyncio.wait({asking}, timeout=self._in_time)
            found = await self._in_time_or_none(sage, cached) if not asking.done() else None
            if found is not None and not asking.done():
                self._permission.run_on(sage, asking)
                return found
            return await asking
        except BotError as error:
            if error.permanent or not _may_answer(sage):
                raise
            found = await self._cached_instead(sage, cached, error)
            if found is None:
                raise
            return found
        except asyncio.CancelledError:
            asking.cancel()
            raise

    async def _in_time_or_none(self, sage: SageCompany, cached: Callable[[Away], Awaitable[T | None]]) -> T | None:
        """Return the mirror's answer; None if it is too old or shows less than Sage may: Sage may still answer."""
        if not _may_answer(sage):
            return None
        try:
            return await cached(Away.SLOW)
        except (CopyTooOld, NotAllowed):
            return None

    async def _cached_instead(
        self, sage: SageCompany, cached: Callable[[Away], Awaitable[T | None]], error: BotError
    ) -> T | None:
        try:
            return await cached(_away(error))
        except NotAllowed:
            if sage.is_own:  # Sage itself would have shown it
                return None
            raise

    async def by_reference(self, sage: SageCompany, reference: str) -> CachedCustomer | None:
        """Return the customer; None if the mirror doesn't have it. Raises CopyTooOld."""
        async with self._database.reading() as tx:
            row = await mirrored_customers.by_reference(tx, **sage.company_columns, reference_key=same(reference))
        return _trusted(mirrored_customers.as_stored(row), sage.session) if row is not None else None

    async def by_id(self, sage: SageCompany, customer_id: int) -> CachedCustomer | None:
        """Return the customer with this id; None if the mirror doesn't have it. Raises CopyTooOld."""
        async with self._database.reading() as tx:
            found = await mirrored_customers.with_ids(tx, **sage.company_columns, ids=[customer_id])
        return _trusted(found[customer_id], sage.session) if customer_id in found else None

    async def find(self, sage: SageCompany, words: str, *, most: int) -> CachedNames | None:
        """Return the customers that the words may mean, by name; None before the initial load. Raises CopyTooOld."""
        as_of = trusted_since(sage.session)
        if as_of is None:
            return None
        async with self._database.reading() as tx:
            found = await mirror_search.find(tx, **sage.company_columns, words=same(words), limit=most)
        names = [
            CustomerName(each.customer_id, each.reference, each.name, each.short_name, each.postcode) for each in found
        ]
        return CachedNames(names, as_of)

    async def own_customers(
        self, sage: SageCompany, decision: Decision, words: str, *, most: int
    ) -> tuple[CustomerName, ...]:
        """Return the names, of any age, that the words may mean among the customers that a narrowed decision shows."""
        async with self._database.reading() as tx:
            return await suggested(tx, sage.company_columns, decision, words, most=most)

    async def alike(self, sage: SageCompany, decision: Decision, words: str) -> tuple[CustomerName, ...]:
        """Return the nearest names among the customers that the decision shows."""
        async with self._database.reading() as tx:
            return await alike(tx, sage.company_columns, decision, words)


def _may_answer(sage: SageCompany) -> bool:
    return sage.session.cached.allowed


def trusted_since(session: Session) -> datetime | None:
    """Return when the mirror was last true; None before the end of the initial load. Raises CopyTooOld."""
    mirror_state = session.answering.mirror if session.answering is not None else None
    if mirror_state is None or mirror_state.synced_at is None:
        return None
    _check(mirror_state.synced_at, session)
    return mirror_state.synced_at


def _trusted(row: mirrored_customers.Stored, session: Session) -> CachedCustomer:
    seen: datetime = row["seen_at"]
    mirror_state = session.answering.mirror if session.answering is not None else None
    synced_at = mirror_state.synced_at if mirror_state is not None else None
    as_of = max(seen, synced_at) if synced_at is not None else seen
    _check(as_of, session)
    return CachedCustomer(customer_of(row), as_of)


def _check(as_of: datetime, session: Session) -> None:
    if session.now - as_of > session.policy.trust_copy_for:
        _too_old(as_of, session.policy.trust_copy_for)


def _away(error: BotError) -> Away:
    if isinstance(error, TokensUnavailable):
        return Away.SIGN_IN
    if isinstance(error, SageBusy):
        return Away.BUSY
    return Away.UNREADABLE if isinstance(error, SageUnreadable) else Away.SILENT


def _too_old(as_of: datetime, trusted_for: timedelta) -> NoReturn:
    hours = int(trusted_for.total_seconds() // 3600)
    raise CopyTooOld(
        f"{DID_NOT_ANSWER} The saved figures are from {as_of.day} {as_of:%B %Y, %H:%M} UTC, "
        f"and ones older than {hours} hours are not shown.",
        as_of=as_of,
    )

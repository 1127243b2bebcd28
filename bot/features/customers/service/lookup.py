"""Answering questions about customers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from cachetools import TTLCache

from bot.domain.company import Company, key_of
from bot.domain.customer import Customer, CustomerName
from bot.domain.source import Away, Copied, Source
from bot.errors import BotError, NotAllowed, SageMissing
from bot.features.access.model.authorization import Action, Asker, Decision, Shown
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import (
    MOST_CHOICES,
    CustomerCard,
    LookupResult,
    NoCustomer,
    SeveralCustomers,
    asked_words,
    exactly,
    looks_like_reference,
    nearest,
)
from bot.features.customers.service.copy import CachedCustomer, CachedData
from bot.features.customers.service.own_customers import is_narrowed
from bot.features.customers.service.watch_status import WatchStatus

_FRESH = 300  # seconds that names and labels are kept; figures are never kept

log = structlog.get_logger(__name__)


class Customers:
    """One look-up per question, as the asker: live from Sage, or from the copy where Sage does not answer."""

    def __init__(self, *, connections: Connections, copies: CachedData, watches: WatchStatus) -> None:
        self._connections = connections
        self._copies = copies
        self._watches = watches
        self._names: TTLCache[object, list[CustomerName]] = TTLCache(maxsize=20, ttl=_FRESH)
        self._unlabelled: TTLCache[object, bool] = TTLCache(maxsize=500, ttl=_FRESH)
        self._labels: TTLCache[object, Mapping[int, str]] = TTLCache(maxsize=500, ttl=_FRESH)

    async def look_up(self, asker: Asker, text: str, *, now: datetime) -> LookupResult:
        """By reference in any case, then name, short name or postcode, then the nearest names.

        Raises BadQuestion, NotAllowed, NotConnected, ReconnectNeeded, NoCompany or a SageError.
        """
        words = asked_words(text)
        line = await self._connections.line_for(asker, action=Action.STATUS)
        found = await self._copies.live_or_cached(
            line, lambda: self._look_up(line, words, now=now), lambda why: self._kept(line, words, Copied(why, now))
        )
        return await self._marked(asker, line, found) if isinstance(found, CustomerCard) else found

    async def _look_up(self, line: SageCompany, words: str, *, now: datetime) -> LookupResult:
        if looks_like_reference(words):
            customer = await self._by_reference(line, words)
            if customer is not None:
                return await self._card(line, customer, now=now)
        return await self._search(line, words, now=now)

    async def by_id(self, asker: Asker, customer_id: int, *, now: datetime) -> CustomerCard:
        """The card of a menu's choice; the id is asked of the asker's own company, so a forged one finds nothing."""
        line = await self._connections.line_for(asker, action=Action.STATUS)
        found = await self._copies.live_or_cached(
            line,
            lambda: self._by_id(line, customer_id, now=now),
            lambda why: self._kept_by_id(line, customer_id, Copied(why, now)),
        )
        return await self._marked(asker, line, found)

    async def _marked(self, asker: Asker, line: SageCompany, card: CustomerCard) -> CustomerCard:
        """With whether the asker watches it already."""
        number = await self._watches.number(asker, line.connection_id, card.customer.reference)
        return replace(card, watched=number is not None)

    async def _by_id(self, line: SageCompany, customer_id: int, *, now: datetime) -> CustomerCard:
        customer = await line.sage.customer_by_id(customer_id)
        if customer is None:
            raise SageMissing("That customer is not in your company's Sage 200 any more.")
        return await self._card(line, customer, now=now)

    async def _kept(self, line: SageCompany, words: str, copied: Copied) -> LookupResult | None:
        """What the copy has for these words; None where it can't tell."""
        if looks_like_reference(words) and (found := await self._copies.by_reference(line, words, now=copied.asked_at)):
            return self._copied(line, found, copied)
        listed = await self._copies.find(line, words, most=MOST_CHOICES + 1, now=copied.asked_at)
        if listed is None:
            return None
        source = Source(line.company.company_name, listed.as_of, copied)
        names = await self._known_to(line, line.kept, words, listed.names)
        chosen = names[0] if len(names) == 1 else exactly(words, names)
        if chosen is not None and (kept := await self._copies.by_id(line, chosen.id, now=copied.asked_at)):
            return self._copied(line, kept, copied)
        if not names:
            # An account may be newer than the copy: where Sage is only slow, its own word is waited for.
            return None if copied.why is Away.SLOW else NoCustomer(words, (), source.company_name, source)
        more = len(names) > MOST_CHOICES
        return SeveralCustomers(words, tuple(names[:MOST_CHOICES]), more, source.company_name, source)

    async def _kept_by_id(self, line: SageCompany, customer_id: int, copied: Copied) -> CustomerCard | None:
        found = await self._copies.by_id(line, customer_id, now=copied.asked_at)
        return self._copied(line, found, copied) if found is not None else None

    def _copied(self, line: SageCompany, found: CachedCustomer, copied: Copied) -> CustomerCard:
        """Sage is away, so only labels that are known already stand on it."""
        shown = shown_by(line.kept, found.customer)
        labels = self._labels.get((line.workspace_id, line.company.key), {})
        return _on_card(line, found.customer, shown, labels, as_of=found.as_of, copied=copied)

    async def _by_reference(self, line: SageCompany, reference: str) -> Customer | None:
        """The labels are fetched beside the figures: an answer is read in the middle of a call."""
        labels = asyncio.create_task(self._labels_of(line))
        try:
            return await line.sage.customer(reference)
        finally:
            await labels

    async def _search(self, line: SageCompany, words: str, *, now: datetime) -> LookupResult:
        names = await self._known_to(line, line.decision, words, await line.sage.find(words, most=MOST_CHOICES + 1))
        chosen = names[0] if len(names) == 1 else exactly(words, names)
        if names and chosen is None:
            more = len(names) > MOST_CHOICES
            return SeveralCustomers(
                words, tuple(names[:MOST_CHOICES]), more, line.company.company_name, _live(line, now)
            )
        customer = await line.sage.customer_by_id(chosen.id) if chosen is not None else None
        if customer is not None:
            return await self._card(line, customer, now=now)
        if is_narrowed(line.decision):
            close = await self._copies.alike(line, line.decision, words)
        else:
            close = nearest(words, await self._all_names(line))
        return NoCustomer(words, close, line.company.company_name, _live(line, now))

    async def _known_to(
        self, line: SageCompany, decision: Decision, words: str, found: Sequence[CustomerName]
    ) -> Sequence[CustomerName]:
        """Of those found only such as this person may know of; one alone is left to the card, which is refused."""
        if not is_narrowed(decision):
            return found
        theirs = await self._copies.theirs(line, decision, words, most=MOST_CHOICES + 1)
        chosen = found[0] if len(found) == 1 else exactly(words, found)
        return theirs or ([chosen] if chosen is not None else [])

    async def _card(self, line: SageCompany, customer: Customer, *, now: datetime) -> CustomerCard:
        shown = shown_to(line, customer)
        labels = await self._labels_of(line) if shown is Shown.FIGURES else {}
        return _on_card(line, customer, shown, labels, as_of=now)

    async def labels(self, line: SageCompany) -> Mapping[int, str]:
        """What this company calls its analysis codes; none where Sage can't say."""
        return await self._labels_of(line)

    def labels_kept(self, workspace_id: str, company: Company) -> Mapping[int, str]:
        """The same where it was asked of Sage lately; else none."""
        known: Mapping[int, str] = self._labels.get((workspace_id, company.key), {})
        return known

    async def _labels_of(self, line: SageCompany) -> Mapping[int, str]:
        """Known for everybody of the company once Sage gives them to one; what it refuses to one is refused to them."""
        key = (line.workspace_id, line.company.key)
        known = self._labels.get(key)
        if known is not None or line.key in self._unlabelled:
            return known or {}
        try:
            self._labels[key] = found = await line.sage.analysis_labels()
        except BotError as error:
            # A card without the labels' names beats no card. Old sites and narrow roles never have them.
            log.warning("no analysis code labels", why=type(error).__name__)
            if error.permanent:
                self._unlabelled[line.key] = True
            return {}
        return found

    async def _all_names(self, line: SageCompany) -> list[CustomerName]:
        if line.key not in self._names:
            self._names[line.key] = await line.sage.names()
        return self._names[line.key]


def _on_card(
    line: SageCompany,
    customer: Customer,
    shown: Shown,
    labels: Mapping[int, str],
    *,
    as_of: datetime,
    copied: Copied | None = None,
) -> CustomerCard:
    """No more of the customer than is shown, and whose books it is in."""
    books, has_figures = line.company, shown is Shown.FIGURES
    return CustomerCard(
        customer if has_figures else customer.status_only(),
        labels if has_figures else {},
        books.company_name,
        as_of,
        shown,
        copied,
        may=line.may,
        company_key=key_of(books),
    )


def shown_to(line: SageCompany, customer: Customer) -> Shown:
    """How much of this customer the line's asker may see. Raises NotAllowed for somebody else's customer."""
    return shown_by(line.decision, customer)


def shown_by(decision: Decision, customer: Customer) -> Shown:
    """The same by a verdict."""
    shown = decision.shown_of(customer.analysis)
    if shown is None:
        raise NotAllowed(
            "That isn't one of your customers, so I can't show it to you.",
            hint="If it should be, ask an admin of this app. Or connect your own Sage ID with `/sage connect`.",
        )
    return shown


def _live(line: SageCompany, now: datetime) -> Source:
    return Source(line.company.company_name, now)

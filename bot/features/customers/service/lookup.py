"""Looking up customers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from weakref import WeakValueDictionary

import structlog
from cachetools import TTLCache

from bot.domain.company import Company, key_of
from bot.domain.customer import Customer, CustomerName
from bot.domain.source import Away, Copied, Source
from bot.errors import BotError, CopyTooOld, NotAllowed, SageMissing
from bot.features.access.model.authorization import Action, Decision, Shown
from bot.features.access.model.session import Session
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import (
    MOST_CHOICES,
    CustomerCard,
    LookupResult,
    NameBook,
    NoCustomer,
    SeveralCustomers,
    asked_words,
    exactly,
    looks_like_reference,
)
from bot.features.customers.service.copy import DID_NOT_ANSWER, CachedCustomer, CachedData
from bot.features.customers.service.own_customers import is_narrowed
from bot.features.customers.service.watch_status import watch_number

MOST_NAME_BYTES = 128 * 1024 * 1024
"""For the names of all companies together; those of 100,000 customers take some 65 MB."""
_NAMED = 20  # characters of a reference that a button holds
_FRESH = 300  # seconds for which names and labels are cached; figures are never cached

log = structlog.get_logger(__name__)


class Customers:
    """Looks customers up as the asker: live from Sage, or in the mirror while Sage does not answer."""

    def __init__(
        self, *, connections: Connections, cached_data: CachedData, names_bytes: int = MOST_NAME_BYTES
    ) -> None:
        self._connections = connections
        self._cached_data = cached_data
        # Of a company, whoever asked: what the asker may see is decided before names are looked at.
        self._names: TTLCache[object, NameBook] = TTLCache(names_bytes, _FRESH, getsizeof=NameBook.bytes)
        self._name_turns: WeakValueDictionary[object, asyncio.Lock] = WeakValueDictionary()
        self._unlabelled: TTLCache[object, bool] = TTLCache(maxsize=500, ttl=_FRESH)
        self._labels: TTLCache[object, Mapping[int, str]] = TTLCache(maxsize=500, ttl=_FRESH)

    async def look_up(self, session: Session, text: str) -> LookupResult:
        """Return the customer by reference in any case, then by name or postcode, then the nearest names.

        Raises BadQuestion, NotAllowed, NotConnected, ReconnectNeeded, NoCompany or a SageError.
        """
        words = asked_words(text)
        sage = self._connections.company_for(session, action=Action.STATUS)
        found = await self._cached_data.live_or_cached(
            sage,
            lambda: self._look_up(sage, words),
            lambda why: self._cached(sage, words, Copied(why, session.now)),
        )
        return _marked(session, found) if isinstance(found, CustomerCard) else found

    async def _look_up(self, sage: SageCompany, words: str) -> LookupResult:
        if looks_like_reference(words):
            customer = await self._by_reference(sage, words)
            if customer is not None:
                return await self._card(sage, customer)
        return await self._search(sage, words)

    async def by_id(self, session: Session, customer_id: int, *, reference: str = "") -> CustomerCard:
        """Return the card of a customer id, as a button or form names it with its `reference`, which may be cut.

        Raises as `look_up`, or SageMissing: also where another account has that id now.
        """
        # The id is asked of the asker's own company, so a forged one finds nothing of another's.
        sage = self._connections.company_for(session, action=Action.STATUS)
        found = await self._cached_data.live_or_cached(
            sage,
            lambda: self._by_id(sage, customer_id),
            lambda why: self._cached_by_id(sage, customer_id, Copied(why, session.now)),
        )
        if reference and found.customer.reference[:_NAMED] != reference[:_NAMED]:
            raise SageMissing("That card is out of date: its account is a different one now.")
        return _marked(session, found)

    async def reread(self, session: Session, customer: Customer) -> CustomerCard:
        """Return the card of a customer that the asker's company has just given. Raises as `look_up`."""
        sage = self._connections.company_for(session, action=Action.STATUS)
        return _marked(session, await self._card(sage, customer))

    async def _by_id(self, sage: SageCompany, customer_id: int) -> CustomerCard:
        customer = await sage.client.customer_by_id(customer_id)
        if customer is not None:
            return await self._card(sage, customer)
        card = await self._not_shown(sage, lambda: self._cached_data.by_id(sage, customer_id))
        if card is None:
            raise SageMissing("That customer is not in your company's Sage 200 any more.")
        return card

    async def _cached(self, sage: SageCompany, words: str, copied: Copied) -> LookupResult | None:
        """Return what the mirror has for these words; None if it can't tell."""
        if looks_like_reference(words) and (found := await self._cached_data.by_reference(sage, words)):
            return self._copied(sage, found, copied)
        listed = await self._cached_data.find(sage, words, most=MOST_CHOICES + 1)
        if listed is None:
            return None
        source = Source(sage.company.company_name, listed.as_of, copied, key_of(sage.company))
        names = await self._known_to(sage, sage.session.cached, words, listed.names)
        chosen = names[0] if len(names) == 1 else exactly(words, names)
        if chosen is not None and (cached := await self._cached_data.by_id(sage, chosen.id)):
            return self._copied(sage, cached, copied)
        if not names:
            # An account may be newer than the mirror: while Sage is only slow, wait for its answer.
            return None if copied.why is Away.SLOW else NoCustomer(words, (), source.company_name, source)
        more = len(names) > MOST_CHOICES
        return SeveralCustomers(words, tuple(names[:MOST_CHOICES]), more, source.company_name, source)

    async def _cached_by_id(self, sage: SageCompany, customer_id: int, copied: Copied) -> CustomerCard | None:
        found = await self._cached_data.by_id(sage, customer_id)
        return self._copied(sage, found, copied) if found is not None else None

    def _copied(self, sage: SageCompany, found: CachedCustomer, copied: Copied) -> CustomerCard:
        """Return the mirror's card. Sage is away, so only cached labels are on it."""
        shown = shown_by(sage, sage.session.cached, found.customer)
        labels = self._labels.get((sage.workspace_id, sage.company.key), {})
        return _on_card(sage, found.customer, shown, labels, as_of=found.as_of, copied=copied)

    async def _by_reference(self, sage: SageCompany, reference: str) -> Customer | None:
        """Return the customer.

        Labels that aren't cached are fetched at once beside it: a user is on the phone meanwhile.
        """
        if self._knows_labels(sage):
            return await sage.client.customer(reference)
        labels = asyncio.create_task(self._labels_of(sage))
        try:
            return await sage.client.customer(reference)
        finally:
            await labels

    async def _search(self, sage: SageCompany, words: str) -> LookupResult:
        found = await sage.client.find(words, most=MOST_CHOICES + 1)
        names = await self._known_to(sage, sage.decision, words, found)
        if not names and not is_narrowed(sage.decision):
            # Sage compares letter by letter: a dash, an apostrophe or an accent may be another one there.
            book = await self._name_book(sage)
            names = await asyncio.to_thread(book.fitting, words, most=MOST_CHOICES + 1)
        chosen = names[0] if len(names) == 1 else exactly(words, names)
        if names and chosen is None:
            more = len(names) > MOST_CHOICES
            return SeveralCustomers(words, tuple(names[:MOST_CHOICES]), more, sage.company.company_name, _live(sage))
        customer = await sage.client.customer_by_id(chosen.id) if chosen is not None else None
        if customer is not None:
            return await self._card(sage, customer)
        known = await self._only_in_copy(sage, words)
        if known is not None:
            return known
        if is_narrowed(sage.decision):
            close = await self._cached_data.alike(sage, sage.decision, words)
        else:
            close = await asyncio.to_thread((await self._name_book(sage)).nearest, words)
        return NoCustomer(words, close, sage.company.company_name, _live(sage))

    async def _only_in_copy(self, sage: SageCompany, words: str) -> LookupResult | None:
        """Return what the mirror knows by words that Sage knows nobody by; None if it knows nobody either.

        Raises SageMissing if the mirror knows the reference and is too old to be shown.
        """
        if looks_like_reference(words):
            card = await self._not_shown(sage, lambda: self._cached_data.by_reference(sage, words))
            if card is not None:
                return card
        try:
            found = await self._cached(sage, words, Copied(Away.NONE_SHOWN, sage.session.now))
        except (CopyTooOld, NotAllowed):
            return None
        if isinstance(found, CustomerCard):
            # It has another name by now: Sage is asked for the id.
            return await self._by_id(sage, found.customer.id)
        return found if isinstance(found, SeveralCustomers) else None

    async def _not_shown(
        self, sage: SageCompany, cached: Callable[[], Awaitable[CachedCustomer | None]]
    ) -> CustomerCard | None:
        """Return the mirror's card of a customer that Sage does not show; None if the mirror doesn't have it either.

        Raises SageMissing if the mirror has it and is too old to be shown.
        """
        # Deleted in Sage, or left out of its answer by a site in trouble: which of them is not known yet.
        if not sage.session.cached.allowed:
            return None
        try:
            found = await cached()
        except CopyTooOld as error:
            raise SageMissing(error.message.replace(DID_NOT_ANSWER, f"{Away.NOT_SHOWN}.")) from None
        if found is None:
            return None
        return self._copied(sage, found, Copied(Away.NOT_SHOWN, sage.session.now))

    async def _known_to(
        self, sage: SageCompany, decision: Decision, words: str, found: Sequence[CustomerName]
    ) -> Sequence[CustomerName]:
        """Return those found that the asker may know of. A single one is left to the card, which is then refused."""
        if not is_narrowed(decision):
            return found
        own = await self._cached_data.own_customers(sage, decision, words, most=MOST_CHOICES + 1)
        chosen = found[0] if len(found) == 1 else exactly(words, found)
        return own or ([chosen] if chosen is not None else [])

    async def _card(self, sage: SageCompany, customer: Customer) -> CustomerCard:
        shown = shown_to(sage, customer)
        labels = await self._labels_of(sage) if shown is Shown.FIGURES else {}
        return _on_card(sage, customer, shown, labels, as_of=sage.session.now)

    async def labels(self, sage: SageCompany) -> Mapping[int, str]:
        """Return the company's names for its analysis codes; empty if Sage can't say."""
        return await self._labels_of(sage)

    def cached_labels(self, workspace_id: str, company: Company) -> Mapping[int, str]:
        """Return the cached names of the company's analysis codes; empty if none are cached."""
        known: Mapping[int, str] = self._labels.get((workspace_id, company.key), {})
        return known

    async def _labels_of(self, sage: SageCompany) -> Mapping[int, str]:
        """Return the labels, cached for the whole company; a refusal is cached for that sign-in alone."""
        key = (sage.workspace_id, sage.company.key)
        known = self._labels.get(key)
        if known is not None or sage.key in self._unlabelled:
            return known or {}
        try:
            self._labels[key] = found = await sage.client.analysis_labels()
        except BotError as error:
            # A card without labels beats no card. Old sites and narrow roles never have them.
            log.warning("no analysis code labels", why=type(error).__name__)
            if error.permanent:
                self._unlabelled[sage.key] = True
            return {}
        return found

    def _knows_labels(self, sage: SageCompany) -> bool:
        return (sage.workspace_id, sage.company.key) in self._labels or sage.key in self._unlabelled

    async def _name_book(self, sage: SageCompany) -> NameBook:
        """Return the names of all customers, cached for the company. A book larger than the cache isn't cached."""
        key = (sage.workspace_id, sage.company.key)
        if (known := self._names.get(key)) is not None:
            return known
        # Those who ask meanwhile wait for the names that are being read, and don't read them too.
        turn = self._name_turns.get(key)
        if turn is None:
            self._name_turns[key] = turn = asyncio.Lock()
        async with turn:
            if (known := self._names.get(key)) is not None:
                return known
            book = await asyncio.to_thread(NameBook, await sage.client.names())
            # An empty one may be the answer of a site in trouble.
            if book.has_names and book.bytes() <= self._names.maxsize:
                self._names[key] = book
            return book


def _on_card(
    sage: SageCompany,
    customer: Customer,
    shown: Shown,
    labels: Mapping[int, str],
    *,
    as_of: datetime,
    copied: Copied | None = None,
) -> CustomerCard:
    """Return the card, with no more of the customer than is shown."""
    company, has_figures = sage.company, shown is Shown.FIGURES
    if has_figures:
        sage.session.reads.customer(customer.reference, customer.name, company.company_name)
    return CustomerCard(
        customer if has_figures else customer.status_only(),
        labels if has_figures else {},
        company.company_name,
        as_of,
        shown,
        copied,
        may=sage.session.permissions.may,
        company_key=key_of(company),
        may_connect=not sage.session.has_own_sign_in,
    )


def _marked(session: Session, card: CustomerCard) -> CustomerCard:
    """Return the card, with whether the asker watches its customer."""
    return replace(card, watched=watch_number(session, card.customer.reference) is not None)


def shown_to(sage: SageCompany, customer: Customer) -> Shown:
    """Return how much of this customer the asker may see. Raises NotAllowed if the customer is not one of theirs."""
    return shown_by(sage, sage.decision, customer)


def shown_by(sage: SageCompany, decision: Decision, customer: Customer) -> Shown:
    """Return how much of this customer the decision shows. Raises NotAllowed if nothing."""
    shown = decision.shown_of(customer.analysis)
    if shown is None:
        or_connect = "" if sage.session.has_own_sign_in else " Or connect your own Sage ID with `/sage connect`."
        raise NotAllowed(
            "That isn't one of your customers, so it can't be shown to you.",
            hint=f"If it should be, ask an admin of this app.{or_connect}",
        )
    return shown


def _live(sage: SageCompany) -> Source:
    return Source(sage.company.company_name, sage.session.now, company_key=key_of(sage.company))

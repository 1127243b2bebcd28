"""A customer's aged debt, open invoices, open orders and contact, always read from Sage."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import structlog
from cachetools import TTLCache

from bot.domain.debt.debts import ItemKind
from bot.domain.debt.payment_history import average_days_late, settled_lately, year_before
from bot.domain.source import Source
from bot.errors import BotError, NotAllowed, SageForbidden, SageMissing, SageRejected
from bot.features.access.model.authorization import Shown
from bot.features.access.model.session import Session
from bot.features.account_detail.model import (
    AgeBy,
    AgedDebt,
    Bucket,
    Contact,
    LastPayment,
    OpenInvoices,
    OpenOrders,
    PayingHabit,
    PaymentRecord,
    longest_overdue_first,
)
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import CustomerCard
from bot.features.customers.service.lookup import Customers
from bot.features.overdue.service.debts import Debts
from bot.sage.documents import Ageing

T = TypeVar("T")

_AT_ONCE = 1.0  # second: a card does not wait longer for the orders
_FRESH = 300  # seconds for which a company's way to age debt is cached
_NO_AGED_DEBT = "Your Sage 200 doesn't give debt by age to apps: servers older than September 2020 can't."


@dataclass(frozen=True, slots=True)
class DetailRequest:
    """The customer asked about: the id in the asker's company, and the reference it must still have ("": any)."""

    customer_id: int
    reference: str = ""


log = structlog.get_logger(__name__)


class AccountDetail:
    """Reads what is behind a customer's figures. The mirror has none of this, so there is no answer while Sage is away.

    Every call raises BadQuestion, NotAllowed, NotConnected, ReconnectNeeded, NoCompany or a SageError.
    """

    def __init__(self, *, connections: Connections, customers: Customers, debts: Debts) -> None:
        self._connections = connections
        self._debts = debts
        self._customers = customers
        self._ageing: TTLCache[object, Ageing] = TTLCache(maxsize=500, ttl=_FRESH)

    async def aged_debt(self, session: Session, wanted: DetailRequest, *, by: AgeBy | None = None) -> AgedDebt:
        """Return the debt by age in the company's own periods; `by` replaces the company's own way to count age."""

        async def ask(sage: SageCompany) -> tuple[tuple[Bucket, ...], AgeBy, bool, PayingHabit | None]:
            habit, aged = await asyncio.gather(_habit_if_known(sage, wanted.customer_id), ask_aged(sage))
            return *aged, habit

        async def ask_aged(sage: SageCompany) -> tuple[tuple[Bucket, ...], AgeBy, bool]:
            ageing = await self._ageing_of(sage)
            way = by or ageing.by or AgeBy.TRANSACTION_DATE
            own = ageing.by is not None and way is ageing.by
            try:
                return await sage.client.documents().aged(wanted.customer_id, by=way, starts=ageing.starts), way, own
            except SageMissing:
                raise SageMissing(_NO_AGED_DEBT) from None

        card, (buckets, way, own, habit) = await self._with_card(session, wanted, ask, kind="aged debt")
        return AgedDebt(card.customer, way, buckets, _live(card, session.now), is_own_choice=own, habit=habit)

    async def payment_record(self, session: Session, wanted: DetailRequest) -> PaymentRecord:
        """Return how many days late the customer pays, by the invoices settled within a year."""
        card, habit = await self._with_card(
            session, wanted, lambda sage: _habit(sage, wanted.customer_id), kind="average days late"
        )
        return PaymentRecord(card.customer, habit, _live(card, session.now))

    async def open_invoices(self, session: Session, wanted: DetailRequest) -> OpenInvoices:
        """Return the open invoices, longest overdue first, as of today in the workspace's time zone."""

        card, found = await self._with_card(
            session, wanted, lambda sage: sage.client.documents().outstanding(wanted.customer_id), kind="open invoices"
        )
        today = session.today
        items = found.rows
        owed = longest_overdue_first((item for item in items if not item.is_credit), today)
        waiting = sum((item.outstanding for item in items if item.is_credit), Decimal(0))
        return OpenInvoices(card.customer, owed, waiting, today, _live(card, session.now), found.unread)

    async def open_orders(self, session: Session, wanted: DetailRequest) -> OpenOrders:
        """Return the open orders, newest first."""
        card, found = await self._with_card(
            session, wanted, lambda sage: sage.client.documents().open_orders(wanted.customer_id), kind="open orders"
        )
        return OpenOrders(card.customer, found.rows, _live(card, session.now), found.unread)

    async def whole(self, session: Session, card: CustomerCard) -> CustomerCard:
        """Return the card with what the customer owes late and the first open orders, as every card is drawn."""
        orders, card = await asyncio.gather(self._orders_of(session, card), self._debts.with_debt(session, card))
        return replace(card, orders=orders)

    async def _orders_of(self, session: Session, card: CustomerCard) -> OpenOrders | None:
        """Return the orders of a live card with a value of open orders; None where Sage doesn't give them at once."""
        value = card.customer.open_orders
        if card.copied is not None or card.shown is not Shown.FIGURES or value is None or value <= 0:
            return None
        try:
            sage = self._connections.company_for(session)
            async with asyncio.timeout(_AT_ONCE):
                found = await sage.client.documents().open_orders(card.customer.id)
        except (BotError, TimeoutError) as error:
            log.info("a card without its orders", why=type(error).__name__)
            return None
        return OpenOrders(card.customer, found.rows, _live(card, session.now), found.unread)

    async def last_payment(self, session: Session, wanted: DetailRequest) -> LastPayment:
        """Return the newest receipt among the newest postings."""
        card, found = await self._with_card(
            session, wanted, lambda sage: sage.client.documents().newest_postings(wanted.customer_id), kind="payments"
        )
        receipt = next((item for item in found.rows if item.kind is ItemKind.RECEIPT), None)
        since = min((item.dated for item in found.rows if item.dated is not None), default=None)
        return LastPayment(card.customer, receipt, since, _live(card, session.now))

    async def contact(self, session: Session, wanted: DetailRequest) -> Contact:
        """Return the contact on the card, with the postal address if Sage gives one."""

        async def ask(sage: SageCompany) -> tuple[str, ...]:
            try:
                return await sage.client.documents().address(wanted.customer_id)
            except BotError as error:
                log.info("no address", why=type(error).__name__)
                return ()

        card, address = await self._with_card(session, wanted, ask, kind="contact")
        return Contact(card.customer, address, card.source)

    async def _with_card(
        self, session: Session, wanted: DetailRequest, ask: Callable[[SageCompany], Awaitable[T]], *, kind: str
    ) -> tuple[CustomerCard, T]:
        """Return the card and the answer of `ask`. Raises NotAllowed or SageMissing if the card may not be shown."""
        # Both are asked at once, to save a round trip. Only the card decides what the asker may see.
        sage = self._connections.company_for(session)
        asking = asyncio.ensure_future(ask(sage))
        try:
            card = await self._customers.by_id(session, wanted.customer_id, reference=wanted.reference)
            if card.shown is not Shown.FIGURES:
                raise NotAllowed
            answer = await asking
            session.reads.customer(card.customer.reference, card.customer.name, card.company_name, kind)
            return card, answer
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _ageing_of(self, sage: SageCompany) -> Ageing:
        key = (sage.workspace_id, sage.company.key)
        if key not in self._ageing:
            try:
                self._ageing[key] = await sage.client.documents().ageing()
            except BotError as error:
                log.info("a company's way to age debt is not known", why=type(error).__name__)
                return Ageing(None)
        return self._ageing[key]


async def _habit(sage: SageCompany, customer_id: int) -> PayingHabit:
    today = sage.session.today
    try:
        found = await sage.client.documents().settled(customer_id, begin=year_before(today))
    except (SageMissing, SageForbidden, SageRejected) as refusal:
        log.info("no settled invoices", why=type(refusal).__name__)
        return PayingHabit(None, is_given=False)
    return PayingHabit(average_days_late(found.rows, today), len(settled_lately(found.rows, today)))


async def _habit_if_known(sage: SageCompany, customer_id: int) -> PayingHabit | None:
    """Return the habit; None where Sage fails over it, as debt by age is worth showing without."""
    try:
        return await _habit(sage, customer_id)
    except BotError as error:
        log.info("settled invoices not read", why=type(error).__name__)
        return None


def _live(card: CustomerCard, now: datetime) -> Source:
    return Source(card.company_name, now, company_key=card.company_key)

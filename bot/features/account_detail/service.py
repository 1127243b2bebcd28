"""What is behind a customer's figures: debt by age, invoices, orders, contact. Always asked of Sage itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog
from cachetools import TTLCache

from bot.domain.source import Source
from bot.errors import BotError, NotAllowed, SageMissing
from bot.features.access.model.authorization import Asker, Shown
from bot.features.access.service.authorizer import Authorizer
from bot.features.account_detail.model import (
    AgeBy,
    AgedDebt,
    Bucket,
    Contact,
    OpenInvoices,
    OpenOrders,
    longest_overdue_first,
)
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import CustomerCard
from bot.features.customers.service.lookup import Customers
from bot.sage.documents import Ageing

T = TypeVar("T")

_FRESH = 300  # seconds for which a company's way to age debt is kept
_NO_AGED_DEBT = "Your Sage 200 doesn't give debt by age to apps: servers older than September 2020 can't."
_CHANGED = "That card is out of date: the account has another reference now, or you ask another company."


@dataclass(frozen=True, slots=True)
class DetailRequest:
    """Which customer: the id in the asker's own company, and the reference that it must still have ("" : any)."""

    customer_id: int
    reference: str = ""


log = structlog.get_logger(__name__)


class AccountDetail:
    """Each call checks afresh who asks and which company is theirs; what may be seen of a card holds here too.

    All raise BadQuestion, NotAllowed, NotConnected, ReconnectNeeded, NoCompany or a SageError. No copy is kept of
    these, so there is no answer while Sage is away.
    """

    def __init__(self, *, access: Authorizer, connections: Connections, customers: Customers) -> None:
        self._access = access
        self._connections = connections
        self._customers = customers
        self._ageing: TTLCache[object, Ageing] = TTLCache(maxsize=500, ttl=_FRESH)

    async def aged_debt(
        self, asker: Asker, wanted: DetailRequest, *, by: AgeBy | None = None, now: datetime
    ) -> AgedDebt:
        """In the company's own periods; `by` is another way to count age than the company's own."""

        async def ask(line: SageCompany) -> tuple[tuple[Bucket, ...], AgeBy, bool]:
            ageing = await self._ageing_of(line)
            way = by or ageing.by or AgeBy.TRANSACTION_DATE
            own = ageing.by is not None and way is ageing.by
            try:
                return await line.sage.documents().aged(wanted.customer_id, by=way, starts=ageing.starts), way, own
            except SageMissing:
                raise SageMissing(_NO_AGED_DEBT) from None

        card, (buckets, way, own) = await self._with_card(asker, wanted, ask, now=now)
        return AgedDebt(card.customer, way, buckets, _live(card, now), is_own_choice=own)

    async def open_invoices(self, asker: Asker, wanted: DetailRequest, *, now: datetime) -> OpenInvoices:
        """The longest overdue first, as of today in the workspace's zone."""

        card, items = await self._with_card(
            asker, wanted, lambda line: line.sage.documents().outstanding(wanted.customer_id), now=now
        )
        policy = await self._access.policy(asker.workspace_id)
        today = now.astimezone(ZoneInfo(policy.zone)).date()
        owed = longest_overdue_first((item for item in items if item.outstanding > 0), today)
        waiting = sum((item.outstanding for item in items if item.outstanding < 0), Decimal(0))
        return OpenInvoices(card.customer, owed, waiting, today, _live(card, now))

    async def open_orders(self, asker: Asker, wanted: DetailRequest, *, now: datetime) -> OpenOrders:
        """The newest first."""
        card, orders = await self._with_card(
            asker, wanted, lambda line: line.sage.documents().open_orders(wanted.customer_id), now=now
        )
        return OpenOrders(card.customer, orders, _live(card, now))

    async def contact(self, asker: Asker, wanted: DetailRequest, *, now: datetime) -> Contact:
        """As the card has it, with the address where Sage gives one."""

        async def ask(line: SageCompany) -> tuple[str, ...]:
            try:
                return await line.sage.documents().address(wanted.customer_id)
            except BotError as error:
                log.info("no address", why=type(error).__name__)
                return ()

        card, address = await self._with_card(asker, wanted, ask, now=now)
        return Contact(card.customer, address, card.source)

    async def _with_card(
        self, asker: Asker, wanted: DetailRequest, ask: Callable[[SageCompany], Awaitable[T]], *, now: datetime
    ) -> tuple[CustomerCard, T]:
        """Asked beside the card, and handed on only if the card is: who may see what is decided there alone."""
        line = await self._connections.line_for(asker)
        asking = asyncio.ensure_future(ask(line))
        try:
            card = await self._customers.by_id(asker, wanted.customer_id, now=now)
            if card.shown is not Shown.FIGURES:
                raise NotAllowed
            if wanted.reference and card.customer.reference != wanted.reference:
                raise SageMissing(_CHANGED)
            return card, await asking
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def _ageing_of(self, line: SageCompany) -> Ageing:
        key = (line.workspace_id, line.company.key)
        if key not in self._ageing:
            try:
                self._ageing[key] = await line.sage.documents().ageing()
            except BotError as error:
                log.info("a company's way to age debt is not known", why=type(error).__name__)
                return Ageing(None)
        return self._ageing[key]


def _live(card: CustomerCard, now: datetime) -> Source:
    return Source(card.company_name, now)

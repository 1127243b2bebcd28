"""The resources that a company's Sage offers: which is asked, where one is missing another, and what was found out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

import structlog

from bot.domain.company import SiteWays
from bot.domain.customer import Values
from bot.errors import BotError, SageMissing
from bot.sage.decoding import decode
from bot.sage.decoding.columns import Rows
from bot.sage.decoding.readable import readable
from bot.sage.protocol import rows

T = TypeVar("T")

VIEWS, RECORDS = "customer_views", "customers"
"""The fast view, with names and figures in one row; and the records themselves, the only resource of some sites."""
CUSTOMERS = (VIEWS, RECORDS)
NAMES = ("lookup_customers", RECORDS)

Ask = Callable[[str, Mapping[str, str]], Awaitable[object]]

log = structlog.get_logger(__name__)


class SiteResources:
    """Chooses the resource that answers a question about one company, and remembers the choice."""

    def __init__(self, ask: Ask, ways: SiteWays, remember: Callable[[SiteWays], Awaitable[None]]) -> None:
        self._ask = ask
        self._remember = remember
        self._stored = self.ways = ways
        self._currencies: dict[int, decode.LedgerCurrency] | None = None

    def look_again(self) -> None:
        """Ask for everything that was missing once more: the site may have been upgraded."""
        self.ways = replace(self.ways, lacks=frozenset())

    async def learn(self, ways: SiteWays) -> None:
        """Go on with these ways, and store them if they are new."""
        self.ways = ways
        if ways != self._stored:
            log.info("this Sage is asked otherwise", lacks=sorted(ways.lacks), names=ways.change_names_customer)
            self._stored = ways
            await self._remember(ways)

    async def offered(self, resources: tuple[str, ...], ask: Callable[[str], Awaitable[T]]) -> T:
        """Return the answer of the first of the resources that this Sage offers. Raises SageMissing for none."""
        # One that was missing is asked last: it is wanted again where the others have gone.
        missing: set[str] = set()
        for name in sorted(resources, key=lambda name: name in self.ways.lacks):
            try:
                answer = await ask(name)
            except SageMissing:
                missing.add(name)
                continue
            await self.learn(replace(self.ways, lacks=(self.ways.lacks - {name}) | missing))
            return answer
        raise SageMissing

    async def reader(self, resource: str) -> Callable[[Rows], list[Values]]:
        """Return the decoder of the customers of this resource."""
        if resource == VIEWS:
            return decode.customers
        if self._currencies is None:
            self._currencies = await self._read_currencies()
        return partial(decode.customer_records, currencies=self._currencies)

    async def _read_currencies(self) -> dict[int, decode.LedgerCurrency]:
        try:
            found = rows(await self._ask("currencies", {"$top": "500"}))
            return dict(readable(found, decode.currency, of="currencies").rows)
        except BotError as error:
            # A figure without the sign of its currency beats no figure.
            log.info("currencies not read", why=type(error).__name__)
            return {}

"""Examples of filters in the words of the company that answers somebody, for help and forms."""

from __future__ import annotations

import asyncio

from cachetools import TTLCache

from bot.domain.filters.filter_examples import DEMO, FilterExamples, examples_of
from bot.errors import BotError
from bot.features.access.model.session import Session
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.lookup import Customers
from storage.database import Database
from storage.queries.mirror import code_sets

_FRESH = 3_600  # seconds
_IN_TIME = 1.0  # seconds: Slack gives a form three


class CompanyExamples:
    """Examples by company, read once an hour."""

    def __init__(self, *, database: Database, connections: Connections, customers: Customers) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._kept: TTLCache[tuple[str, int | None], FilterExamples] = TTLCache(maxsize=500, ttl=_FRESH)

    async def of(self, session: Session) -> FilterExamples:
        """Return examples in the company's words; the demo's for those whom no company answers, or not in time."""
        try:
            sage = self._connections.company_for(session)
        except BotError:
            return DEMO
        key = (session.workspace_id, session.company_pk)
        if key not in self._kept:
            try:
                async with asyncio.timeout(_IN_TIME):
                    labels = await self._customers.labels(sage)
            except (TimeoutError, BotError):
                return DEMO
            async with self._database.reading() as tx:
                values = await code_sets.values(tx, **sage.company_columns)
            if not labels or not values:
                return DEMO
            self._kept[key] = examples_of(labels, values)
        return self._kept[key]

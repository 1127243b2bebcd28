"""The customers that somebody may mean while they type: names only, from the copy, in time or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.customer import CustomerName
from bot.domain.parsing import folded
from bot.errors import BotError
from bot.features.access.model.authorization import Action, Asker
from bot.features.connections.service.connections import Connections
from bot.features.customers.model.lookup import LONGEST_WORDS
from bot.features.customers.service.copy import cached_company
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.own_customers import alike, suggested
from storage.database import Database

MOST = 25
_IN_TIME = 2.0  # seconds, of the three that Slack gives
_SHORTEST_MISTYPED = 4

log = structlog.get_logger(__name__)


class TypeAhead:
    """Every keystroke is asked about afresh: who types, and what they may see."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        admission: CachePermission,
        in_time: float = _IN_TIME,
    ) -> None:
        self._database = database
        self._connections = connections
        self._admission = admission
        self._in_time = in_time

    async def may_begin(self, asker: Asker) -> None:
        """Raises for those who may look nobody up, as `line_for` does."""
        await self._connections.line_for(asker, action=Action.STATUS)

    async def suggest(self, introduce: Callable[[], Awaitable[Asker]], words: str) -> tuple[CustomerName, ...]:
        """At most 25. Nothing for those who may see nothing, and nothing when it takes too long: it never raises."""
        try:
            async with asyncio.timeout(self._in_time):
                return await self._suggested(await introduce(), folded(words)[:LONGEST_WORDS])
        except (BotError, TimeoutError, SQLAlchemyError, OSError) as error:
            log.info("suggested no customers", why=type(error).__name__)
            return ()

    async def _suggested(self, asker: Asker, words: str) -> tuple[CustomerName, ...]:
        line = await self._connections.line_for(asker, action=Action.STATUS)
        decision = await self._admission.admit_typing(line)
        async with self._database.reading() as tx:
            books, _ = await cached_company(tx, line)
            if not books:
                return ()
            found = await suggested(tx, books, decision, words, most=MOST)
            if found or len(words) < _SHORTEST_MISTYPED:
                return found
            return await alike(tx, books, decision, words)

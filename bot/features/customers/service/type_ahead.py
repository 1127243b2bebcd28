"""Suggestions of customers while a user types: names only, from the mirror, in time or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.customer import CustomerName
from bot.domain.folding import folded
from bot.errors import BotError
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.connections.service.connections import Connections
from bot.features.customers.model.lookup import LONGEST_WORDS
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.own_customers import alike, suggested
from storage.database import Database

MOST = 25
_IN_TIME = 2.0  # seconds, of the three that Slack gives
_SHORTEST_MISTYPED = 4

log = structlog.get_logger(__name__)


class TypeAhead:
    """Suggests customers. Each keystroke is authorized anew."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        permission: CachePermission,
        in_time: float = _IN_TIME,
    ) -> None:
        self._database = database
        self._connections = connections
        self._permission = permission
        self._in_time = in_time

    async def may_begin(self, session: Session) -> None:
        """Raise, as `company_for` does, for users who may look no customer up."""
        self._connections.company_for(session, action=Action.STATUS)

    async def suggest(self, session: Callable[[], Awaitable[Session]], words: str) -> tuple[CustomerName, ...]:
        """Return at most 25 customers; none for a user who may see none, or if it takes too long. Never raises."""
        try:
            async with asyncio.timeout(self._in_time):
                return await self._suggested(await session(), folded(words)[:LONGEST_WORDS])
        except (BotError, TimeoutError, SQLAlchemyError, OSError) as error:
            log.info("suggested no customers", why=type(error).__name__)
            return ()

    async def _suggested(self, session: Session, words: str) -> tuple[CustomerName, ...]:
        sage = self._connections.company_for(session, action=Action.STATUS)
        decision = await self._permission.admit_typing(sage)
        async with self._database.reading() as tx:
            found = await suggested(tx, sage.company_columns, decision, words, most=MOST)
            if found or len(words) < _SHORTEST_MISTYPED:
                return found
            return await alike(tx, sage.company_columns, decision, words)

"""Suggestions of customers while a user types: names only, from the mirror, in time or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog
from cachetools import TTLCache
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.company import key_of
from bot.domain.customer import CustomerName
from bot.domain.text.folding import folded
from bot.errors import BotError
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.connections.service.connections import Connections
from bot.features.customers.model.lookup import LONGEST_WORDS
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.elsewhere import Elsewhere
from bot.features.customers.service.own_customers import alike, suggested
from storage.database import Database

MOST = 25
_IN_TIME = 2.0  # seconds, of the three that Slack gives
_SHORTEST_MISTYPED = 4
_SHOWN_FOR = 300  # seconds

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Suggested:
    """The customers suggested of one company; the company in use has neither key nor name."""

    company_key: str
    company_name: str
    names: tuple[CustomerName, ...]


class TypeAhead:
    """Suggests customers. Each keystroke is authorized anew."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        permission: CachePermission,
        elsewhere: Elsewhere,
        in_time: float = _IN_TIME,
    ) -> None:
        self._database = database
        self._connections = connections
        self._permission = permission
        self._elsewhere = elsewhere
        self._in_time = in_time
        # To which sign-in Sage has shown another company lately: it isn't asked again at each keystroke.
        self._shown: TTLCache[tuple[str, int], bool] = TTLCache(maxsize=500, ttl=_SHOWN_FOR)

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

    async def suggest_in_all(self, session: Callable[[], Awaitable[Session]], words: str) -> tuple[Suggested, ...]:
        """Return what `suggest` does, and the customers of the asker's other companies. Never raises."""
        own = await self.suggest(session, words)
        try:
            async with asyncio.timeout(self._in_time / 2):
                others = await self._elsewhere.copied(await session())
                there = await asyncio.gather(*(self._suggested_there(each, words) for each in others))
        except (BotError, TimeoutError, SQLAlchemyError, OSError) as error:
            log.info("suggested no customers of other companies", why=type(error).__name__)
            there = []
        return (Suggested("", "", own), *(each for each in there if each.names))

    async def _suggested_there(self, session: Session, words: str) -> Suggested:
        if session.answering is None or session.sign_in is None:
            return Suggested("", "", ())
        company = session.answering.company
        shown = (session.sign_in.sign_in_id, session.answering.pk)
        if shown in self._shown:
            session = replace(session, sign_in=replace(session.sign_in, figures_seen_at=session.now))
        try:
            names = await self._suggested(session, folded(words)[:LONGEST_WORDS])
        except BotError:
            return Suggested("", "", ())
        self._shown[shown] = True
        return Suggested(key_of(company), company.company_name, names)

    async def _suggested(self, session: Session, words: str) -> tuple[CustomerName, ...]:
        sage = self._connections.company_for(session, action=Action.STATUS)
        decision = await self._permission.admit_typing(sage)
        async with self._database.reading() as tx:
            found = await suggested(tx, sage.company_columns, decision, words, most=MOST)
            if found or len(words) < _SHORTEST_MISTYPED:
                return found
            return await alike(tx, sage.company_columns, decision, words)

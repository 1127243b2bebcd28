"""“It”: the customer that somebody last asked about in a thread, remembered for an hour."""

from __future__ import annotations

from datetime import datetime

from bot.features.access.model.authorization import Asker
from bot.features.assistant.model.answers import SPOKEN_OF, Thread
from bot.features.connections.service.connections import Connections
from storage import connections
from storage import conversation_subject as spoken_of
from storage.database import Database


class Memory:
    """Kept by workspace, channel, thread and person, so nobody inherits another's “it”; for one company alone."""

    def __init__(self, *, database: Database, connections: Connections) -> None:
        self._database = database
        self._connections = connections

    async def remember(self, asker: Asker, place: Thread, customer_id: int, *, now: datetime) -> None:
        """From now on it is this one."""
        company_pk = await self._company(asker)
        if company_pk is None:
            return
        async with self._database.transaction() as tx:
            await spoken_of.remember(tx, **_key(asker, place), company_pk=company_pk, customer_id=customer_id, now=now)

    async def recall(self, asker: Asker, place: Thread, *, now: datetime) -> int | None:
        """The customer's id in the company that answers the asker now."""
        company_pk = await self._company(asker)
        if company_pk is None:
            return None
        async with self._database.reading() as tx:
            return await spoken_of.recall(tx, **_key(asker, place), company_pk=company_pk, since=now - SPOKEN_OF)

    async def _company(self, asker: Asker) -> int | None:
        line = await self._connections.line_for(asker)
        async with self._database.reading() as tx:
            named = {"workspace_id": asker.workspace_id, "connection_id": line.connection_id}
            company = await connections.company_of(tx, **named)
        return company.id if company is not None else None


def _key(asker: Asker, place: Thread) -> dict[str, str]:
    return {
        "workspace_id": asker.workspace_id,
        "channel": place.channel[:40],
        "thread": place.thread[:40],
        "user_id": asker.user_id,
    }

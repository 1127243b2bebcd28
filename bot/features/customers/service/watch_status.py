"""Whether somebody watches a customer: read for every card, so that its button says what it would do."""

from __future__ import annotations

from bot.domain.parsing import same
from bot.features.access.model.authorization import Asker
from bot.features.subscriptions.model.subscription import filter_from
from storage import connections, subscriptions
from storage.database import Database


class WatchStatus:
    """Of the company that a connection points at: another company's customer may have the same reference."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def number(self, asker: Asker, connection_id: str, reference: str) -> int | None:
        """The number of the asker's own subscription to this customer alone, in their own messages."""
        async with self._database.reading() as tx:
            whose = {"workspace_id": asker.workspace_id}
            company = await connections.company_of(tx, **whose, connection_id=connection_id)
            if company is None:
                return None
            kept = await subscriptions.personal(tx, **whose, company_pk=company.id, owner=asker.user_id)
        for row in kept:
            named = filter_from(row.filter_typed).customers
            if len(named) == 1 and same(named[0]) == same(reference):
                return row.number
        return None

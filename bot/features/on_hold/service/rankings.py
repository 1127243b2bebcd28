"""Lists over the whole ledger besides who is on hold: the mirror's answer, under the same rules."""

from __future__ import annotations

from datetime import datetime

from bot.domain.changes import Snapshot
from bot.domain.parsing import folded
from bot.features.access.model.authorization import Asker
from bot.features.access.service.policy import policy_from
from bot.features.assistant.model.questions import Largest, OverLimit
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.filter_vocabulary import vocabulary_for
from bot.features.customers.service.lookup import Customers
from bot.features.mirror.service.rows import CompanyKey, customer_of
from bot.features.on_hold.model import query as on_hold_words
from bot.features.on_hold.model.list import NotKnown
from bot.features.on_hold.model.ranking import Ranking
from bot.features.on_hold.service.list import kept_figures, trusted
from storage import mirrored_customers as mirror
from storage import settings
from storage.database import Database

_MOST_LOOKED_AT = 2_000
"""The largest balances among which somebody's own customers are sought."""


class Rankings:
    """Every call checks afresh who asks."""

    def __init__(
        self, *, database: Database, connections: Connections, customers: Customers, admission: CachePermission
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._admission = admission

    async def ask(
        self, asker: Asker, question: OverLimit | Largest, words: str, *, now: datetime
    ) -> Ranking | NotKnown:
        """Those that fit the words, as `/onhold` reads them. Raises as `OnHold.ask`."""
        line = await self._connections.line_for(asker)
        only = kept_figures(await self._admission.admit(line)).only
        known = await vocabulary_for(self._database, self._connections, self._customers, asker)
        books = CompanyKey(asker.workspace_id, known.company_pk)
        async with self._database.reading() as tx:
            policy = policy_from(await settings.of_workspace(tx, workspace_id=asker.workspace_id))
            asked = on_hold_words.parse_on_hold_query(folded(words), known.labels, known.values, mine=known.mine)
            known.check_mine(asked.filter, asker.name)
            as_of = await trusted(tx, asker, known, policy, now=now)
            if isinstance(as_of, NotKnown):
                return as_of
            if isinstance(question, OverLimit):
                rows = await mirror.over_limit(tx, **books.named)
            else:
                rows = await mirror.owing(tx, **books.named, most=_MOST_LOOKED_AT)
        seen = asked.narrowed(only)
        found = [customer for row in rows if seen.fits(Snapshot.of(customer := customer_of(mirror.as_stored(row))))]
        most = question.count if isinstance(question, Largest) else len(found)
        return Ranking(
            question,
            tuple(found[:most]),
            known.company_name,
            as_of,
            asked.describe(known.labels),
            only is not None,
            () if found else on_hold_words.ranking_meant(asked, known.labels, known.values),
        )

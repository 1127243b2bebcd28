"""Lists over the whole ledger besides who is on hold: the mirror's answer, under the same rules."""

from __future__ import annotations

from datetime import datetime

from bot.domain import on_hold_words
from bot.domain.access import Asker
from bot.domain.holds import Snapshot
from bot.domain.on_hold import NotKnown
from bot.domain.questions import Largest, OverLimit
from bot.domain.rankings import Ranking
from bot.domain.typed import folded
from bot.services.admission import Admission
from bot.services.company_words import words_for
from bot.services.connections import Connections
from bot.services.customers import Customers
from bot.services.mirrored import Books, customer_of
from bot.services.on_hold import kept_figures, trusted
from bot.services.policies import policy_from
from storage import mirror, settings
from storage.database import Database

_MOST_LOOKED_AT = 2_000
"""The largest balances among which somebody's own customers are sought."""


class Rankings:
    """Every call checks afresh who asks."""

    def __init__(
        self, *, database: Database, connections: Connections, customers: Customers, admission: Admission
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
        known = await words_for(self._database, self._connections, self._customers, asker)
        books = Books(asker.workspace_id, known.company_pk)
        async with self._database.reading() as tx:
            policy = policy_from(await settings.of_workspace(tx, workspace_id=asker.workspace_id))
            asked = on_hold_words.parse(folded(words), known.labels, known.values, mine=known.mine)
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
            () if found else on_hold_words.meant(asked, known.labels, known.values),
        )

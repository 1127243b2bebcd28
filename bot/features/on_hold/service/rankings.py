"""Rankings of a company's customers, from the mirror, under the rules of the list of holds."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.customer_filter import EVERYONE
from bot.domain.folding import folded
from bot.domain.money import Currency
from bot.features.access.model.session import Session
from bot.features.assistant.model.questions import Largest, OverLimit
from bot.features.connections.service.connections import Connections
from bot.features.customers.model.listing import NotKnown
from bot.features.customers.service.conditions import condition_of
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.customers.service.filter_vocabulary import vocabulary_for
from bot.features.customers.service.listing import require_figures, trusted_items, trusted_mirror
from bot.features.customers.service.lookup import Customers
from bot.features.mirror.service.rows import CompanyKey, customer_of
from bot.features.on_hold.model import query
from bot.features.on_hold.model.ranking import MOST_SHOWN, Ranking, ReasonCounts, counted
from bot.features.overdue.model.list import DebtNotKnown
from storage.database import Database
from storage.queries.mirror import hold_episodes, mirrored_customers

_A_YEAR = timedelta(days=365)


class Rankings:
    """Rankings of the asker's company."""

    def __init__(
        self, *, database: Database, connections: Connections, customers: Customers, permission: CachePermission
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._permission = permission

    async def reasons(self, session: Session) -> ReasonCounts | NotKnown:
        """Return how many accounts are on hold for which reason, of those the asker sees. Raises as `OnHold.ask`."""
        sage = self._connections.company_for(session)
        only = require_figures(await self._permission.admit(sage)).only
        as_of = trusted_mirror(session)
        if isinstance(as_of, NotKnown):
            return as_of
        since, wanted = session.now - _A_YEAR, condition_of(EVERYONE, only)
        async with self._database.reading() as tx:
            found = await hold_episodes.by_reason(tx, **sage.company_columns, wanted=wanted, since=since)
        rows = counted(
            (
                (
                    row.reason,
                    Currency(row.currency_iso, row.currency_symbol),
                    row.open_count,
                    row.open_balance,
                    row.begun,
                )
                for row in found
            ),
            session.policy.hold_reasons,
        )
        name = sage.company.company_name
        session.reads.list("holds by reason", "", name, sum(row.now for row in rows))
        return ReasonCounts(rows, name, as_of, only is not None)

    async def ask(
        self, session: Session, question: OverLimit | Largest, words: str
    ) -> Ranking | NotKnown | DebtNotKnown:
        """Return the customers that fit the words, read as `/onhold` reads them. Raises as `OnHold.ask`."""
        sage = self._connections.company_for(session)
        only = require_figures(await self._permission.admit(sage)).only
        known = await vocabulary_for(self._database, self._customers, sage)
        company = CompanyKey(session.workspace_id, known.company_pk)
        asked = query.parse_on_hold_query(folded(words), known.labels, known.values, mine=known.mine)
        known.check_mine(asked.filter, session.asker.name)
        as_of = trusted_mirror(session)
        if isinstance(as_of, NotKnown):
            return as_of
        if asked.asks_of_debt:
            items_as_of = trusted_items(session, known.company_name)
            if isinstance(items_as_of, DebtNotKnown):
                return items_as_of
            as_of = min(as_of, items_as_of)
        wanted = condition_of(asked.filter, only, words=asked.words, states=asked.states, today=session.today)
        async with self._database.reading() as tx:
            if isinstance(question, OverLimit):
                count, rows = await mirrored_customers.over_limit(tx, **company.named, wanted=wanted, most=MOST_SHOWN)
            else:
                rows = await mirrored_customers.owing(tx, **company.named, wanted=wanted, most=question.count)
                count = len(rows)
        kind = "largest balances" if isinstance(question, Largest) else "accounts over their limit"
        session.reads.list(kind, asked.describe(known.labels), known.company_name, count)
        return Ranking(
            question,
            tuple(map(customer_of, rows)),
            count,
            known.company_name,
            as_of,
            asked.describe(known.labels),
            only is not None,
            () if rows else query.ranking_meant(asked, known.labels, known.values),
        )

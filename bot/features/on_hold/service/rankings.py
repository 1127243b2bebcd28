"""Rankings of a company's customers, from the mirror, under the rules of the list of holds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.domain.company import key_of
from bot.domain.filters.customer_filter import EVERYONE
from bot.domain.money import Currency
from bot.domain.text import csv_file
from bot.features.access.model.session import Session
from bot.features.assistant.model.questions import Largest, NearLimit
from bot.features.customers.model.listing import NotKnown, nearest_page
from bot.features.customers.service.conditions import condition_of
from bot.features.customers.service.listing import ListAsked, Lists, trusted_mirror
from bot.features.mirror.service.rows import customer_of
from bot.features.on_hold.model import query, ranking_csv
from bot.features.on_hold.model.ranking import (
    RankedBy,
    Ranking,
    RankingFile,
    ReasonCounts,
    counted,
    per_page,
    used_at_least,
)
from bot.features.overdue.model.list import DebtNotKnown
from storage.database import Database
from storage.queries.mirror import hold_episodes, mirrored_customers

_A_YEAR = timedelta(days=365)


class Rankings:
    """Rankings of the asker's company."""

    def __init__(self, *, database: Database, lists: Lists) -> None:
        self._database = database
        self._lists = lists

    async def reasons(self, session: Session) -> ReasonCounts | NotKnown:
        """Return how many accounts are on hold for which reason, of those the asker sees. Raises as `OnHold.ask`."""
        sage, only = await self._lists.admit(session)
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
        self, session: Session, question: RankedBy, words: str, *, page: int = 1
    ) -> Ranking | NotKnown | DebtNotKnown:
        """Return a page of the customers that fit the words, read as `/onhold` reads them. Raises as `OnHold.ask`.

        A page beyond the ends becomes the nearest one.
        """
        asked = await self._asked(session, question, words)
        if not isinstance(asked, _Asked):
            return asked
        most = per_page(question)
        async with self._database.reading() as tx:
            count = await mirrored_customers.ranked_count(tx, **asked.condition)
            page = nearest_page(page, count, most)
            rows = await mirrored_customers.ranked(tx, **asked.condition, offset=(page - 1) * most, limit=most)
        ranking = replace(asked.ranking, customers=tuple(map(customer_of, rows)), count=count, page=page)
        _note_read(session, ranking)
        return ranking if rows else replace(ranking, meant=asked.meant)

    async def file(
        self, session: Session, question: RankedBy, words: str
    ) -> RankingFile | Ranking | NotKnown | DebtNotKnown:
        """Return all customers that fit the words as a file; the empty ranking if there is none. Raises as `ask`."""
        asked = await self._asked(session, question, words)
        if not isinstance(asked, _Asked):
            return asked
        parts: list[str] = []
        async with self._database.reading() as tx:
            count = await mirrored_customers.ranked_count(tx, **asked.condition)
            async for rows in mirrored_customers.ranked_chunks(tx, **asked.condition):
                parts.append(await asyncio.to_thread(_lines, asked.ranking, rows))
        ranking = replace(asked.ranking, count=count)
        _note_read(session, ranking)
        if not parts:
            return replace(ranking, meant=asked.meant)
        first = ranking_csv.first_line(ranking)
        return RankingFile(ranking, await asyncio.to_thread(csv_file.encoded, "".join([first, *parts])))

    async def _asked(self, session: Session, question: RankedBy, words: str) -> _Asked | NotKnown | DebtNotKnown:
        asked = await self._lists.read(session, words, query.parse_on_hold_query)
        if not isinstance(asked, ListAsked):
            return asked
        known, only = asked.known, asked.only
        ranking = Ranking(
            question,
            (),
            0,
            known.company_name,
            asked.as_of,
            asked.query.describe(known.labels),
            is_narrowed=only is not None,
            words=asked.words,
            labels=known.labels,
            company_key=key_of(asked.sage.company),
        )
        wanted, used = asked.condition(session.today), used_at_least(question)
        condition = {**asked.sage.company_columns, "wanted": wanted, "used": used}
        return _Asked(ranking, condition, query.ranking_meant(asked.query, known.labels, known.values))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for: the ranking without its customers, the condition, and filters where nothing is found."""

    ranking: Ranking
    condition: Mapping[str, Any]
    meant: tuple[str, ...]


def _note_read(session: Session, ranking: Ranking) -> None:
    question = ranking.question
    kind = "largest balances" if isinstance(question, Largest) else "accounts over their limit"
    kind = f"accounts with {question.percent}% of their limit used" if isinstance(question, NearLimit) else kind
    session.reads.list(kind, ranking.asked, ranking.company_name, ranking.count)


def _lines(ranking: Ranking, rows: Sequence[Mapping[str, Any]]) -> str:
    return ranking_csv.lines(ranking, map(customer_of, rows))

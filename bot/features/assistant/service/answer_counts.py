"""Counting answers in plain English and the presses under them, and reading the counts for admins."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.assistant.model.answer_kinds import (
    DAYS,
    LONGEST_WORDS,
    MOST_WORDS,
    NOT_UNDERSTOOD,
    AnswerReport,
    by_kind,
)
from bot.features.assistant.model.answers import Thread
from storage.database import Database
from storage.queries import answer_counts as rows

_EVERY = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class AnswerCounts:
    """Counts in this process, and adds to the rows once a minute at most: a question costs no statement more."""

    # What a killed process had counted in its last minute is lost: these are counts to look at, not a record.

    def __init__(self, *, database: Database) -> None:
        self._database = database
        self._waiting: Counter[tuple[str, date, str]] = Counter()
        self._since: datetime | None = None

    async def count(self, session: Session, kind: str, words: str) -> None:
        """Count an answer that was sent, and keep the words if it wasn't understood and admins keep them.

        Never raises.
        """
        self._waiting[session.workspace_id, session.today, kind] += 1
        self._since = self._since or session.now
        if session.now - self._since >= _EVERY:
            await self.write()
        if kind == NOT_UNDERSTOOD and session.policy.keep_questions:
            await self._keep(session, words)

    async def write(self) -> None:
        """Add what was counted to the rows. Never raises."""
        counted, self._waiting, self._since = self._waiting, Counter(), None
        if not counted:
            return
        try:
            async with self._database.transaction() as tx:
                await rows.add(tx, counted)
        except (SQLAlchemyError, OSError) as error:
            log.error("answers were not counted", count=counted.total(), why=type(error).__name__)  # noqa: TRY400

    async def _keep(self, session: Session, words: str) -> None:
        whose = {"workspace_id": session.workspace_id, "user_id": session.user_id}
        try:
            async with self._database.transaction() as tx:
                await rows.add_words(tx, **whose, words=words[:LONGEST_WORDS], now=session.now)
        except (SQLAlchemyError, OSError) as error:
            log.error("words were not kept", why=type(error).__name__)  # noqa: TRY400

    async def press(self, session: Session, place: Thread, message_ts: str, kind: str, *, is_liked: bool) -> None:
        """Store whether the user finds an answer useful, in place of what they said of it before."""
        async with self._database.transaction() as tx:
            await rows.add_press(
                tx,
                workspace_id=session.workspace_id,
                channel=place.channel[:40],
                message_ts=message_ts[:40],
                user_id=session.user_id,
                kind=kind,
                is_liked=is_liked,
                now=session.now,
            )

    async def report(self, session: Session) -> AnswerReport:
        """Return what was asked in the last days, also by what this process has counted. Raises NotAllowed."""
        session.require(Action.SETTINGS)
        await self.write()
        here, since = {"workspace_id": session.workspace_id}, session.now - timedelta(days=DAYS)
        async with self._database.reading() as tx:
            counts = await rows.counts(tx, **here, since=session.today - timedelta(days=DAYS))
            presses = await rows.presses(tx, **here, since=since)
            is_kept = session.policy.keep_questions
            words = await rows.words(tx, **here, since=since, limit=MOST_WORDS) if is_kept else []
        return AnswerReport(by_kind(counts, presses), counts.get(NOT_UNDERSTOOD, 0), is_kept, tuple(words))

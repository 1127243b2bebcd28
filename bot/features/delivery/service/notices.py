"""Sending what people are to be told: claimed by one process at a time, put off while Slack can't take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

import storage.notices as rows
from bot.domain.oauth_tokens import try_again_at
from bot.errors import BotError, SlackPosting
from bot.features.delivery.model import NoticeKind
from bot.features.delivery.service.recheck import RecipientRecheck
from bot.features.installations.service.installations import Bot, Installations
from bot.features.release_requests.service import notifications as request_news
from storage.database import Database
from storage.tables.core import Notice

_CLAIM = timedelta(seconds=60)
_MOST_ATTEMPTS = 20

log = structlog.get_logger(__name__)


class NoticeSender(Protocol):
    """Whoever can put words before a person."""

    async def tell(self, bot: Bot, telling: NoticeKind) -> tuple[str, str] | None:
        """Send it; (channel, ts) of where it stands. Raises SlackPosting, permanent where no second try would help."""
        ...


class Notices:
    """Things to tell, at least once: a process killed between Slack's answer and our note of it says it twice."""

    def __init__(
        self,
        *,
        database: Database,
        installations: Installations,
        recipient_recheck: RecipientRecheck,
        delivery: NoticeSender,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._installations = installations
        self._still_told = recipient_recheck
        self._delivery = delivery
        self._clock = clock

    async def due(self, *, most: int) -> list[int]:
        """Ids of what is to be sent now, oldest first."""
        async with self._database.reading() as tx:
            return [row.id for row in await rows.due(tx, now=self._clock(), limit=most)]

    async def send(self, notice_id: int) -> bool:
        """Send one. False: it was sent, is being sent, was put off or given up."""
        now = self._clock()
        async with self._database.transaction() as tx:
            if not await rows.claim(tx, notice_id=notice_id, now=now, until=now + _CLAIM):
                return False
            row = await rows.by_id(tx, notice_id=notice_id)
        try:
            bot = await self._installations.bot_of(row.workspace_id)
            if bot is None:
                await self._give_up(row, "not installed")
                return False
            place = (row.channel, row.message_ts) if row.channel and row.message_ts else None
            telling = await self._still_told.of(bot, NoticeKind(row.user_id, row.kind, row.facts, place))
            if telling is None:
                await self._kept_back(row)
                return False
            # Asking Slack takes a while, in which what was written may have changed, or been called off.
            async with self._database.reading() as tx:
                again = await rows.still_due(tx, notice_id=row.id)
            if again is None:
                return False
            if telling.kind == row.kind:
                telling = replace(telling, facts=again.facts)
            row = again
            stands = await self._delivery.tell(bot, telling)
        except BotError as error:
            await self._failed(row, error)
            return False
        async with self._database.transaction() as tx:
            if stands is not None:
                await request_news.catch_up(tx, row, stands, now=self._clock())
            await rows.sent(tx, notice_id=row.id, now=self._clock(), place=stands)
        return True

    async def _failed(self, row: Notice, error: BotError) -> None:
        why = error.why if isinstance(error, SlackPosting) else type(error).__name__
        if error.permanent or row.attempts >= _MOST_ATTEMPTS:
            await self._give_up(row, why)
            return
        pause = error.retry_after if isinstance(error, SlackPosting) else None
        again = try_again_at(self._clock(), failures=row.attempts - 1, spread=0.5, pause=pause)
        async with self._database.transaction() as tx:
            await rows.reschedule(tx, notice_id=row.id, due_at=again, failure=why)
        log.warning("a notice was put off", notice=row.id, why=why)

    async def _kept_back(self, row: Notice) -> None:
        async with self._database.transaction() as tx:
            await rows.dead_letter(tx, notice_id=row.id, failure="not theirs to know any more")
        log.info("a notice was kept back", notice=row.id, kind=row.kind)

    async def _give_up(self, row: Notice, why: str) -> None:
        async with self._database.transaction() as tx:
            await rows.dead_letter(tx, notice_id=row.id, failure=why)
        log.error("a notice was given up", notice=row.id, kind=row.kind, why=why)

"""One pass over a company's Sage: who asks, whose turn it is, and how what was read is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.coordination.lease import Turn
from bot.domain.customer import Customer
from bot.errors import BotError
from bot.features.mirror.service import watermarks as marks
from bot.features.mirror.service.apply_reading import Reading, apply_reading
from bot.features.mirror.service.change_listener import ChangeListener
from bot.features.mirror.service.rows import CompanyKey
from bot.sage.ledger import SageLedger
from storage import mirror_state as ledgers
from storage import mirrored_customers as mirror
from storage.database import Database
from storage.tables.alerts import MirrorStateRow

_REASONS_ONE_BY_ONE = 80

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class SyncRun:
    """Reads for as long as it has the company's turn. `ledger` is the row as it stood when the turn was taken."""

    books: CompanyKey
    sage: SageLedger
    turn: Turn
    ledger: MirrorStateRow
    database: Database
    change_listener: ChangeListener
    clock: Callable[[], datetime]
    interval: timedelta
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    async def write(self, reading: Reading, *, is_news: bool = True, **progress: Any) -> None:
        """What was read, what is news of it, and how far we got: all of it or nothing. Raises TurnLost."""
        now = self.began
        async with self.database.transaction() as tx:
            await self.turn.keep(tx)
            thresholds = await self.change_listener.thresholds(tx, company_pk=self.books.company_pk)
            seen = await apply_reading(tx, self.books, reading, thresholds=thresholds, now=now)
            blind_since = self._blind_since() if is_news else None
            if blind_since is not None:
                was_away = self.ledger.trouble_since is not None
                await self.change_listener.outage_over(
                    tx, **self.books.named, since=blind_since, seen=seen, was_away=was_away, now=now
                )
            elif seen:
                await self.change_listener.publish(tx, **self.books.named, seen=seen, now=now)
            await ledgers.note(tx, **self.books.named, **progress)

    async def save(self, **progress: Any) -> None:
        """How far we got, alone. Raises TurnLost."""
        async with self.database.transaction() as tx:
            await self.turn.keep(tx)
            await ledgers.note(tx, **self.books.named, **progress)

    async def first_marks(self) -> dict[str, Any]:
        """Asked before anything is read; None where this Sage keeps no times of change."""
        changed, posted = await self.sage.latest_change(), await self.sage.latest_posting()
        able = self.sage.able
        return {
            "changed_watermark": marks.first(changed, now=self.began) if able.customer_times else None,
            "posted_watermark": marks.first(posted, now=self.began) if able.postings else None,
        }

    def good(self) -> dict[str, Any]:
        """Sage answered: whatever trouble there was is over."""
        due = {"due_at": self.began + self.interval}
        return {**due, "failures": 0, "trouble": None, "trouble_since": None}

    def everything_again(self, *, has_times: bool) -> datetime:
        """When to read the whole ledger next."""
        if has_times:
            return marks.next_night(self.books.company_pk, now=self.began)
        return self.began + marks.full_interval(self.interval)

    async def reasons(self, customers: Collection[Customer]) -> dict[int, str]:
        """Why those whose hold changed are, or no longer are, on hold."""
        async with self.database.reading() as tx:
            held = await mirror.holds(tx, **self.books.named, ids=[customer.id for customer in customers])
        flipped = {each.id for each in customers if held.get(each.id, False) != each.on_hold}
        if len(flipped) <= _REASONS_ONE_BY_ONE:
            return await self.or_none(self.sage.status_reasons(flipped))
        every = await self.or_none(self.sage.reasons_on_hold())
        return {number: every[number] for number in flipped & every.keys()}

    async def or_none(self, asking: Awaitable[dict[int, str]]) -> dict[int, str]:
        """Reasons are worth a question, and not worth a hold that nobody hears of."""
        try:
            return await asking
        except BotError as error:
            log.warning("status reasons not read", why=type(error).__name__)
            return {}

    def _blind_since(self) -> datetime | None:
        """Since when nothing was seen, if that is long ago; this process away counts as much as Sage away."""
        until = self.ledger.synced_at
        usual = self.interval if self.ledger.changed_watermark is not None else marks.full_interval(self.interval)
        return until if until and marks.is_outage(seen_until=until, now=self.began, interval=usual) else None

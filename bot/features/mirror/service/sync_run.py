"""One sync run of a company: its lease, its Sage client, and how a reading and the progress are written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.lease import Lease
from bot.domain.customer import Customer, Values
from bot.errors import BotError
from bot.features.mirror.service import watermarks
from bot.features.mirror.service.apply_reading import Reading, apply_first, apply_reading
from bot.features.mirror.service.change_listener import ChangeListener, ObservedChange
from bot.features.mirror.service.open_items.apply_items import ItemsReading, apply_items
from bot.features.mirror.service.open_items.paid_debts import paid_debts
from bot.features.mirror.service.rows import CompanyKey
from bot.sage.ledger import SageLedger
from bot.sage.open_items import SageOpenItems
from storage.database import Database
from storage.queries.mirror import mirror_state, mirrored_customers, open_items
from storage.tables.alerts import LIVE, MirrorStateRow

_REASONS_ONE_BY_ONE = 80

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class SyncRun:
    """A sync run under the company's lease. `state` is the row as read after the lease was taken."""

    company: CompanyKey
    sage: SageLedger
    documents: SageOpenItems
    lease: Lease
    state: MirrorStateRow
    database: Database
    change_listener: ChangeListener
    clock: Callable[[], datetime]
    interval: timedelta
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    async def write_first(self, customers: Sequence[Values], *, are_new: bool, **progress: Any) -> None:
        """Write a page of the initial load and the progress in one transaction. Raises LeaseLost."""
        async with self.database.transaction() as tx:
            await self.lease.extend(tx)
            thresholds = await self.change_listener.thresholds(tx, company_pk=self.company.company_pk)
            await apply_first(tx, self.company, customers, thresholds=thresholds, are_new=are_new, now=self.began)
            await mirror_state.note(tx, **self.company.named, **progress)

    async def write(self, reading: Reading, *, items: ItemsReading | None = None, **progress: Any) -> None:
        """Write a reading, its alerts and the progress in one transaction. Raises LeaseLost."""
        now = self.began
        async with self.database.transaction() as tx:
            await self.lease.extend(tx)
            thresholds = await self.change_listener.thresholds(tx, company_pk=self.company.company_pk)
            seen = await apply_reading(tx, self.company, reading, thresholds=thresholds, now=now)
            await open_items.forget_customers(tx, **self.company.named, ids=reading.gone)
            if items is not None:
                seen += await self.apply_items(tx, items)
            outage_since = self._outage_since()
            if outage_since is not None:
                was_away = self.state.trouble_since is not None
                await self.change_listener.outage_over(
                    tx, **self.company.named, since=outage_since, seen=seen, was_away=was_away, now=now
                )
            elif seen:
                await self.change_listener.publish(tx, **self.company.named, seen=seen, now=now)
            await mirror_state.note(tx, **self.company.named, **progress)

    async def write_items(self, reading: ItemsReading, **progress: Any) -> None:
        """Write a reading of open items, its alerts and the progress in one transaction. Raises LeaseLost."""
        async with self.database.transaction() as tx:
            await self.lease.extend(tx)
            seen = await self.apply_items(tx, reading)
            if seen:
                await self.change_listener.publish(tx, **self.company.named, seen=seen, now=self.began)
            if progress:
                await mirror_state.note(tx, **self.company.named, **progress)

    async def apply_items(self, tx: AsyncSession, reading: ItemsReading) -> list[ObservedChange]:
        """Bring the open items to a reading. Return the news of late debt that was paid."""
        unsigned = bool(self.state.credits_unsigned)
        paid = await apply_items(tx, self.company, reading, unsigned=unsigned, now=self.began)
        # While they are read for the first time, some of what a receipt was set off against isn't here yet.
        return await paid_debts(tx, self.company, paid, now=self.began) if self.state.items_phase == LIVE else []

    async def save(self, **progress: Any) -> None:
        """Write the progress alone. Raises LeaseLost."""
        async with self.database.transaction() as tx:
            await self.lease.extend(tx)
            await mirror_state.note(tx, **self.company.named, **progress)

    async def first_watermarks(self) -> dict[str, Any]:
        """Return the watermarks to begin with, asked before anything is read; None where Sage keeps no times."""
        changed, posted = await self.sage.latest_change(), await self.sage.latest_posting()
        able = self.sage.able
        return {
            "changed_watermark": watermarks.first_watermark(changed, now=self.began) if able.customer_times else None,
            "posted_watermark": watermarks.first_watermark(posted, now=self.began) if able.postings else None,
        }

    def good(self) -> dict[str, Any]:
        """Return the columns of a success: the next due time, and no trouble."""
        due = {"due_at": self.began + self.interval}
        return {**due, "failures": 0, "trouble": None, "trouble_since": None}

    def next_full_read(self, *, has_times: bool) -> datetime:
        """Return when everything is read next."""
        if has_times:
            return watermarks.next_night(self.company.company_pk, now=self.began)
        return self.began + watermarks.full_interval(self.interval)

    async def reasons(self, customers: Collection[Customer]) -> dict[int, str]:
        """Return the status reasons of the customers whose hold changed."""
        async with self.database.reading() as tx:
            held = await mirrored_customers.holds(tx, **self.company.named, ids=[customer.id for customer in customers])
        flipped = {each.id for each in customers if held.get(each.id, False) != each.on_hold}
        if len(flipped) <= _REASONS_ONE_BY_ONE:
            return await self.reasons_or_none(self.sage.status_reasons(flipped))
        every = await self.reasons_or_none(self.sage.reasons_on_hold())
        return {number: every[number] for number in flipped & every.keys()}

    async def reasons_or_none(self, asking: Awaitable[dict[int, str]]) -> dict[int, str]:
        """Return the reasons, or none if Sage can't give them: a hold without its reason is still told."""
        try:
            return await asking
        except BotError as error:
            log.warning("status reasons not read", why=type(error).__name__)
            return {}

    def _outage_since(self) -> datetime | None:
        """Return since when nothing was read, if that is an outage; None otherwise. This app's downtime counts too."""
        until = self.state.synced_at
        usual = self.interval if self.state.changed_watermark is not None else watermarks.full_interval(self.interval)
        return until if until and watermarks.is_outage(seen_until=until, now=self.began, interval=usual) else None

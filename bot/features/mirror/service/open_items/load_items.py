"""The first load of the open items, after that of the customers: page by page, and then the credit set off."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.debt.debts import DebtItem, ItemKind, are_credits_unsigned
from bot.errors import SageForbidden, SageMissing, SageRejected
from bot.features.mirror.service.batch import pages
from bot.features.mirror.service.open_items.apply_items import ItemsReading, note_receipts
from bot.features.mirror.service.open_items.item_rows import SIGNED_KINDS, earliest_today, item_of, item_row
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.open_items import ItemPage
from storage.queries.mirror import first_debts, mirror_state, mirrored_customers, open_items, row_counts
from storage.tables.alerts import INITIAL_LOAD, LIVE, REFUSED

_CUSTOMERS_AT_ONCE = 1000
_JUDGED_BY = 500


class CustomersBeyond(Protocol):
    """A query of customers in order of id."""

    async def __call__(
        self, tx: AsyncSession, *, workspace_id: str, company_pk: int, beyond: int, limit: int
    ) -> list[int]: ...


log = structlog.get_logger(__name__)


async def load_items(run: SyncRun) -> None:
    """Read and store every open item; after a crash, go on behind the last stored page."""
    # Increments that come between two pages are applied to what is stored, so nothing is missed meanwhile.
    if run.state.items_phase != INITIAL_LOAD:
        await _begin(run)
    read, is_first = run.state.items_read_count, not run.state.items_read_up_to
    async with run.database.reading() as tx:
        are_new = not await open_items.is_any_beyond(tx, **run.company.named, beyond=run.state.items_read_up_to)
    try:
        async with aclosing(pages(run.documents.open_after, run.state.items_read_up_to)) as coming:
            async for page in coming:
                read += len(page.items)
                await _store(run, page, read, are_new=are_new)
                is_first = False
    except (SageMissing, SageForbidden, SageRejected) as refusal:
        if not is_first:
            raise
        # No transactions in this Sage, or no right to them: what is overdue isn't known, and all else works.
        log.info("open items are not given", company=run.company.company_pk, why=type(refusal).__name__)
        await run.save(items_phase=REFUSED, **run.good())
        return
    await judge_signs(run)
    await _set_off(run)
    live = {"items_phase": LIVE, "items_synced_at": run.began, **run.good(), "due_at": run.clock()}
    async with run.database.transaction() as tx:
        await run.lease.extend(tx)
        await mirror_state.note(tx, **run.company.named, **live)
        await row_counts.count(tx, row_counts.ITEMS)
    log.info("open items complete", company=run.company.company_pk, items=read)


async def judge_signs(run: SyncRun) -> None:
    """Find out whether this Sage gives credits without their minus; then turn those stored."""
    if run.state.credits_unsigned:
        return
    named = run.company.named
    async with run.database.reading() as tx:
        ids = await open_items.with_positive_credits(tx, **named, kinds=SIGNED_KINDS, limit=_JUDGED_BY)
        accounts = await mirrored_customers.balances(tx, **named, ids=ids)
        items = await open_items.items_of(tx, **named, ids=ids)
    judged: list[tuple[Decimal, Sequence[DebtItem]]] = [
        (balance, [item_of(row) for row in items.get(number, ())])
        for number, (balance, *_) in accounts.items()
        if balance is not None
    ]
    unsigned = are_credits_unsigned(judged)
    async with run.database.transaction() as tx:
        await run.lease.extend(tx)
        if unsigned:
            await open_items.turn_signs(tx, **named, kinds=SIGNED_KINDS)
        await mirror_state.note(tx, **named, credits_unsigned=unsigned)
    run.state.credits_unsigned = unsigned
    if unsigned:
        log.info("this Sage gives credits without their minus", company=run.company.company_pk)


async def _begin(run: SyncRun) -> None:
    """Begin with nothing: what may be stored is from before this Sage refused its transactions."""
    progress: dict[str, Any] = {"items_phase": INITIAL_LOAD, "items_read_up_to": 0, "items_read_count": 0}
    # What was told of lateness goes with the debts: what is late after this load is no news again.
    progress |= {"aged_on": None, "aged_by": None, "ageing_due_at": None}
    async with run.database.transaction() as tx:
        await run.lease.extend(tx)
        await open_items.forget_all(tx, **run.company.named)
        await mirror_state.note(tx, **run.company.named, **progress)
    for name, value in progress.items():
        setattr(run.state, name, value)


async def _store(run: SyncRun, page: ItemPage, read: int, *, are_new: bool) -> None:
    named = run.company.named
    unsigned = bool(run.state.credits_unsigned)
    async with run.database.transaction() as tx:
        await run.lease.extend(tx)
        symbols = await mirrored_customers.symbols(tx, **named, ids={each.customer_id for each in page.items})
        rows = [
            item_row(posted, run.company, symbol=symbols[posted.customer_id], unsigned=unsigned)
            for posted in page.items
            if posted.is_open and posted.customer_id in symbols
        ]
        await open_items.write(tx, **named, items=rows, are_new=are_new)
        await note_receipts(tx, run.company, page.items, now=run.began, is_first=True)
        await mirror_state.note(tx, **named, items_read_up_to=page.last, items_read_count=read)


async def _set_off(run: SyncRun) -> None:
    """Work out every customer's debt, and for whom balance and items differ."""
    await set_off(run, partial(first_debts.owners_to_set_off, refund=ItemKind.REFUND.value))
    await _sum_up(run)
    await set_off(run, open_items.drifted)


async def _sum_up(run: SyncRun) -> None:
    """Store the debts of all others, which the database works out as `counted` would: they have no credit."""
    last: int | None = 0
    while last is not None:
        async with run.database.transaction() as tx:
            await run.lease.extend(tx)
            last = await first_debts.add_sums(
                tx,
                **run.company.named,
                beyond=last,
                limit=_CUSTOMERS_AT_ONCE,
                before=earliest_today(run.began),
                now=run.began,
            )


async def set_off(run: SyncRun, beyond: CustomersBeyond) -> None:
    """Work out anew the debts of the customers that a query gives, from what is stored."""
    last = 0
    while True:
        async with run.database.reading() as tx:
            ids = await beyond(tx, **run.company.named, beyond=last, limit=_CUSTOMERS_AT_ONCE)
        if not ids:
            return
        await run.write_items(ItemsReading(again=ids))
        last = ids[-1]

"""The whole ledger compared with the mirror: deletions, and drift that no increment can see."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import structlog

from bot.errors import SageUnreadable
from bot.features.mirror.service.batch import Batch, pages
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.ledger import Page
from storage import mirrored_customers as mirror

_PLAUSIBLE_LOSS = 20

log = structlog.get_logger(__name__)


async def reconcile(run: SyncRun) -> None:
    """Page by page against the stored rows of the same ids. Where Sage keeps no times, this is the only news."""
    is_only_way = run.ledger.changed_watermark is None
    values = await _marks_not_had(run)
    batch = Batch(run)
    last, missing = 0, set[int]()
    async with aclosing(pages(run.sage, last)) as coming:
        async for page in coming:
            missing |= await _compare(run, batch, page, beyond=last)
            last = page.last
    batch.lose(await _really_gone(run, missing))
    if is_only_way:
        values |= {"synced_at": run.began, **run.good()}
    has_times = values.get("changed_watermark", run.ledger.changed_watermark) is not None
    await batch.finish(
        **values,
        reconciled_at=run.began,
        reconcile_due_at=run.everything_again(has_times=has_times),
        sweep=run.ledger.sweep + 1,
    )


async def _marks_not_had(run: SyncRun) -> dict[str, Any]:
    """A site is brought up to date one day, and a role is given a right that it lacked."""
    had = {"changed_watermark": run.ledger.changed_watermark, "posted_watermark": run.ledger.posted_watermark}
    if None not in had.values():
        return {}
    return {name: mark for name, mark in (await run.first_marks()).items() if had[name] is None}


async def _compare(run: SyncRun, batch: Batch, page: Page, *, beyond: int) -> set[int]:
    """Put what differs into the batch; the ids that ought to be on this page, and are not."""
    up_to = None if page.is_last else page.last
    async with run.database.reading() as tx:
        stored = await mirror.between(tx, **run.books.named, beyond=beyond, up_to=up_to)
    await batch.add_differing(page, stored)
    return stored.keys() - {customer.id for customer in page.customers} - page.unread


async def _really_gone(run: SyncRun, missing: set[int]) -> set[int]:
    """Those that are not there either when asked for by id. Raises SageUnreadable: a ledger doesn't just vanish."""
    async with run.database.reading() as tx:
        customers, _ = await mirror.counts(tx, **run.books.named)
    if missing and (len(missing) == customers or len(missing) > max(_PLAUSIBLE_LOSS, customers // 2)):
        log.error("Sage shows too little to be believed", company=run.books.company_pk, missing=len(missing))
        raise SageUnreadable
    page = await run.sage.customers_with_ids(missing)
    return missing - {customer.id for customer in page.customers} - page.unread

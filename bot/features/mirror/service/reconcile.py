"""The full read: everything in Sage compared with the mirror, to find deletions and missed changes."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import structlog

from bot.errors import SageUnreadable
from bot.features.mirror.service import watermarks
from bot.features.mirror.service.batch import Batch, pages
from bot.features.mirror.service.open_items.reconcile_items import reconcile_items
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.ledger import Page
from storage.queries.mirror import code_sets, mirrored_customers, name_words

_PLAUSIBLE_LOSS = 20

log = structlog.get_logger(__name__)


async def reconcile(run: SyncRun) -> None:
    """Compare Sage page by page with the stored rows, and write what differs."""
    # Where Sage keeps no times of change, the full read is the only way to find changes.
    is_only_way = run.state.changed_watermark is None
    values = await _watermarks(run)
    batch = Batch(run)
    last, missing = 0, set[int]()
    async with aclosing(pages(run.sage.customers_after, last)) as coming:
        async for page in coming:
            missing |= await _compare(run, batch, page, beyond=last)
            last = page.last
    batch.remove(await _deleted_in_sage(run, missing))
    if is_only_way:
        values |= {"synced_at": run.began, **run.good()}
    has_times = values.get("changed_watermark", run.state.changed_watermark) is not None
    await batch.finish(
        **values,
        reconciled_at=run.began,
        reconcile_due_at=run.next_full_read(has_times=has_times),
        sweep=run.state.sweep + 1,
    )
    async with run.database.transaction() as tx:
        await run.lease.extend(tx)
        await code_sets.forget_unused(tx, **run.company.named)
        await name_words.forget_unused(tx, **run.company.named)
    await reconcile_items(run)


async def _watermarks(run: SyncRun) -> dict[str, Any]:
    """Return the watermarks that Sage can give now and that were missing, or stood later than its clock does."""
    # A site may have been upgraded, a role given a right that it lacked, a clock or a database set back.
    had = {"changed_watermark": run.state.changed_watermark, "posted_watermark": run.state.posted_watermark}
    now = await run.first_watermarks()
    return {
        name: now[name] if stored is None else watermarks.lower(stored, now[name])
        for name, stored in had.items()
        if now[name] is not None
    }


async def _compare(run: SyncRun, batch: Batch, page: Page, *, beyond: int) -> set[int]:
    """Add what differs to the batch. Return the stored ids that this page lacks."""
    up_to = None if page.is_last else page.last
    async with run.database.reading() as tx:
        stored = await mirrored_customers.between(tx, **run.company.named, beyond=beyond, up_to=up_to)
    await batch.add_differing(page, stored)
    return stored.keys() - set(page.ids) - page.unread


async def _deleted_in_sage(run: SyncRun, missing: set[int]) -> set[int]:
    """Return the ids that Sage doesn't find by id either. Raises SageUnreadable if implausibly many are missing."""
    async with run.database.reading() as tx:
        customers, _ = await mirrored_customers.counts(tx, **run.company.named)
    if missing and (len(missing) == customers or len(missing) > max(_PLAUSIBLE_LOSS, customers // 2)):
        log.error("Sage shows too little to be believed", company=run.company.company_pk, missing=len(missing))
        raise SageUnreadable
    page = await run.sage.customers_with_ids(missing)
    return missing - set(page.ids) - page.unread

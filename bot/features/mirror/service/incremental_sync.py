"""What changed since the last reading, for the price of the changes: see docs/adr/0006."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.features.mirror.service import watermarks as marks
from bot.features.mirror.service.batch import Batch
from bot.features.mirror.service.sync_run import SyncRun


async def incremental_sync(run: SyncRun) -> None:
    """Customers by their own time of change; then those whose postings or orders moved, read again by id."""
    changed_watermark, posted_watermark = run.ledger.changed_watermark, run.ledger.posted_watermark
    if changed_watermark is None:
        # This Sage keeps no times of change: only reading everything tells, and that has a time of its own.
        await run.save(due_at=run.began + run.interval)
        return
    batch = Batch(run)
    begin = changed_watermark - marks.OVERLAP
    able, latest = await _changed(run, batch, begin)
    if not able:
        await run.save(changed_watermark=None, reconcile_due_at=run.began, due_at=run.began + run.interval)
        return
    # Nobody outside Sage knows whether a posting or an order touches the customer's own time of change.
    posted = (
        await run.sage.transactions_posted(posted_watermark - marks.OVERLAP) if posted_watermark is not None else None
    )
    ordered = await run.sage.orders_changed(begin)
    await batch.reread({number for moved in (posted, ordered) if moved is not None for number in moved.customer_ids})
    elapsed = run.began - (run.ledger.synced_at or run.began)
    values: dict[str, Any] = {
        "changed_watermark": marks.moved_on(changed_watermark, latest, elapsed=elapsed, now=run.began)
    }
    if posted_watermark is not None:
        latest = posted.latest if posted is not None else None
        values["posted_watermark"] = marks.moved_on(posted_watermark, latest, elapsed=elapsed, now=run.began)
    await batch.finish(**values, **run.good(), synced_at=run.began)


async def _changed(run: SyncRun, batch: Batch, begin: datetime) -> tuple[bool, datetime | None]:
    """Whether this Sage can say who changed, and the latest of their times."""
    last, latest = 0, None
    while True:
        page = await run.sage.customers_changed(begin, last=last)
        if page is None:
            return False, None
        await batch.add(page)
        times = (latest, *(customer.updated_at for customer in page.customers))
        latest = max((time for time in times if time is not None), default=None)
        if page.is_last:
            return True, latest
        last = page.last

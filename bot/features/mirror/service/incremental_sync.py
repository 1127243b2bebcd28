"""The incremental sync: it reads what changed since the last reading. See docs/adr/0006."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.features.mirror.service import watermarks
from bot.features.mirror.service.batch import Batch
from bot.features.mirror.service.sync_run import SyncRun


async def incremental_sync(run: SyncRun) -> None:
    """Read the customers changed by their own time; then, by id, those whose postings or orders changed."""
    changed_watermark, posted_watermark = run.state.changed_watermark, run.state.posted_watermark
    if changed_watermark is None:
        # This Sage keeps no times of change: only a full read finds changes, and it has a due time of its own.
        await run.save(due_at=run.began + run.interval)
        return
    batch = Batch(run)
    begin = changed_watermark - watermarks.OVERLAP
    able, latest = await _changed(run, batch, begin)
    if not able:
        await run.save(changed_watermark=None, reconcile_due_at=run.began, due_at=run.began + run.interval)
        return
    # Undocumented: whether a posting or an order touches the customer's own time of change. So both are asked for.
    posted = (
        await run.sage.transactions_posted(posted_watermark - watermarks.OVERLAP)
        if posted_watermark is not None
        else None
    )
    ordered = await run.sage.orders_changed(begin)
    await batch.reread({number for moved in (posted, ordered) if moved is not None for number in moved.customer_ids})
    elapsed = run.began - (run.state.synced_at or run.began)
    values: dict[str, Any] = {
        "changed_watermark": watermarks.advance(changed_watermark, latest, elapsed=elapsed, now=run.began)
    }
    if posted_watermark is not None:
        latest = posted.latest if posted is not None else None
        values["posted_watermark"] = watermarks.advance(posted_watermark, latest, elapsed=elapsed, now=run.began)
    await batch.finish(**values, **run.good(), synced_at=run.began)


async def _changed(run: SyncRun, batch: Batch, begin: datetime) -> tuple[bool, datetime | None]:
    """Add the changed customers to the batch. Return whether Sage keeps times of change, and the latest one."""
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

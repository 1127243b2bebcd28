"""The initial load: the first reading of a whole company, which causes no alerts."""

from __future__ import annotations

from contextlib import aclosing

import structlog

from bot.features.mirror.service.batch import pages
from bot.features.mirror.service.sync_run import SyncRun
from storage.queries.mirror import hold_episodes, mirror_state, mirrored_customers, row_counts
from storage.tables.alerts import LIVE

log = structlog.get_logger(__name__)


async def initial_load(run: SyncRun) -> None:
    """Read and store the customers page by page; after a crash, go on behind the last stored page."""
    read, watermark = run.state.read_count, run.state.changed_watermark
    if not read:
        # Before the first page, so that the first incremental sync finds what changes while we read.
        first_watermarks = await run.first_watermarks()
        watermark = first_watermarks["changed_watermark"]
        await run.save(**first_watermarks)
    async with run.database.reading() as tx:
        are_new = not await mirrored_customers.is_any_beyond(tx, **run.company.named, beyond=run.state.read_up_to)
    async with aclosing(pages(run.sage.customers_after, run.state.read_up_to)) as coming:
        async for page in coming:
            read += len(page.rows)
            await run.write_first(page.rows, are_new=are_new, read_up_to=page.last, read_count=read)
    await _finish(run, has_times=watermark is not None)
    log.info("mirror complete", company=run.company.company_pk, customers=read)


async def _finish(run: SyncRun, *, has_times: bool) -> None:
    reasons = await run.reasons_or_none(run.sage.reasons_on_hold())
    now = run.clock()
    # The first incremental sync is due at once.
    live = {"phase": LIVE, "loaded_at": now, "synced_at": now, **run.good(), "due_at": now}
    async with run.database.transaction() as tx:
        await run.lease.extend(tx)
        await mirrored_customers.set_reasons(tx, **run.company.named, reasons=reasons)
        await hold_episodes.set_reasons(tx, **run.company.named, reasons=reasons)
        again = run.next_full_read(has_times=has_times)
        await mirror_state.note(tx, **run.company.named, **live, reconcile_due_at=again)
        await row_counts.count(tx, row_counts.CUSTOMERS)

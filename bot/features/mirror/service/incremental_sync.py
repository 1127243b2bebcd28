"""The incremental sync: it reads what changed since the last reading. See docs/adr/0006."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog

from bot.features.mirror.service import watermarks
from bot.features.mirror.service.batch import Batch
from bot.features.mirror.service.items_moved import items_moved
from bot.features.mirror.service.load_items import set_off
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.ledger import Moved
from bot.sage.open_items import Changed
from storage.queries.mirror import mirrored_customers, open_items
from storage.tables.alerts import INITIAL_LOAD, LIVE

log = structlog.get_logger(__name__)


async def incremental_sync(run: SyncRun) -> None:
    """Read the customers changed by their own time; then, by id, those whose postings or orders changed."""
    if run.state.recount and run.state.items_phase == LIVE:
        await set_off(run, open_items.owners_beyond)
        await run.save(recount=False)
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
    set_back = await _stamped_earlier(run, batch, begin)
    # Undocumented: whether a posting or an order touches the customer's own time of change. So both are asked for.
    documents, posted = await _documents(run, posted_watermark)
    ordered = await run.sage.orders_changed(begin)
    await batch.reread({number for moved in (posted, ordered) if moved is not None for number in moved.customer_ids})
    elapsed = run.began - (run.state.synced_at or run.began)
    values: dict[str, Any] = {}
    moments = {"changed_watermark": (changed_watermark, latest)}
    if posted_watermark is not None:
        moments["posted_watermark"] = (posted_watermark, posted.latest if posted is not None else None)
    for name, (watermark, seen) in moments.items():
        advanced = watermarks.advance(watermark, seen, elapsed=elapsed, now=run.began)
        values[name] = watermarks.lower(advanced, set_back)
    items = None
    if run.state.items_phase in {INITIAL_LOAD, LIVE}:
        items = await items_moved(run, batch.customers, documents.items if documents is not None else ())
        if documents is not None and run.state.items_phase == LIVE:
            values["items_synced_at"] = run.began
    await batch.finish(items=items, **values, **run.good(), synced_at=run.began)


async def _documents(run: SyncRun, watermark: datetime | None) -> tuple[Changed | None, Moved | None]:
    """Return the documents that moved, where their items are kept, and whose they are; None where Sage won't say."""
    if watermark is None:
        return None, None
    begin = watermark - watermarks.OVERLAP
    if run.state.items_phase in {INITIAL_LOAD, LIVE}:
        documents = await run.documents.changed(begin)
        if documents is not None:
            whose = frozenset(each.customer_id for each in documents.items)
            return documents, Moved(whose, documents.latest)
    return None, await run.sage.transactions_posted(begin)


async def _stamped_earlier(run: SyncRun, batch: Batch, begin: datetime) -> datetime | None:
    """Add customers whose change is stamped in the hour before `begin` and isn't stored. Return their latest stamp.

    None, as ever, where there are none: a stamp like that means that Sage's clock was set back.
    """
    stamps = await run.sage.stamps_since(begin - watermarks.LOOK_BACK)
    earlier = {number: at for number, at in stamps.items() if at < begin}
    if not earlier:
        return None
    async with run.database.reading() as tx:
        stored = await mirrored_customers.stamps(tx, **run.company.named, ids=earlier)
    missed = {number: at for number, at in earlier.items() if stored.get(number) != at}
    if not missed:
        return None
    log.info("Sage's clock was set back", company=run.company.company_pk, customers=len(missed))
    await batch.reread(missed)
    return max(missed.values())


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

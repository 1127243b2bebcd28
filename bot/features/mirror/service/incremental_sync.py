"""The incremental sync: it reads what changed since the last reading. See docs/adr/0006."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

from bot.features.mirror.service import watermarks
from bot.features.mirror.service.batch import Batch
from bot.features.mirror.service.open_items.items_moved import items_moved
from bot.features.mirror.service.open_items.load_items import set_off
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.ledger import IDS_A_QUESTION, Moved
from bot.sage.open_items import Changed
from storage.queries.mirror import mirrored_customers, open_items
from storage.tables.alerts import INITIAL_LOAD, LIVE

log = structlog.get_logger(__name__)


async def incremental_sync(run: SyncRun) -> None:
    """Read the customers that changed: by their own time, or by that of their postings or orders."""
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
    stamps = await run.sage.stamps_since(begin - watermarks.LOOK_BACK)
    changed = {number for number, at in (stamps or {}).items() if at >= begin}
    # Many are read in long pages; few by id, in one question with those whose postings or orders changed.
    are_many = len(changed) > IDS_A_QUESTION
    if stamps is None or (are_many and not await _read_in_pages(run, batch, begin)):
        await run.save(changed_watermark=None, reconcile_due_at=run.began, due_at=run.began + run.interval)
        return
    missed, set_back = await _stamped_earlier(run, stamps, begin)
    # Undocumented: whether a posting or an order touches the customer's own time of change. So both are asked for.
    documents, posted = await _documents(run, posted_watermark)
    ordered = await run.sage.orders_changed(begin)
    moved = (each.customer_ids for each in (posted, ordered) if each is not None)
    await batch.reread(missed.union(() if are_many else changed, *moved))
    elapsed = run.began - (run.state.synced_at or run.began)
    values: dict[str, Any] = {}
    moments = {"changed_watermark": (changed_watermark, max(stamps.values(), default=None))}
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


async def _stamped_earlier(
    run: SyncRun, stamps: Mapping[int, datetime], begin: datetime
) -> tuple[set[int], datetime | None]:
    """Return customers whose change is stamped in the hour before `begin` and isn't stored, and their latest stamp.

    None, as ever, where there are none: a stamp like that means that Sage's clock was set back.
    """
    earlier = {number: at for number, at in stamps.items() if at < begin}
    if not earlier:
        return set(), None
    async with run.database.reading() as tx:
        stored = await mirrored_customers.stamps(tx, **run.company.named, ids=earlier)
    missed = {number: at for number, at in earlier.items() if stored.get(number) != at}
    if not missed:
        return set(), None
    log.info("Sage's clock was set back", company=run.company.company_pk, customers=len(missed))
    return set(missed), max(missed.values())


async def _read_in_pages(run: SyncRun, batch: Batch, begin: datetime) -> bool:
    """Add the changed customers to the batch. Return whether Sage keeps times of change."""
    last = 0
    while True:
        page = await run.sage.customers_changed(begin, last=last)
        if page is None:
            return False
        await batch.add(page)
        if page.is_last:
            return True
        last = page.last

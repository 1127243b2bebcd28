"""The first reading of a ledger: it makes the mirror, and nothing of it is news."""

from __future__ import annotations

from contextlib import aclosing

import structlog

from bot.features.mirror.service.apply_reading import Reading
from bot.features.mirror.service.batch import pages
from bot.features.mirror.service.sync_run import SyncRun
from storage import hold_episodes as episodes
from storage import mirror_state as ledgers
from storage import mirrored_customers as mirror
from storage.tables.alerts import LIVE

log = structlog.get_logger(__name__)


async def initial_load(run: SyncRun) -> None:
    """Page by page, each kept for good as it comes: a killed process goes on where it was."""
    read, mark = run.ledger.read_count, run.ledger.changed_watermark
    if not read:
        # Before the first page, so that what changes while we read is found by the first increment.
        first = await run.first_marks()
        mark = first["changed_watermark"]
        await run.save(**first)
    async with aclosing(pages(run.sage, run.ledger.read_up_to)) as coming:
        async for page in coming:
            read += len(page.customers)
            reading = Reading(page.customers, is_first=True)
            await run.write(reading, is_news=False, read_up_to=page.last, read_count=read)
    await _finish(run, has_times=mark is not None)
    log.info("mirror complete", company=run.books.company_pk, customers=read)


async def _finish(run: SyncRun, *, has_times: bool) -> None:
    reasons = await run.or_none(run.sage.reasons_on_hold())
    now = run.clock()
    # The first increment is due at once.
    live = {"phase": LIVE, "loaded_at": now, "synced_at": now, **run.good(), "due_at": now}
    async with run.database.transaction() as tx:
        await run.turn.keep(tx)
        await mirror.set_reasons(tx, **run.books.named, reasons=reasons)
        await episodes.set_reasons(tx, **run.books.named, reasons=reasons)
        again = run.everything_again(has_times=has_times)
        await ledgers.note(tx, **run.books.named, **live, reconcile_due_at=again)

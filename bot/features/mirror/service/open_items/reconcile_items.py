"""The full read of the open items: everything in Sage compared with the mirror, to find what no stamp told of."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from decimal import Decimal

import structlog

from bot.domain.debt.debts import ItemKind
from bot.errors import SageForbidden, SageMissing, SageRejected, SageUnreadable
from bot.features.mirror.service.batch import pages
from bot.features.mirror.service.month_sales import read_month_sales
from bot.features.mirror.service.open_items.apply_items import ItemsReading
from bot.features.mirror.service.open_items.item_rows import earliest_today, is_same_item, item_row
from bot.features.mirror.service.open_items.load_items import judge_signs, set_off
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.open_items import ItemPage, PostedItem
from storage.queries.mirror import mirrored_customers, open_items
from storage.tables.alerts import LIVE, REFUSED

_PLAUSIBLE_LOSS = 50
_CUSTOMERS_AT_ONCE = 1000
_EVERYBODY = 1_000_000

log = structlog.get_logger(__name__)


async def reconcile_items(run: SyncRun) -> None:
    """Compare Sage page by page with the stored items, and write what differs. Raises SageUnreadable for a hole."""
    if run.state.items_phase == REFUSED:
        # A site may have been upgraded, a role given the right: the first load asks again.
        await run.save(items_phase=None)
        return
    if run.state.items_phase != LIVE:
        return
    named = run.company.named
    async with run.database.reading() as tx:
        unsure = await open_items.to_confirm(tx, **named, limit=_EVERYBODY)
    try:
        found = await compare_items(run)
    except (SageMissing, SageForbidden, SageRejected) as refusal:
        log.info("open items are given no longer", company=run.company.company_pk, why=type(refusal).__name__)
        await run.save(items_phase=REFUSED)
        return
    concerned = sorted({*found.customer_ids, *unsure})
    for start in range(0, len(concerned), _CUSTOMERS_AT_ONCE):
        ids = concerned[start : start + _CUSTOMERS_AT_ONCE]
        part_ids = set(ids)
        part = ItemsReading(
            added={number: found.added[number] for number in ids if number in found.added},
            gone={number: found.gone[number] for number in ids if number in found.gone},
            unread=found.unread,
            again=ids,
            met=[posted for posted in found.met if posted.customer_id in part_ids],
        )
        await run.write_items(part)
    await judge_signs(run)
    await set_off(run, open_items.drifted)
    await _age(run)
    await run.save(items_synced_at=run.began)
    await read_month_sales(run)


async def _age(run: SyncRun) -> None:
    """Count what has become late among the sums, so that a list has less to add up."""
    while True:
        async with run.database.transaction() as tx:
            await run.lease.extend(tx)
            before, limit = earliest_today(run.began), _CUSTOMERS_AT_ONCE
            if not await open_items.age(tx, **run.company.named, before=before, limit=limit):
                return


async def compare_items(run: SyncRun) -> ItemsReading:
    """Return how the open items in Sage differ from those stored. Raises SageUnreadable if too many are gone."""
    added: dict[int, list[PostedItem]] = {}
    gone: dict[int, set[int]] = {}
    moved_by: dict[int, Decimal] = {}
    unread: frozenset[int] = frozenset()
    met: list[PostedItem] = []
    last = 0
    async with aclosing(pages(run.documents.open_after, last)) as coming:
        async for page in coming:
            await _compare(run, page, last, added, gone, moved_by, met)
            unread |= page.unread
            last = page.last
    await _check_plausible(run, gone, moved_by)
    return ItemsReading(added=added, gone=gone, unread=unread, met=met)


async def _compare(
    run: SyncRun,
    page: ItemPage,
    last: int,
    added: dict[int, list[PostedItem]],
    gone: dict[int, set[int]],
    moved_by: dict[int, Decimal],
    met: list[PostedItem],
) -> None:
    named = run.company.named
    up_to = None if page.is_last else page.last
    async with run.database.reading() as tx:
        stored = await open_items.between(tx, **named, beyond=last, up_to=up_to)
        accounts = await mirrored_customers.balances(tx, **named, ids={each.customer_id for each in page.items})
    found: set[int] = set()
    for posted in page.items:
        number = posted.customer_id
        if number not in accounts or not posted.is_open:
            continue
        found.add(posted.item.id)
        symbol, unsigned = accounts[number][1], bool(run.state.credits_unsigned)
        row, before = item_row(posted, run.company, symbol=symbol, unsigned=unsigned), stored.get(posted.item.id)
        if before is not None and is_same_item(before, row):
            continue
        added.setdefault(number, []).append(posted)
        _note(moved_by, row, 1)
        if before is None:
            if posted.item.kind is ItemKind.RECEIPT:
                met.append(posted)
        else:
            _note(moved_by, before, -1)
            if before["customer_id"] != number:
                gone.setdefault(before["customer_id"], set()).add(posted.item.id)
    # A row without an id may be any of those that seem to be missing.
    for number, old in stored.items() if not page.keyless else ():
        if number not in found and number not in page.unread:
            gone.setdefault(old["customer_id"], set()).add(number)
            _note(moved_by, old, -1)


def _note(moved_by: dict[int, Decimal], row: Mapping[str, object], sign: int) -> None:
    outstanding, number = row["outstanding"], row["customer_id"]
    assert isinstance(outstanding, Decimal)  # noqa: S101
    assert isinstance(number, int)  # noqa: S101
    if not row["is_foreign"]:
        moved_by[number] = moved_by.get(number, Decimal(0)) + sign * outstanding


async def _check_plausible(run: SyncRun, gone: Mapping[int, set[int]], moved_by: Mapping[int, Decimal]) -> None:
    """Raise SageUnreadable if more than half of the items are gone while the balances say that they are owed."""
    named = run.company.named
    async with run.database.reading() as tx:
        count, _ = await open_items.counts(tx, **named)
        if sum(map(len, gone.values())) <= max(_PLAUSIBLE_LOSS, count // 2):
            return
        accounts = await mirrored_customers.balances(tx, **named, ids=gone)
        outstanding = await open_items.outstanding_of(tx, **named, ids=gone)
    standing = sum(
        len(ids)
        for number, ids in gone.items()
        if number in accounts
        and number in outstanding
        and accounts[number][0] == outstanding[number]
        and moved_by[number]
    )
    if standing > max(_PLAUSIBLE_LOSS, count // 2):
        log.error("Sage shows too few documents to be believed", company=run.company.company_pk, missing=standing)
        raise SageUnreadable

"""What moved among the open items since the last reading: documents that say so, and customers to read as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import structlog

from bot.domain.customer import Customer
from bot.errors import SageForbidden, SageMissing, SageRejected
from bot.features.mirror.service.open_items.apply_items import ItemsReading
from bot.features.mirror.service.open_items.item_rows import is_same_item, item_row, pennies
from bot.features.mirror.service.open_items.reconcile_items import compare_items
from bot.features.mirror.service.sync_run import SyncRun
from bot.sage.open_items import USUAL_PAGE, PostedItem
from storage.queries.mirror import mirrored_customers, open_items
from storage.queries.mirror.mirrored_customers import Stored

# So many customers are one question, and make a group that a URL holds without brackets too.
_A_GROUP = 20
_FEW_GROUPS = 3
_NOTHING = Decimal(0)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Moved:
    """The documents that differ from those stored, by customer; what they add; and whose others may have moved too."""

    added: dict[int, list[PostedItem]] = field(default_factory=dict)
    sums: dict[int, Decimal] = field(default_factory=dict)
    whole: set[int] = field(default_factory=set)

    def note(self, posted: PostedItem, row: Mapping[str, Any], before: Stored | None) -> None:
        """Take note of one document and the row that it makes."""
        number = posted.customer_id
        if not posted.is_open:
            # One that was never stored was settled in the go, and is in the balance.
            self.whole |= {number} if before is not None else set()
        elif before is None or not is_same_item(before, row):
            self.whole |= {number} if before is not None or not posted.is_untouched else set()
            self.added.setdefault(number, []).append(posted)
            amount = _NOTHING if row["is_foreign"] else row["outstanding"]
            self.sums[number] = self.sums.get(number, _NOTHING) + amount


async def items_moved(run: SyncRun, read: Mapping[int, Customer], documents: Sequence[PostedItem]) -> ItemsReading:
    """Return what to apply: new documents as they are; all open ones of customers of whom more may have moved.

    `read` are the customers read in this run, `documents` those that Sage says have moved.
    """
    # Allocating changes both documents and perhaps the stamp of neither; so whoever's balance or document moved is read
    # as a whole, unless the documents at hand explain the balance.
    whose = {*read, *(each.customer_id for each in documents)}
    named = run.company.named
    async with run.database.reading() as tx:
        accounts = await mirrored_customers.balances(tx, **named, ids=whose)
        stored = await open_items.with_ids(tx, **named, ids=[each.item.id for each in documents])
        outstanding = await open_items.outstanding_of(tx, **named, ids=whose)
        unsure = await open_items.to_confirm(tx, **named, limit=_A_GROUP)
    moved = _Moved()
    for posted in documents:
        number = posted.customer_id
        account, customer = accounts.get(number), read.get(number)
        symbol = customer.currency.symbol if customer is not None else account[1] if account is not None else ""
        row = item_row(posted, run.company, symbol=symbol, unsigned=bool(run.state.credits_unsigned))
        moved.note(posted, row, stored.get(posted.item.id))
    added, whole = moved.added, moved.whole
    stamped: set[int] = set()
    for number in {*read, *added}:
        account, customer = accounts.get(number), read.get(number)
        had = account[0] if account is not None else _NOTHING
        balance = had
        if customer is not None:
            balance = pennies(customer.balance) if customer.balance is not None else None
        if outstanding.get(number, _NOTHING) + moved.sums.get(number, _NOTHING) != balance:
            if number in added or had != balance:
                whole.add(number)
        elif customer is not None and account is not None and account[2] != customer.updated_at:
            stamped.add(number)
    if len(whole) + len(stamped | set(unsure)) <= _A_GROUP:
        whole |= stamped
    # What waits for the night otherwise: a stamp alone seldom means items, and comes by the thousand after a bulk hold.
    whole |= set(unsure) if len(whole) + len(unsure) <= 2 * _A_GROUP else set()
    return await _reading(run, whole, added, documents)


async def _reading(
    run: SyncRun, whole: set[int], added: Mapping[int, Sequence[PostedItem]], documents: Sequence[PostedItem]
) -> ItemsReading:
    if len(whole) > _FEW_GROUPS * _A_GROUP:
        async with run.database.reading() as tx:
            items, _ = await open_items.counts(tx, **run.company.named)
        if len(whole) / _A_GROUP > 1 + items / USUAL_PAGE:
            # Everything is fewer questions.
            log.info("all open items are read", company=run.company.company_pk, customers=len(whole))
            every = await compare_items(run)
            met = (*documents, *every.met)
            return ItemsReading(added=every.added, gone=every.gone, unread=every.unread, again=whole, met=met)
    rest = {number: rows for number, rows in added.items() if number not in whole}
    try:
        found = await run.documents.open_of(whole)
    except (SageMissing, SageForbidden, SageRejected) as refusal:
        # The right to documents may have been taken away: then balances and items will differ, and the night says so.
        log.info("open items not read", company=run.company.company_pk, why=type(refusal).__name__)
        return ItemsReading(added=rest, again=whole, met=documents)
    return ItemsReading(complete=found.by_customer, added=rest, unread=found.unread, met=documents)

"""Application of a reading of open items to the mirror: the items and debts of whom it concerns, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.debt.debts import ItemKind
from bot.features.mirror.service.open_items.item_rows import counted, is_same_debt, item_row
from bot.features.mirror.service.rows import CompanyKey
from bot.sage.open_items import PostedItem
from storage.queries import promises, settings
from storage.queries.mirror import mirrored_customers, open_items
from storage.queries.mirror.mirrored_customers import Stored

_AT_ONCE = 250
# Older receipts were met before, or are none that anybody waits for.
_NEWS_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ItemsReading:
    """Documents as Sage has them now.

    `complete` has every open document of each customer in it. `added` are open documents of other customers, and `gone`
    the ids of stored ones that are open no longer, by customer. `unread` exist, and can't be read. `again` are further
    customers whose debt is worked out anew. `met` are receipts, settled or not.
    """

    complete: Mapping[int, Sequence[PostedItem]] = field(default_factory=dict)
    added: Mapping[int, Sequence[PostedItem]] = field(default_factory=dict)
    gone: Mapping[int, Collection[int]] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()
    again: Collection[int] = ()
    met: Sequence[PostedItem] = ()

    @property
    def customer_ids(self) -> set[int]:
        """Return every customer concerned."""
        return {*self.complete, *self.added, *self.gone, *self.again}


@dataclass(frozen=True, slots=True)
class PaidDebt:
    """What a customer paid with receipts never met before, and the open items before and after them."""

    customer_id: int
    received: Decimal
    before: Sequence[Mapping[str, Any]]
    after: Sequence[Mapping[str, Any]]

    def overdue(self, today: date) -> tuple[Decimal, Decimal]:
        """Return what was overdue before, and what is now."""
        return _overdue(self.before, today), _overdue(self.after, today)

    def oldest_days(self, today: date) -> int:
        """Return the days since the oldest debit that is overdue now was due; 0 if none is."""
        return max(((today - row["due"]).days for row in self.after if _is_late(row, today)), default=0)


async def apply_items(
    tx: AsyncSession, company: CompanyKey, reading: ItemsReading, *, unsigned: bool, now: datetime
) -> list[PaidDebt]:
    """Bring the open items and debts of the customers concerned to what was read; write only what differs.

    Return the debts of customers from whom a new receipt came.
    """
    received = await note_receipts(tx, company, reading.met, now=now)
    net = await settings.sets_off_credit(tx, workspace_id=company.workspace_id) if reading.customer_ids else True
    paid: list[PaidDebt] = []
    for ids in _chunks(sorted(reading.customer_ids)):
        paid += await _apply(tx, company, reading, ids, received, unsigned=unsigned, net=net, now=now)
        await asyncio.sleep(0)
    return paid


async def count_again(tx: AsyncSession, company: CompanyKey, ids: Collection[int], *, now: datetime) -> None:
    """Work out the debts of customers anew from their stored items: what is in dispute here has changed."""
    # Nothing was read, so no sign is turned.
    await apply_items(tx, company, ItemsReading(again=ids), unsigned=False, now=now)


async def _apply(
    tx: AsyncSession,
    company: CompanyKey,
    reading: ItemsReading,
    ids: Sequence[int],
    received: Mapping[int, Decimal],
    *,
    unsigned: bool,
    net: bool,
    now: datetime,
) -> list[PaidDebt]:
    # Disputes are changed, and counted, without the company's lease. Whoever is first here keeps the debts until the
    # commit, and the other one reads what was written.
    debts = await open_items.debts_of(tx, **company.named, ids=ids, lock=True)
    accounts = await mirrored_customers.balances(tx, **company.named, ids=ids)
    stored = await open_items.items_of(tx, **company.named, ids=ids)
    disputed = await promises.disputed_of(tx, **company.named, ids=ids)
    items: list[Mapping[str, Any]] = []
    settled: list[int] = []
    new_debts: list[Mapping[str, Any]] = []
    cleared: list[int] = []
    paid: list[PaidDebt] = []
    for number in ids:
        account = accounts.get(number)
        if account is None:
            continue  # no item without a customer
        balance, symbol, _, iso = account
        before = {row["transaction_id"]: row for row in stored.get(number, ())}
        after = _after(reading, number, before, company, symbol=symbol, unsigned=unsigned)
        rows, debt = counted(
            after.values(),
            debts.get(number),
            company,
            customer_id=number,
            balance=balance,
            disputed=disputed.get(number, ()),
            currency=(iso, symbol),
            net=net,
            now=now,
        )
        items += [row for row in rows if before.get(row["transaction_id"]) != row]
        settled += before.keys() - after.keys()
        if number in received:
            paid.append(PaidDebt(number, received[number], list(before.values()), rows))
        if is_same_debt(debts.get(number), debt):
            continue
        if debt is None:
            cleared.append(number)
        else:
            new_debts.append(debt)
    await open_items.write(tx, **company.named, items=items, settled=settled, debts=new_debts, cleared=cleared)
    return paid


def _after(
    reading: ItemsReading,
    customer_id: int,
    before: Mapping[int, Stored],
    company: CompanyKey,
    *,
    symbol: str,
    unsigned: bool,
) -> dict[int, Mapping[str, Any]]:
    """Return one customer's item rows as they are now, by id."""
    gone = set(reading.gone.get(customer_id, ()))
    whole = reading.complete.get(customer_id)
    kept = {
        number: row
        for number, row in before.items()
        if number in reading.unread or (whole is None and number not in gone)
    }
    read = [*(whole or ()), *reading.added.get(customer_id, ())]
    found = (item_row(posted, company, symbol=symbol, unsigned=unsigned) for posted in read if posted.is_open)
    return {**kept, **{row["transaction_id"]: row for row in found}}


async def note_receipts(
    tx: AsyncSession, company: CompanyKey, met: Sequence[PostedItem], *, now: datetime, is_first: bool = False
) -> dict[int, Decimal]:
    """Store receipts that are no older than 90 days and were never met. `is_first`: they are no news.

    Return what came from whom with those that are.
    """
    recent = (now - _NEWS_FOR).date()
    receipts = {
        posted.item.id: posted
        for posted in met
        if posted.item.kind is ItemKind.RECEIPT and posted.item.gross and _is_since(posted.item.dated, recent)
    }
    known = await open_items.seen_receipts(tx, **company.named, ids=receipts)
    rows = [
        {
            "transaction_id": number,
            "customer_id": posted.customer_id,
            "dated": posted.item.dated,
            "amount": abs(posted.item.gross or 0),
            "seen_at": _day_of(posted.item.dated, now) if is_first else now,
        }
        for number, posted in receipts.items()
        if number not in known
    ]
    await open_items.note_receipts(tx, **company.named, receipts=rows)
    received: dict[int, Decimal] = {}
    for number, posted in receipts.items():
        if number not in known and not is_first:
            amount = abs(posted.item.gross or Decimal(0))
            received[posted.customer_id] = received.get(posted.customer_id, Decimal(0)) + amount
    return received


def _overdue(rows: Iterable[Mapping[str, Any]], today: date) -> Decimal:
    return sum((row["uncovered"] for row in rows if _is_late(row, today)), Decimal(0))


def _is_late(row: Mapping[str, Any], today: date) -> bool:
    return bool(row["uncovered"]) and row["due"] is not None and row["due"] < today


def _is_since(dated: date | None, recent: date) -> bool:
    return dated is None or dated >= recent


def _day_of(dated: date | None, now: datetime) -> datetime:
    return min(now, datetime.combine(dated, time(), tzinfo=UTC)) if dated is not None else now


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))

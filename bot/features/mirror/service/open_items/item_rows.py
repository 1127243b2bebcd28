"""Conversion between open items and their rows in the mirror, and the row of what they come to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bot.domain.debt.debts import DebtItem, ItemKind, Uncovered, set_off, with_sign
from bot.features.mirror.service.rows import CompanyKey
from bot.sage.open_items import PostedItem
from storage.queries.mirror.mirrored_customers import Stored

SIGNED_KINDS = (ItemKind.CREDIT.value, ItemKind.RECEIPT.value)
"""The kinds that some Sage may give without their minus."""
_PENNY = Decimal("0.01")
_NOTHING = Decimal(0)
# This says when we read the debt, not what it is.
_OURS = {"read_at"}
# What the morning's judgement writes.
_JUDGED = ("disarmed", "marks", "warnings", "is_warned")
_NOT_JUDGED: Mapping[str, Any] = {"disarmed": [], "marks": [], "warnings": [], "is_warned": False}


def item_row(posted: PostedItem, company: CompanyKey, *, symbol: str, unsigned: bool) -> dict[str, Any]:
    """Return all columns of a document of an account with this currency symbol, as if no credit covered it.

    `unsigned`: this Sage gives credits without their minus.
    """
    item = with_sign(posted.item) if unsigned else posted.item
    outstanding = pennies(item.outstanding)
    is_foreign = bool(symbol and posted.symbol and symbol != posted.symbol)
    is_chased = outstanding > 0 and not (item.is_credit or item.is_queried or is_foreign)
    return {
        **company.named,
        "transaction_id": item.id,
        "customer_id": posted.customer_id,
        "kind": item.kind.value,
        "reference": item.reference,
        "second_reference": item.second_reference,
        "dated": item.dated,
        "due": item.due,
        "gross": pennies(item.gross) if item.gross is not None else None,
        "outstanding": outstanding,
        "uncovered": outstanding if is_chased else _NOTHING,
        "query": item.query,
        "is_foreign": is_foreign,
        "updated_at": posted.updated_at,
    }


def item_of(row: Mapping[str, Any]) -> DebtItem:
    """Return the item that `item_row` stored."""
    return DebtItem(
        id=row["transaction_id"],
        kind=ItemKind(row["kind"]),
        outstanding=row["outstanding"],
        gross=row["gross"],
        dated=row["dated"],
        due=row["due"],
        query=row["query"],
        reference=row["reference"],
        second_reference=row["second_reference"],
        is_foreign=row["is_foreign"],
    )


def is_same_item(stored: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether Sage has the item as stored; what covers it is ours to say."""
    return all(stored[name] == value for name, value in new.items() if name != "uncovered")


def counted(
    rows: Iterable[Mapping[str, Any]],
    stored: Stored | None,
    company: CompanyKey,
    *,
    customer_id: int,
    balance: Decimal | None,
    currency: tuple[str, str],
    disputed: Collection[int] = (),
    net: bool = True,
    now: datetime,
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Return one customer's item rows with what is left uncovered, and the row of the debt; None where there is none.

    `stored` is the row before, `currency` the account's code and symbol. `disputed` are ids of items
    that people dispute here. Without `net` no credit is set off.
    """
    given = [dict(row) for row in rows]
    after = set_off(map(item_of, given), disputed=disputed, net=net)
    rests = {each.item.id: each.rest for each in after.uncovered}
    for row in given:
        row["uncovered"] = rests.get(row["transaction_id"], _NOTHING)
    difference = balance - after.outstanding if balance is not None else None
    if not given and not difference:
        return [], None
    late, next_due = _late_by(earliest_today(now), after.uncovered)
    debt = {
        **company.named,
        "customer_id": customer_id,
        "outstanding": after.outstanding,
        "pool_left": after.pool_left,
        "disputed": after.disputed,
        "undated": after.undated,
        "refund": after.refund,
        "oldest_due": after.oldest_due,
        "late": late,
        "next_due": next_due,
        "currency_iso": currency[0],
        "currency_symbol": currency[1],
        "difference": difference,
        "differs_since": _differs_since(difference, stored, now=now),
        **({name: stored[name] for name in _JUDGED} if stored is not None else _NOT_JUDGED),
        "read_at": now,
    }
    return given, debt


def is_same_debt(stored: Stored | None, new: Mapping[str, Any] | None) -> bool:
    """Return whether nothing but our own time of reading differs."""
    if stored is None or new is None:
        return stored is None and new is None
    return all(stored[name] == value for name, value in new.items() if name not in _OURS)


def earliest_today(now: datetime) -> date:
    """Return a day that is past or today in every time zone."""
    return now.astimezone(UTC).date() - timedelta(days=1)


def _late_by(day: date, uncovered: Iterable[Uncovered]) -> tuple[Decimal, date | None]:
    """Return what was due before a day, and the first due date from that day on."""
    left = [(each.item.due, each.rest) for each in uncovered if each.item.due is not None and each.rest]
    late = sum((rest for due, rest in left if due < day), _NOTHING)
    return late, min((due for due, _ in left if due >= day), default=None)


def _differs_since(difference: Decimal | None, stored: Stored | None, *, now: datetime) -> datetime | None:
    # Balance and items are read one after the other, and a posting may come between. So one difference is none.
    if not difference or stored is None or not stored["difference"]:
        return None
    since: datetime | None = stored["differs_since"]
    return since or now


def pennies(amount: Decimal) -> Decimal:
    """Return an amount as the mirror keeps it."""
    return amount.quantize(_PENNY, rounding=ROUND_HALF_UP)

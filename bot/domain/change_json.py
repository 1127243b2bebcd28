"""A change as plain JSON and back: how it waits in the database until it is told."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.money import Currency


def snapshot_facts(snapshot: Snapshot) -> dict[str, Any]:
    """Money as text, so that no float ever holds it."""
    return {
        "customer_id": snapshot.customer_id,
        "reference": snapshot.reference,
        "name": snapshot.name,
        "on_hold": snapshot.on_hold,
        "balance": _text(snapshot.balance),
        "credit_limit": _text(snapshot.credit_limit),
        "open_orders": _text(snapshot.open_orders),
        "currency": [snapshot.currency.iso, snapshot.currency.symbol],
        "analysis": {str(slot): value for slot, value in snapshot.analysis.items()},
        "hidden": snapshot.hidden,
        "status_reason": snapshot.status_reason,
    }


def snapshot_from(facts: Mapping[str, Any]) -> Snapshot:
    """What `snapshot_facts` wrote."""
    return Snapshot(
        customer_id=facts["customer_id"],
        reference=facts["reference"],
        name=facts["name"],
        on_hold=facts["on_hold"],
        balance=_money(facts["balance"]),
        credit_limit=_money(facts["credit_limit"]),
        open_orders=_money(facts["open_orders"]),
        currency=Currency(*facts["currency"]),
        analysis={int(slot): value for slot, value in facts["analysis"].items()},
        hidden=facts["hidden"],
        status_reason=facts["status_reason"],
    )


def change_facts(change: Change) -> dict[str, Any]:
    """One piece of news."""
    return {
        "kind": change.kind.value,
        "before": snapshot_facts(change.before),
        "after": snapshot_facts(change.after) if change.after is not None else None,
        "amount": _text(change.amount),
        "crossed": list(change.crossed),
        "reason": change.reason,
    }


def change_from(facts: Mapping[str, Any]) -> Change:
    """What `change_facts` wrote."""
    return Change(
        kind=ChangeKind(facts["kind"]),
        before=snapshot_from(facts["before"]),
        after=snapshot_from(facts["after"]) if facts["after"] is not None else None,
        amount=_money(facts["amount"]),
        crossed=tuple(facts["crossed"]),
        reason=facts["reason"],
    )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

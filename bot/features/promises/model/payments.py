"""What a customer paid since each of their promises: no money keeps two of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from bot.domain.debt.debts import NOTHING, DebtItem, ItemKind


class Payments:
    """Receipts and refunds of one customer, of which promises take what keeps them, in the order they are asked."""

    def __init__(self, items: Iterable[DebtItem], *, unsigned: bool = False) -> None:
        """Take the items; `unsigned`: this Sage gives receipts without their minus."""
        items = tuple(items)
        self._dated = {item.id: item.dated for item in items}
        self._left = {item.id: _received(item, unsigned=unsigned) for item in items}

    def since(self, made_on: date, before: Collection[int] | None) -> Decimal:
        """Return what was received less what was refunded since a promise was made, and kept no other.

        `before` are the ids that Sage had when it was made; None: not known, and only later days are surely later.
        """
        return sum((self._left[number] for number in self._counted(made_on, before)), NOTHING)

    def take(self, amount: Decimal, made_on: date, before: Collection[int] | None) -> None:
        """Let a promise that is kept have its amount."""
        for number in self._counted(made_on, before):
            part = min(max(self._left[number], NOTHING), amount)
            self._left[number] -= part
            amount -= part

    def _counted(self, made_on: date, before: Collection[int] | None) -> list[int]:
        if before is not None:
            return [number for number in sorted(self._left) if number not in before]
        return [number for number in sorted(self._left) if (self._dated[number] or date.min) > made_on]


def _received(item: DebtItem, *, unsigned: bool) -> Decimal:
    gross = item.gross or NOTHING
    # Sums, not kinds, say what a reversal is: it is a receipt of the opposite sign.
    return abs(gross) if unsigned and item.kind is ItemKind.RECEIPT else -gross

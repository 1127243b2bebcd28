"""What was received since a promise was made: no money keeps two promises."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bot.domain.debt.debts import DebtItem, ItemKind
from bot.features.promises.model.payments import Payments

MADE = date(2026, 3, 9)


def receipt(number, amount, *, dated=MADE, kind=ItemKind.RECEIPT):
    return DebtItem(number, kind, Decimal(0), gross=Decimal(amount), dated=dated)


def test_what_sage_had_before_does_not_count_whatever_its_day():
    found = Payments([receipt(1, -300), receipt(2, -200), receipt(3, -50, dated=date(2026, 3, 2))])
    assert found.since(MADE, [1]) == 250
    assert found.since(MADE, []) == 550


def test_without_the_receipts_before_only_later_days_are_surely_later():
    found = Payments([receipt(1, -300), receipt(2, -200, dated=date(2026, 3, 10))])
    assert found.since(MADE, None) == 200


def test_refunds_and_reversals_take_away():
    found = Payments([receipt(1, -500), receipt(2, 500, kind=ItemKind.REFUND), receipt(3, -80), receipt(4, 30)])
    assert found.since(MADE, []) == 50


def test_a_sage_without_minus_signs_counts_the_same():
    found = Payments([receipt(1, 500), receipt(2, 200, kind=ItemKind.REFUND)], unsigned=True)
    assert found.since(MADE, []) == 300


def test_money_that_kept_one_promise_keeps_no_other():
    found = Payments([receipt(1, -300), receipt(2, -400)])
    found.take(Decimal(500), MADE, [])
    assert found.since(MADE, []) == 200
    # A promise made after the first receipt counts the second alone, of which 200 are left.
    assert found.since(MADE, [1]) == 200

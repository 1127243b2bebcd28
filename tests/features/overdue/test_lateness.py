"""What the card says of late debt, besides the amount."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.domain.debt.debts import DebtItem, ItemKind, debt_on, set_off
from bot.domain.debt.lateness import DebtUnknown, Lateness
from bot.domain.money import STERLING
from bot.features.overdue.views.lateness import overdue_words

TODAY = date(2026, 3, 16)


def late(amount, days, **changes):
    item = {"id": changes.pop("id", 1), "kind": ItemKind.INVOICE, "due": TODAY - timedelta(days=days), **changes}
    return DebtItem(outstanding=Decimal(amount), **item)


RECEIPT = DebtItem(9, ItemKind.RECEIPT, Decimal(-500), query="D")


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([late(500, 40), RECEIPT], "nothing (£500.00 not allocated). £500.00 of credit in query."),
        ([late(150, 0, due=None), late(100, 3, id=2)], "£100.00, oldest 3 days. £150.00 without a due date."),
        (
            [late(100, 4), late(80, 9, id=2, is_foreign=True)],
            "£100.00, oldest 4 days. 1 in another currency, not counted.",
        ),
        ([late(400, 45, query="D"), late(100, 5, id=2)], "£100.00, oldest 5 days. In query £400.00."),
        ([DebtItem(3, ItemKind.REFUND, Decimal(100))], "nothing. A refund of £100.00 is not matched."),
    ],
)
def test_what_stands_beside_the_amount(items, said):
    assert overdue_words(Lateness(debt_on(TODAY, set_off(items))), STERLING) == said


def test_a_balance_forward_account_is_not_known():
    assert "balance-forward account" in overdue_words(Lateness(None, DebtUnknown.FORWARD), STERLING)

"""A change survives its wait in the database."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from bot.domain.change_json import change_facts, change_from
from bot.domain.changes import Change, ChangeKind, Snapshot
from tests.builders import customer

HELD = Snapshot.of(customer(on_hold=True, status_reason="overdue"))
BARE = Snapshot(1, "A1", "A", on_hold=False)


@pytest.mark.parametrize(
    "change",
    [
        Change(ChangeKind.PUT_ON_HOLD, Snapshot.of(customer()), HELD, reason="overdue"),
        Change(ChangeKind.RELEASED, HELD, None, reason="account deleted"),
        Change(ChangeKind.PAID_WHILE_HELD, HELD, HELD, amount=Decimal("0.10")),
        Change(ChangeKind.UTILISATION, BARE, BARE, crossed=(80, 90)),
    ],
)
def test_it_comes_back_the_same(change):
    assert change_from(json.loads(json.dumps(change_facts(change)))) == change

"""What a JSON column keeps of a domain value is the whole of it, to the penny."""

from __future__ import annotations

import dataclasses
import json
from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.filters.customer_filter import EVERYONE, Codes, Filter
from bot.domain.json_column import CHANGE_JSON, FILTER_JSON, SCHEDULE_JSON
from bot.domain.schedule import OnHoliday, Region, Schedule
from tests.builders import customer

HELD = Snapshot.of(customer(on_hold=True, status_reason="overdue", hidden=True))
BARE = Snapshot(1, "A1", "A", on_hold=False)
REGION, REP = Codes(3, ("Durham", 'Tyne "&" Wear')), Codes(2, ("George", "O'Brien, & Sons"), negated=True)

texts = st.text(st.characters(codec="utf-8"), max_size=12)
codes = st.lists(st.builds(Codes, st.integers(1, 20), st.lists(texts).map(tuple), st.booleans())).map(tuple)
money = st.decimals(-(10**15), 10**15, places=2)
filters = st.builds(
    Filter,
    codes,
    st.booleans(),
    st.none() | money,
    st.lists(texts).map(tuple),
    st.lists(texts).map(tuple),
    st.none() | codes,
)
schedules = st.builds(
    Schedule,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times().map(lambda at: at.replace(microsecond=0)),
    st.sampled_from(["Europe/London", "Asia/Tokyo"]),
    st.none() | st.sampled_from(Region),
    st.sampled_from(OnHoliday),
)


def again(column, value):
    return column.read(json.loads(json.dumps(column.write(value))))


@pytest.mark.parametrize(
    "change",
    [
        Change(ChangeKind.PUT_ON_HOLD, Snapshot.of(customer()), HELD, reason="overdue"),
        Change(ChangeKind.RELEASED, HELD, None, reason="account deleted"),
        Change(ChangeKind.PAID_WHILE_HELD, HELD, HELD, amount=Decimal("0.10")),
        Change(ChangeKind.UTILISATION, BARE, BARE, crossed=(80, 90)),
    ],
)
def test_a_change_comes_back_the_same(change):
    assert again(CHANGE_JSON, change) == change


@given(filters)
def test_a_filter_comes_back_the_same(chosen):
    assert again(FILTER_JSON, chosen) == chosen


@pytest.mark.parametrize("mine", [None, (), (REP, REGION)])
def test_mine_without_customers_is_not_everybody(mine):
    assert again(FILTER_JSON, Filter(mine=mine)).mine == mine


@given(schedules)
def test_a_schedule_comes_back_the_same(schedule):
    assert again(SCHEDULE_JSON, schedule) == schedule


@pytest.mark.parametrize("amount", ["0.10", "9999999999999.99", "-0.01", "0.00", "1E+3"])
def test_money_is_text_and_keeps_its_places(amount):
    column = FILTER_JSON.write(Filter(minimum_balance=Decimal(amount)))
    assert column == {"minimum_balance": amount}
    assert str(FILTER_JSON.read(column).minimum_balance) == amount


def test_what_is_not_asked_takes_no_room():
    assert FILTER_JSON.write(EVERYONE) == {}


def test_what_stands_beside_a_change_is_left_alone():
    told = Change(ChangeKind.PUT_ON_HOLD, BARE, dataclasses.replace(BARE, on_hold=True))
    assert CHANGE_JSON.read({**CHANGE_JSON.write(told), "by_user": "U0PRIYA"}) == told


@pytest.mark.parametrize(
    "column", [None, {}, {"kind": "unheard of"}, {"kind": "released", "before": {}, "after": None}]
)
def test_what_nobody_wrote_is_refused(column):
    with pytest.raises(ValueError, match="validation error"):
        CHANGE_JSON.read(column)


def test_a_schedule_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="days of the week"):
        SCHEDULE_JSON.read({"days": [], "at": time(8, 30).isoformat(), "zone": "Europe/London"})

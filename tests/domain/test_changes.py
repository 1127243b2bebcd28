from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.changes import ACCOUNT_DELETED, ChangeKind, Snapshot, changes, crossed, utilisation
from bot.domain.hold_episode import HoldEpisode, follow
from bot.domain.money import STERLING, Currency
from tests.builders import NOW, customer

LONDON = ZoneInfo("Europe/London")
MONEY = {"balance", "credit_limit", "open_orders"}
amounts = st.none() | st.decimals(-10_000, 10_000, places=2)
percents = st.none() | st.decimals(-50, 250, places=2)


def snapshot(**unlike):
    usual = {
        "customer_id": 1,
        "reference": "ABS001",
        "name": "ABS Garages Ltd",
        "on_hold": False,
        "balance": "2464.16",
        "credit_limit": "4000.00",
        "open_orders": "-36.00",
        "currency": STERLING,
    }
    given = {**usual, **unlike}
    return Snapshot(**{key: Decimal(v) if key in MONEY and v is not None else v for key, v in given.items()})


snapshots = st.builds(
    Snapshot,
    customer_id=st.just(1),
    reference=st.just("ABS001"),
    name=st.just("ABS Garages Ltd"),
    on_hold=st.booleans(),
    balance=amounts,
    credit_limit=amounts,
    open_orders=amounts,
    currency=st.sampled_from([STERLING, Currency("EUR", "€")]),
    status_reason=st.sampled_from([None, "", "Overdue"]),
)


def kinds(before, after, **rest):
    return [change.kind for change in changes(before, after, **rest)]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({}, {}, []),
        ({}, {"name": "ABS Group", "hidden": True, "status_reason": "x"}, []),
        ({}, {"on_hold": True}, [ChangeKind.PUT_ON_HOLD]),
        ({"on_hold": True}, {}, [ChangeKind.RELEASED]),
        ({"on_hold": True}, {"on_hold": True}, []),
        ({}, {"balance": "4000.00"}, []),
        ({}, {"balance": "4000.01"}, [ChangeKind.OVER_LIMIT]),
        ({}, {"credit_limit": "2000"}, [ChangeKind.OVER_LIMIT]),
        ({"credit_limit": "0"}, {"credit_limit": "2000"}, [ChangeKind.OVER_LIMIT]),
        ({"balance": "4000.01"}, {"balance": "4000.00"}, [ChangeKind.BACK_UNDER_LIMIT]),
        ({"balance": "5000"}, {"balance": "5000", "credit_limit": "0"}, [ChangeKind.BACK_UNDER_LIMIT]),
        ({"balance": "5000"}, {"balance": None}, []),
        ({"balance": None}, {"balance": "5000"}, []),
        ({"credit_limit": None}, {"balance": "5000"}, []),
        ({}, {"on_hold": True, "balance": "5000"}, [ChangeKind.PUT_ON_HOLD, ChangeKind.OVER_LIMIT]),
    ],
)
def test_a_hold_a_release_and_a_limit_passed_are_news(before, after, found):
    assert kinds(snapshot(**before), snapshot(**after)) == found


@pytest.mark.parametrize(
    ("before", "after", "amount"),
    [
        ("2464.16", "2464.15", None),
        ("2464.16", "2464.14", "0.02"),
        ("2464.16", "1464.16", "1000.00"),
        ("2464.16", "-10.00", "2474.16"),
        ("2464.16", "2465.00", None),
        ("0", "-100.00", None),
        ("-5.00", "-100.00", None),
        (None, "100.00", None),
        ("100.00", None, None),
    ],
)
def test_a_payment_is_a_fall_of_what_a_held_account_owes_by_more_than_a_penny(before, after, amount):
    found = changes(snapshot(on_hold=True, balance=before), snapshot(on_hold=True, balance=after))
    assert [(change.kind, change.amount) for change in found] == (
        [(ChangeKind.PAID_WHILE_HELD, Decimal(amount))] if amount else []
    )


@pytest.mark.parametrize(
    ("before", "after", "limit", "debt_cleared", "within_limit"),
    [
        ("6000", "5000", "4000", False, False),
        ("3000", "2000", "4000", False, True),
        ("3000", "0", "4000", True, True),
        ("3000", "-1", "0", True, False),
        ("3000", "2000", None, False, False),
    ],
)
def test_a_payment_says_what_is_left(before, after, limit, debt_cleared, within_limit):
    held = snapshot(on_hold=True, balance=before, credit_limit=limit)
    (paid,) = changes(held, replace(held, balance=Decimal(after)))
    assert (paid.debt_cleared, paid.within_limit) == (debt_cleared, within_limit)


@pytest.mark.parametrize(
    ("before", "after", "amount"),
    [("-36.00", "64.00", "100.00"), ("0", "0.01", None), ("100", "50", None), (None, "50", None), ("50", None, None)],
)
def test_an_order_for_a_held_account_is_a_rise_of_its_open_orders(before, after, amount):
    found = changes(snapshot(on_hold=True, open_orders=before), snapshot(on_hold=True, open_orders=after))
    assert [(change.kind, change.amount) for change in found] == (
        [(ChangeKind.ORDER_WHILE_HELD, Decimal(amount))] if amount else []
    )


@pytest.mark.parametrize(("held_before", "held_after"), [(False, False), (False, True), (True, False)])
def test_money_moving_is_news_only_while_the_account_stays_on_hold(held_before, held_after):
    found = kinds(snapshot(on_hold=held_before), snapshot(on_hold=held_after, balance="100", open_orders="900"))
    assert not {ChangeKind.PAID_WHILE_HELD, ChangeKind.ORDER_WHILE_HELD} & set(found)


def test_amounts_in_two_currencies_are_never_compared():
    assert kinds(snapshot(on_hold=True), snapshot(on_hold=True, balance="1", currency=Currency("EUR", "€"))) == []


@given(snapshots)
def test_first_sight_is_a_baseline_and_never_news(after):
    assert changes(None, after, thresholds=[1, 80]) == ()


@given(snapshots)
def test_the_same_reading_twice_is_never_news(reading):
    assert changes(reading, reading, thresholds=[1, 80, 90]) == ()


@given(snapshots, snapshots)
def test_each_kind_is_told_at_most_once_and_the_hold_always(before, after):
    found = kinds(before, after, thresholds=[50, 80])
    assert len(found) == len(set(found))
    assert bool({ChangeKind.PUT_ON_HOLD, ChangeKind.RELEASED} & set(found)) is (before.on_hold != after.on_hold)


def test_a_held_account_deleted_in_sage_is_over_with_that_reason():
    (change,) = changes(snapshot(on_hold=True), None)
    assert (change.kind, change.after, change.reason) == (ChangeKind.RELEASED, None, ACCOUNT_DELETED)
    assert change.customer.reference == "ABS001"


def test_a_deleted_account_that_was_not_on_hold_is_not_news():
    assert changes(snapshot(balance="9000"), None) == ()


def test_two_different_customers_are_never_compared():
    with pytest.raises(ValueError, match="different customers"):
        changes(snapshot(), snapshot(customer_id=2))


@pytest.mark.parametrize(
    ("held", "released", "reason"),
    [("Overdue", "Overdue", ""), ("Overdue", "Paid", "Paid"), ("Overdue", None, ""), (None, "Paid", "Paid")],
)
def test_a_reason_left_from_the_hold_is_not_the_reason_of_the_release(held, released, reason):
    (change,) = changes(snapshot(on_hold=True, status_reason=held), snapshot(status_reason=released))
    assert change.reason == reason


@given(amounts, amounts)
def test_over_the_limit_means_the_same_here_as_on_the_customer_card(balance, limit):
    shown = customer(balance=balance, credit_limit=limit)
    assert bool(Snapshot.of(shown).over_limit) is shown.over_limit
    assert Snapshot.of(shown).percent_used == shown.percent_used


def test_use_of_the_limit_is_not_rounded_up_to_a_threshold():
    assert kinds(snapshot(), snapshot(balance="3199.99"), thresholds=[80]) == []
    assert kinds(snapshot(), snapshot(balance="3200.00"), thresholds=[80]) == [ChangeKind.UTILISATION]


@pytest.mark.parametrize(
    ("readings", "told"),
    [
        (["79", "81", "79.5", "81"], [81]),
        (["79", "81", "75.01", "81"], [81]),
        (["79", "81", "75", "82"], [81, 82]),
        (["79", "81", None, "82"], [81]),
        ([None, "85", "79", "81"], []),
        ([None, "85", "70", "81"], [81]),
        (["79", "80"], [80]),
        (["-10", "250"], [250]),
    ],
)
def test_a_threshold_is_told_once_until_the_use_has_fallen_by_the_band(readings, told):
    armed, fired, before = True, [], None
    for after in [None if each is None else Decimal(each) for each in readings]:
        fires, armed = crossed(before, after, 80, armed)
        fired += [after] if fires else []
        before = after
    assert fired == [Decimal(each) for each in told]


@given(percents, percents, st.integers(1, 200), st.booleans())
def test_a_threshold_fires_only_when_armed_and_is_disarmed_by_firing(before, after, threshold, armed):
    fires, still = crossed(before, after, threshold, armed)
    assert not fires or (armed and not still and after >= threshold > before)


def test_several_thresholds_passed_at_once_are_one_piece_of_news():
    before, after = snapshot(balance="2000"), snapshot(balance="3900")
    (change,) = changes(before, after, thresholds=[90, 80, 99])
    assert change.crossed == (80, 90)


def test_the_thresholds_already_told_are_handed_back_to_be_kept():
    before, after = snapshot(balance="2000"), snapshot(balance="3300")
    assert utilisation(before, after, [60, 80, 90], {60}) == ((80,), frozenset({60, 80}))
    assert utilisation(after, before, [60, 80], {60, 80}) == ((), frozenset())
    assert utilisation(None, after, [80, 90], ()) == ((), frozenset({80}))
    assert utilisation(before, None, [80], {80}) == ((), frozenset({80}))


@pytest.mark.parametrize(
    ("opened", "until", "days"),
    [
        ("2026-03-02T09:00", "2026-03-02T23:59", 0),
        ("2026-03-02T23:59", "2026-03-03T00:01", 1),
        ("2026-03-02T09:00", "2026-03-09T08:00", 7),
        ("2026-03-28T12:00", "2026-03-30T12:00", 2),
        ("2026-07-01T23:30", "2026-07-02T22:30", 0),
        ("2026-07-01T22:30", "2026-07-01T23:30", 1),
        ("2026-10-24T23:30", "2026-10-25T23:30", 0),
    ],
)
def test_days_held_are_calendar_days_where_the_people_are(opened, until, days):
    opened, until = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (opened, until))
    assert HoldEpisode(opened).days_held(until, LONDON) == days
    assert HoldEpisode(opened, closed_at=until).days_held(datetime(2030, 1, 1, tzinfo=UTC), LONDON) == days


def test_an_episode_opens_keeps_its_latest_reason_and_closes():
    free, held = snapshot(), snapshot(on_hold=True, status_reason="Overdue")
    opened = follow(None, free, held, NOW)
    assert opened == HoldEpisode(NOW, reason="Overdue")
    later = follow(opened, held, replace(held, status_reason="Cheque bounced"), NOW)
    assert later == HoldEpisode(NOW, reason="Cheque bounced")
    assert follow(later, held, replace(held, status_reason=None), NOW) == later
    closed = follow(later, replace(held, status_reason="Cheque bounced"), snapshot(status_reason="Paid"), NOW)
    assert closed == HoldEpisode(NOW, NOW, "Cheque bounced", "Paid")
    assert follow(closed, free, free, NOW) is None
    assert follow(closed, free, held, NOW) == HoldEpisode(NOW, reason="Overdue")


def test_an_episode_that_was_running_at_first_sight_says_so():
    assert follow(None, None, snapshot(on_hold=True), NOW) == HoldEpisode(NOW, already_held=True)


def test_an_episode_of_a_deleted_account_ends_with_that_reason():
    closed = follow(HoldEpisode(NOW, reason="Overdue"), snapshot(on_hold=True), None, NOW)
    assert closed == HoldEpisode(NOW, NOW, "Overdue", ACCOUNT_DELETED)


def test_an_account_that_is_not_on_hold_has_no_episode():
    assert follow(None, None, snapshot(), NOW) is None
    assert follow(None, snapshot(), None, NOW) is None


def test_a_snapshot_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        snapshot().on_hold = True

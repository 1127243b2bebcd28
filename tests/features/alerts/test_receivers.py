"""Who is told of which changes: asked once of all that ask the same, and grouped by who hears of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.changes import ChangeKind
from bot.domain.filters.customer_filter import Codes, Filter
from bot.domain.json_column import FILTER_JSON
from bot.features.alerts.model.topics import Interest
from bot.features.alerts.service.fan_out import FanOut
from bot.features.alerts.service.receivers import told_alike
from bot.features.mirror.service.change_listener import ObservedChange
from storage.tables.alerts import SubscriptionRow
from tests.builders import NOW
from tests.features.alerts.alert_fixtures import held


def subscribed(target, *, region="", **unlike):
    chosen = FILTER_JSON.write(Filter((Codes(3, (region,)),) if region else ()))
    usual = {
        "topics": ["holds", "releases"],
        "filter": chosen,
        "thresholds": [],
        "days": [],
        "delivery": "at_once",
        "schedule": None,
        "muted_until": None,
        "paused_reason": "",
        "pings": False,
        "is_personal": target.startswith("U"),
    }
    return FanOut.of(SubscriptionRow(target_id=target, **{**usual, **unlike}))


def seen(*changes, by_user=None):
    return [
        ObservedChange(number, each, episode_id=None, seen_at=NOW, by_user=by_user)
        for number, each in enumerate(changes, 1)
    ]


async def told(wanted, changes, snoozed=()):
    groups = await told_alike(wanted, changes, NOW, snoozed)
    return [
        ([each.value.target.id for _, each in group.receivers], [number for number, _ in group.changes])
        for group in groups
    ]


class Counted(Interest):
    """Counts how often it is asked."""

    times = 0

    def wants(self, change, now):
        Counted.times += 1
        return super().wants(change, now)


async def test_those_that_ask_the_same_are_asked_once_of_each_change():
    regions = ("", "Durham", "Leeds")
    wanted = [subscribed(f"C{number:03}", region=regions[number % 3]) for number in range(300)]
    counted = {each.interest: Counted(each.value) for each in wanted}
    wanted = [replace(each, interest=counted[each.interest]) for each in wanted]
    [(receivers, numbers)] = await told(wanted, seen(*(held(number) for number in range(1, 101))))
    assert Counted.times == 3 * 100
    assert (len(receivers), numbers) == (200, list(range(100)))


async def test_each_target_once_by_the_first_that_asks():
    wanted = [subscribed("C1", region="Leeds"), subscribed("C1"), subscribed("C1", region="Durham"), subscribed("C2")]
    [group] = await told_alike(wanted, seen(held()), NOW, ())
    assert [number for number, _ in group.receivers] == [1, 3]


@pytest.mark.parametrize("kind", [ChangeKind.PUT_ON_HOLD, ChangeKind.RELEASED])
async def test_the_snoozed_and_who_did_it_are_left_out_of_their_change_alone(kind):
    wanted = [subscribed("C1"), subscribed("U0GEORGE"), subscribed("C2")]
    snoozed = {("C1", 2)} if kind is ChangeKind.PUT_ON_HOLD else set()
    changes = [*seen(held(1, kind=kind), held(2, kind=kind)), *seen(held(3, kind=kind), by_user="U0GEORGE")]
    everybody = ["C1", "U0GEORGE", "C2"]
    without = [(["U0GEORGE", "C2"], [1])] if snoozed else []
    first = (everybody, [0] if snoozed else [0, 1])
    assert await told(wanted, changes, snoozed) == [first, *without, (["C1", "C2"], [2])]

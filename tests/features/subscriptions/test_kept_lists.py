"""A list is kept as a subscription to its own customers and the kinds of news that fit; a list that none fits isn't."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.filters.customer_filter import EVERYONE, Codes, Filter
from bot.features.alerts.model.topics import Topic
from bot.features.on_hold.model.query import parse_on_hold_query
from bot.features.overdue.model.query import parse_overdue_query
from bot.features.subscriptions.model.command_parser import parse_subscribe_command
from bot.features.subscriptions.model.command_parts import ME
from bot.slack.views.listing import POSTED, page_buttons

LABELS, VALUES = {2: "Region", 3: "Sales Rep"}, {2: ["North", "Tyne & Wear"], 3: ["Anna Smith", "at 9"]}
MINE = (Codes(3, ("Anna Smith",)),)
TYNE, AT_NINE = Codes(2, ("Tyne & Wear",)), Codes(3, ("at 9",))
HELD = {Topic.HOLDS, Topic.RELEASES}
LATE = {Topic.OVERDUE, Topic.OVERDUE_PAID}


def read(typed):
    return parse_subscribe_command(typed, LABELS, VALUES, zone="Europe/London", mine=MINE)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", EVERYONE),
        ("mine", Filter(mine=MINE)),
        ("region:North min:500", Filter((Codes(2, ("North",)),), minimum_balance=Decimal(500))),
        ('region:"Tyne & Wear" or "Sales Rep":"at 9"', Filter((TYNE, AT_NINE), either=True)),
        ("region!=North currency:EUR", Filter((Codes(2, ("North",), negated=True),), currencies=("EUR",))),
        ('customer:"in me where"', Filter(customers=("in me where",))),
    ],
)
def test_the_list_of_holds_is_kept_with_its_filter(words, kept):
    made = read(parse_on_hold_query(words, LABELS, VALUES, mine=MINE).as_alerts("holds,releases", is_narrowed=False))
    assert (made.topics, made.target, made.filter) == (HELD, ME, kept)
    own = read(parse_on_hold_query(words, LABELS, VALUES, mine=MINE).as_alerts("holds,releases", is_narrowed=True))
    assert own.filter == replace(kept, mine=MINE)


@pytest.mark.parametrize(
    ("words", "topics", "days"),
    [
        ("", LATE, (30, 60, 90)),
        ("45+ region:North", LATE, (45,)),
        ("999+", LATE, (999,)),
        ("promised", {Topic.PROMISE_BROKEN}, ()),
    ],
)
def test_the_list_of_late_debt_is_kept_by_its_days(words, topics, days):
    made = read(parse_overdue_query(words, LABELS, VALUES, mine=MINE).as_alerts(is_narrowed=False))
    assert (made.topics, made.target, made.days) == (topics, ME, days)


@pytest.mark.parametrize(
    "words", ["garages", "min:500", "suggested", "disputed", "chase", "warning", "promised 30+", "promised late"]
)
def test_a_list_that_no_subscription_tells_of_has_no_button(words):
    assert parse_overdue_query(words, LABELS, VALUES, mine=MINE).as_alerts(is_narrowed=False) == ""
    assert parse_on_hold_query("garages", LABELS, VALUES, mine=MINE).as_alerts("holds", is_narrowed=True) == ""


@pytest.mark.parametrize(("alerts", "shown"), [("", False), ("holds in me", True), ("x" * 2_001, False)])
def test_the_button_stands_where_there_is_something_to_keep(alerts, shown):
    made = page_buttons("a", "b", page=1, pages=1, words="", company_key="", alerts=alerts)
    assert [each["value"] for each in made if each["action_id"] == POSTED] == ([alerts] if shown else [])

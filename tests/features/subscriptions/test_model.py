"""A subscription is the same when it is typed again; whose customers are whose; how long silence lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.filters.customer_filter import Codes, Filter
from bot.errors import BadQuestion
from bot.features.alerts.model.topics import DeliveryMode, Subscription, Target, Topic
from bot.features.subscriptions.model import command_parser as alert_words
from bot.features.subscriptions.model import mute_parser as mute_words
from bot.features.subscriptions.model import schedule_parser as schedule_words
from bot.features.subscriptions.model.subscription import as_typed, codes_of
from tests.builders import LABELS

NOW = datetime(2026, 3, 25, 9, 0, tzinfo=UTC)  # a Wednesday; the clocks go forward on Sunday
VALUES = {1: ["Trade"], 2: ["George", "George Hall", "Aisha"], 3: ["Durham"]}
REGION = Codes(3, ("Durham", 'Tyne "&" Wear'))


@pytest.mark.parametrize(
    "wanted",
    [
        Subscription(frozenset({Topic.HOLDS}), Target("C1")),
        Subscription(
            frozenset(Topic) - {Topic.DIGEST, Topic.DEBTS},
            Target("U1", personal=True),
            thresholds=(80, 90),
            days=(30, 60, 90),
        ),
        Subscription(
            frozenset(Topic),
            Target("C1"),
            Filter(codes=(REGION,)),
            (75,),
            DeliveryMode.DIGEST,
            schedule_words.parse_schedule("mon,fri 7:05 scotland next-working-day", zone="Europe/London"),
            days=(7,),
        ),
        Subscription(
            frozenset({Topic.DEBTS}),
            Target("C1"),
            schedule=schedule_words.parse_schedule("mondays 08:00", zone="Europe/London"),
        ),
        Subscription(
            frozenset({Topic.DIGEST}),
            Target("C1"),
            delivery=DeliveryMode.THREAD,
            schedule=schedule_words.parse_schedule("daily noon", zone="Europe/Paris"),
        ),
    ],
)
@pytest.mark.parametrize("labels", [LABELS, {}])
def test_a_subscription_is_the_same_when_it_is_typed_again(wanted, labels):
    read = alert_words.parse_subscribe_command(as_typed(wanted, labels), LABELS, {}, zone="America/New_York")
    where = Target("U1", personal=True) if read.target == "me" else Target(alert_words.channel_id(read.target) or "")
    again = Subscription(read.topics, where, read.filter, read.thresholds, read.delivery, read.schedule, days=read.days)
    assert again == wanted


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("George Hall", ("George Hall",)),
        ("george  hall", ("George Hall",)),
        ("George Best", ("George",)),
        ("Aisha", ("Aisha",)),
        ("Trade", ()),
        ("Zoe", ()),
        ("", ()),
        (" ", ()),
    ],
)
def test_customers_belong_to_whoever_has_the_name(name, values):
    assert [codes.values for codes in codes_of(name, LABELS, VALUES)] == ([values] if values else [])


def test_without_a_code_for_sales_people_nobody_has_customers():
    assert codes_of("George", {2: "Region"}, VALUES) == ()


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("2h", NOW + timedelta(hours=2)),
        ("for 3 days", NOW + timedelta(days=3)),
        ("1 week", NOW + timedelta(weeks=1)),
        ("until Friday", datetime(2026, 3, 27, tzinfo=UTC)),
        ("wed", datetime(2026, 3, 31, 23, tzinfo=UTC)),
        ("till tomorrow", datetime(2026, 3, 26, tzinfo=UTC)),
        ("until 2026-03-30", datetime(2026, 3, 29, 23, tzinfo=UTC)),
        ("off", None),
    ],
)
def test_silence_ends_when_it_is_said_to(words, until):
    assert mute_words.parse_mute(words, zone="Europe/London", now=NOW) == until


@pytest.mark.parametrize("words", ["", "forever", "0d", "9999w", "93d", "until 2026-03-01", "until 2026-02-30", "-2d"])
def test_silence_without_an_end_is_refused(words):
    with pytest.raises(BadQuestion):
        mute_words.parse_mute(words, zone="Europe/London", now=NOW)

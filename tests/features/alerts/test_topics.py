from __future__ import annotations

import re
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.filters.customer_filter import Codes, Filter
from bot.domain.schedule import WEEKDAYS, Region, Schedule
from bot.errors import BadQuestion
from bot.features.alerts.model.topics import (
    ALERT_KINDS,
    DeliveryMode,
    Interest,
    Subscription,
    Target,
    Topic,
    describe_topics,
    passed,
    summary_wanted,
)
from bot.features.subscriptions.model.command_parser import SubscribeCommand, channel_id, parse_subscribe_command
from tests.builders import LABELS, NOW, customer

VALUES = {2: {"George", "Anna"}, 3: {"Tyne & Wear", "Durham"}}
SALES = "<#C123|sales>"
ABS = Snapshot.of(customer())
DURHAM, GEORGE = Filter((Codes(3, ("Durham",)),)), Codes(2, ("George",))
MORNINGS = Schedule(WEEKDAYS, time(8, 30), "Europe/London", Region.ENGLAND_AND_WALES)
HOLDS, RELEASES, OVER_LIMIT, UTILISATION, PAID, ORDERS, OVERDUE, OVERDUE_PAID, PROMISE_BROKEN, DIGEST, DEBTS = Topic


def read(text, mine=(GEORGE,)):
    return parse_subscribe_command(
        text, LABELS, VALUES, zone="Europe/London", region=Region.ENGLAND_AND_WALES, mine=mine
    )


def asked(*topics, **rest):
    return SubscribeCommand(frozenset(topics), **rest)


def subscription(*topics, **rest):
    return Subscription(frozenset(topics or [HOLDS]), Target("C123"), **rest)


def change(kind=ChangeKind.PUT_ON_HOLD, **rest):
    return Change(kind, ABS, ABS, **rest)


@pytest.mark.parametrize(
    ("topic", "kinds"),
    [
        (HOLDS, {ChangeKind.PUT_ON_HOLD}),
        (RELEASES, {ChangeKind.RELEASED}),
        (OVER_LIMIT, {ChangeKind.OVER_LIMIT, ChangeKind.BACK_UNDER_LIMIT}),
        (UTILISATION, {ChangeKind.UTILISATION}),
        (PAID, {ChangeKind.PAID_WHILE_HELD}),
        (ORDERS, {ChangeKind.ORDER_WHILE_HELD}),
        (OVERDUE, {ChangeKind.OVERDUE}),
        (OVERDUE_PAID, {ChangeKind.OVERDUE_PAID}),
        (PROMISE_BROKEN, {ChangeKind.PROMISE_BROKEN}),
        (DIGEST, set()),
        (DEBTS, set()),
    ],
)
def test_a_topic_is_told_of_its_own_kinds_of_change_and_no_others(topic, kinds):
    chosen = subscription(topic, thresholds=(80,), days=(80,))
    assert {kind for kind in ChangeKind if Interest(chosen).wants(change(kind, crossed=(80,)), NOW)} == kinds


def test_every_kind_of_change_belongs_to_exactly_one_topic():
    assert sorted(kind for news in ALERT_KINDS.values() for kind in news.kinds) == sorted(ChangeKind)


def test_no_spelling_means_two_topics():
    spellings = [each for topic, news in ALERT_KINDS.items() for each in (topic.value, *news.spellings)]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize(
    ("unlike", "wanted"),
    [
        ({}, True),
        ({"paused": "channel archived"}, False),
        ({"muted_until": NOW + timedelta(seconds=1)}, False),
        ({"muted_until": NOW}, True),
        ({"muted_until": NOW - timedelta(days=1)}, True),
        ({"filter": DURHAM}, False),
        ({"filter": Filter((Codes(3, ("tyne & wear",)),))}, True),
        ({"filter": Filter(mine=(GEORGE,))}, True),
        ({"filter": Filter(mine=())}, False),
        ({"delivery": DeliveryMode.DIGEST}, True),
    ],
)
def test_pause_mute_and_filter_silence_a_subscription(unlike, wanted):
    assert Interest(subscription(**unlike)).wants(change(), NOW) is wanted


@pytest.mark.parametrize(("days", "highest"), [((30, 60, 90), 90), ((30, 60), 60), ((45,), None), ((), None)])
def test_days_of_lateness_are_told_to_those_who_asked_for_them(days, highest):
    chosen, aged = (
        subscription(OVERDUE, thresholds=(80, 30), days=days),
        change(ChangeKind.OVERDUE, crossed=(30, 60, 90)),
    )
    assert passed(chosen, aged) == highest
    assert Interest(chosen).wants(aged, NOW) is (highest is not None)


@pytest.mark.parametrize(
    ("thresholds", "crossed", "highest"),
    [((80,), (80,), 80), ((80, 90), (80, 90), 90), ((80,), (80, 90), 80), ((95,), (80, 90), None), ((), (80,), None)],
)
def test_a_threshold_is_told_to_those_who_asked_for_it_and_the_highest_once(thresholds, crossed, highest):
    chosen, risen = subscription(UTILISATION, thresholds=thresholds), change(ChangeKind.UTILISATION, crossed=crossed)
    assert passed(chosen, risen) == highest
    assert Interest(chosen).wants(risen, NOW) is (highest is not None)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (ChangeKind.RELEASED, True),
        (ChangeKind.BACK_UNDER_LIMIT, True),
        (ChangeKind.PUT_ON_HOLD, False),
        (ChangeKind.PAID_WHILE_HELD, False),
    ],
)
def test_an_ending_is_told_even_when_the_balance_has_fallen_below_the_minimum(kind, wanted):
    paid_up = replace(ABS, balance=Decimal(0))
    chosen = subscription(*Topic, filter=Filter(minimum_balance=Decimal(500)))
    assert Interest(chosen).wants(Change(kind, paid_up, paid_up), NOW) is wanted


def test_an_ending_is_told_to_the_region_the_customer_has_left():
    moved = replace(ABS, analysis={3: "Durham"})
    north = subscription(RELEASES, filter=Filter((Codes(3, ("Tyne & Wear",)),)))
    assert Interest(north).wants(Change(ChangeKind.RELEASED, ABS, moved), NOW)
    assert not Interest(north).wants(Change(ChangeKind.RELEASED, moved, moved), NOW)


@pytest.mark.parametrize(("count", "wanted"), [(0, False), (10, False), (11, True), (10_000, True)])
def test_more_than_ten_changes_of_a_kind_become_one_message(count, wanted):
    assert summary_wanted(count) is wanted


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("holds", asked(HOLDS)),
        ("HOLDS, releases and paid", asked(HOLDS, RELEASES, PAID)),
        ("put on hold, over limit", asked(HOLDS, OVER_LIMIT)),
        ("on-hold orders payments overlimit", asked(HOLDS, ORDERS, PAID, OVER_LIMIT)),
        ("all", asked(HOLDS, RELEASES, OVER_LIMIT, PAID, ORDERS, OVERDUE_PAID, PROMISE_BROKEN)),
        ("utilisation", asked(UTILISATION, thresholds=(80, 90))),
        ("utilization 90%, 75 holds", asked(UTILISATION, HOLDS, thresholds=(75, 90))),
        ("overdue", asked(OVERDUE, days=(30, 60, 90))),
        ("overdue 90,30 days, 60d", asked(OVERDUE, days=(30, 60, 90))),
        ("overdue 30+ or 45 holds", asked(OVERDUE, HOLDS, days=(30, 45))),
        ("utilisation 80, overdue 45 in me", asked(UTILISATION, OVERDUE, thresholds=(80,), days=(45,), target="me")),
        ("overdue 14, utilisation", asked(UTILISATION, OVERDUE, thresholds=(80, 90), days=(14,))),
        ("overdue paid, broken promises", asked(OVERDUE_PAID, PROMISE_BROKEN)),
        (f"holds in {SALES}", asked(HOLDS, target=SALES)),
        ("holds in #sales", asked(HOLDS, target="#sales")),
        ("holds to ME", asked(HOLDS, target="me")),
        ("holds in here", asked(HOLDS)),
        ("holds here", asked(HOLDS)),
        ("holds me where region:Durham", asked(HOLDS, target="me", filter=DURHAM)),
        (f"holds {SALES}", asked(HOLDS, target=SALES)),
        ("holds as thread", asked(HOLDS, delivery=DeliveryMode.THREAD)),
        ("holds where region:Durham", asked(HOLDS, filter=DURHAM)),
        ("where region:Durham", None),
        (f"holds where region: Durham in {SALES}", asked(HOLDS, target=SALES, filter=DURHAM)),
        ('holds where customer:"Made in Durham"', asked(HOLDS, filter=Filter(customers=("Made in Durham",)))),
        ("holds to me where mine", asked(HOLDS, target="me", filter=Filter(mine=(GEORGE,)))),
        ("digest weekdays 08:30", asked(DIGEST, schedule=MORNINGS)),
        ("digest, holds at weekdays 8.30", asked(DIGEST, HOLDS, schedule=MORNINGS)),
        ("digest weekdays at 08:30 in #sales", asked(DIGEST, target="#sales", schedule=MORNINGS)),
        ("digest mon,tue,wed,thu,fri 08:30", asked(DIGEST, schedule=MORNINGS)),
        ("holds at weekdays 08:30", asked(HOLDS, delivery=DeliveryMode.DIGEST, schedule=MORNINGS)),
        ("holds as digest at weekdays at 08:30", asked(HOLDS, delivery=DeliveryMode.DIGEST, schedule=MORNINGS)),
        (
            "digest weekdays 08:30 holds as thread",
            asked(DIGEST, HOLDS, delivery=DeliveryMode.THREAD, schedule=MORNINGS),
        ),
        (
            f'holds,releases in {SALES} where region:"Tyne & Wear" not rep:George at weekdays 08:30 as digest',
            asked(
                HOLDS,
                RELEASES,
                target=SALES,
                filter=Filter((Codes(3, ("Tyne & Wear",)), replace(GEORGE, negated=True))),
                delivery=DeliveryMode.DIGEST,
                schedule=MORNINGS,
            ),
        ),
    ],
)
def test_a_subscription_is_read_as_typed(text, request_):
    if request_ is None:
        with pytest.raises(BadQuestion, match="alerts be about"):
            read(text)
    else:
        assert read(text) == request_


@pytest.mark.parametrize(
    ("text", "says", "offered"),
    [
        ("", "alerts be about", list(Topic)),
        ("hodls", "such kind of alert", ["holds"]),
        ("xqzw", "such kind of alert", list(Topic)),
        ("holds 80", "such kind of alert", list(Topic)),
        ("utilisation 1000", "whole percentage", []),
        ("utilisation 80.5", "whole percentage", []),
        ("utilisation 0", "whole percentage", []),
        ("utilisation 50 60 70 80", "At most 3", []),
        ("holds in", "missing after that word", []),
        ("holds where", "missing after that word", []),
        ("holds in #a in #b", "one place", []),
        ("holds in #a #b", "one place", []),
        ("holds #a #b", "one place", []),
        ("holds here in #b", "one place", []),
        ("holds in sales", "can't be posted there", ["#channel", "here", "me"]),
        ("holds in <@U1>", "can't be posted there", ["#channel", "here", "me"]),
        ("holds as pigeon", "sent that way", ["thread", "digest"]),
        ("holds as digest", "When should the digest", []),
        ("digest", "When should the digest", []),
        ("digest weekdays", "what time", []),
        ("holds at weekdays 08:30 as thread", "goes with a digest", []),
        ("holds where regoin:Durham", "No analysis code", list(LABELS.values())),
        ('holds where region:"Tyne', "no partner", []),
    ],
)
def test_what_is_not_understood_is_refused_with_what_would_be(text, says, offered):
    with pytest.raises(BadQuestion, match=says) as caught:
        read(text)
    if offered:
        assert set(offered) <= set(caught.value.offered)
    assert caught.value.hint or caught.value.offered


PIECES = 'holds digest utilisation 80 in #a me where region:Durham at weekdays 9 as thread digest , mine " not'


@given(st.lists(st.sampled_from(re.findall(r"\S+", PIECES))).map(" ".join) | st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused_politely(text):
    try:
        request = read(text)
    except BadQuestion:
        return
    assert request.topics
    assert (request.schedule is not None) is (DIGEST in request.topics or request.delivery is DeliveryMode.DIGEST)
    assert bool(request.thresholds) is (UTILISATION in request.topics)


@pytest.mark.parametrize(
    ("target", "found"),
    [(SALES, "C123"), ("<#C123>", "C123"), ("<#C123|>", "C123"), ("#sales", None), ("here", None), ("<@U1>", None)],
)
def test_a_channel_is_known_by_its_id_only_where_slack_wrote_it(target, found):
    assert channel_id(target) == found


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (subscription(HOLDS, RELEASES), "put on hold, released"),
        (subscription(UTILISATION, thresholds=(90, 80)), "use of the credit limit reaching 80% or 90%"),
        (
            subscription(HOLDS, filter=DURHAM, delivery=DeliveryMode.THREAD),
            "put on hold; Region is Durham; in a thread",
        ),
        (
            subscription(PAID, delivery=DeliveryMode.DIGEST, schedule=replace(MORNINGS, region=None)),
            "paid while on hold; in a summary weekdays at 08:30 (Europe/London)",
        ),
    ],
)
def test_a_subscription_is_described_in_plain_english(chosen, said):
    assert describe_topics(chosen, LABELS) == said
    assert chosen.only_mine is False

"""Every message and form about subscriptions passes the gate, whatever things are called, and says what it must."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.changes import Change, ChangeKind, Snapshot
from bot.domain.channel import Readers
from bot.domain.filters.customer_filter import Codes, Filter
from bot.errors import NotInChannel
from bot.features.alerts.model.topics import DeliveryMode, Subscription, Target, Topic
from bot.features.subscriptions.model import schedule_parser as schedule_words
from bot.features.subscriptions.model.form import FILTER, SubscriptionForm
from bot.features.subscriptions.model.subscription import BY_HAND, Created, Preview, Removed, SubscriptionView
from bot.features.subscriptions.views import form as forms
from bot.features.subscriptions.views import list as views
from bot.slack.channels import channel_of
from tests.builders import NOW
from tests.slack.gate import passes, passes_view
from tests.slack.hostile import whatever_things_are_called

WEEKDAYS = schedule_words.parse_schedule("weekdays 08:30", zone="Europe/London")


def wanted(words="Durham", **unlike):
    usual = {
        "topics": frozenset(Topic),
        "target": Target("C0SALES"),
        "filter": Filter(codes=(Codes(3, (words, words)),), customers=(words,), mine=(Codes(2, (words,)),)),
        "thresholds": (80, 90),
        "delivery": DeliveryMode.THREAD,
        "schedule": WEEKDAYS,
    }
    return Subscription(**{**usual, **unlike})


def kept(words="Durham", number=1, **unlike):
    return SubscriptionView(
        number,
        "U0PRIYA",
        wanted(words, **unlike),
        company_name=words,
        labels={3: words, 2: words},
        paused_since=NOW,
        due_at=NOW,
    )


def told(words, count=7):
    customer = Snapshot(1, words, words, on_hold=True)
    change = Change(ChangeKind.PUT_ON_HOLD, customer, customer)
    return Preview(count, ((NOW, change),) * min(count, 5))


BUILT = {
    views.subscription_created: [
        lambda words: views.subscription_created(Created(kept(words), "status", told(words))),
        lambda words: views.subscription_created(
            Created(kept(words, target=Target("U0PRIYA", personal=True)), "figures", Preview(0))
        ),
    ],
    views.subscription_list: [
        lambda words: views.subscription_list([], page=1),
        lambda words: views.subscription_list(
            [kept(words, n) for n in range(1, 100)], page=2, after=views.subscription_changed(kept(words))
        ),
        lambda words: views.subscription_list([kept(words, n, paused=words) for n in range(1, 6)], page=9),
    ],
    views.subscription_changed: [lambda words: views.subscription_changed(kept(words, muted_until=NOW))],
    views.subscription_removed: [
        lambda words: views.subscription_removed(Removed(kept(words)), at=NOW),
        lambda words: views.subscription_removed(Removed(kept(words), f"holds in <#C1> where region:{words}"), at=NOW),
    ],
    views.not_in: [
        lambda words: views.not_in(NotInChannel("C0SALES", may_join=True, again=f"holds where region:{words}")),
        lambda words: views.not_in(NotInChannel("C0SALES")),
        lambda words: views.not_in(NotInChannel("<!channel>", may_join=True, again="x" * 3_000)),
    ],
}


@pytest.mark.parametrize("build", [build for builds in BUILT.values() for build in builds])
@whatever_things_are_called
def test_every_message_passes_whatever_things_are_called(build, words):
    passes(build(words))


@whatever_things_are_called
def test_the_form_passes_empty_and_filled_in(words):
    passes_view(forms.subscription_form(here="C0SALES"))
    passes_view(forms.subscription_form(kept(words)))
    passes_view(forms.subscription_form(kept(words, target=Target("U0PRIYA", personal=True), schedule=None)))


def test_no_view_is_forgotten():
    made: set[Any] = {
        function
        for _, function in inspect.getmembers(views, inspect.isfunction)
        if inspect.get_annotations(function).get("return") == "Message" and function.__module__ == views.__name__
    }
    assert made == set(BUILT)


def test_a_confirmation_says_what_where_the_class_the_preview_and_the_way_back():
    text = views.subscription_created(Created(kept(), "status", told("ABS001"))).text
    for fact in (
        "*Subscription 1:*",
        "put on hold",
        "Durham",
        "<#C0SALES>",
        "no figures",
        "last 30 days",
        "7 changes",
        "ABS001",
        "`/sage unsubscribe 1`",
    ):
        assert fact in text
    private = Created(kept(target=Target("U0PRIYA", personal=True)), "figures", Preview(0))
    assert "<@U0PRIYA> in a direct message" in views.subscription_created(private).text
    assert "would have sent nothing" in views.subscription_created(private).text
    assert "no figures" in views.subscription_created(Created(kept(), "nonsense", Preview(0))).text


def test_the_list_shows_number_owner_target_state_and_reason_by_the_page():
    rows = [kept(number=n, paused="the channel is archived" if n == 2 else "") for n in range(1, 13)]
    first, last = (views.subscription_list(rows, page=page) for page in (1, 3))
    assert "12 subscriptions" in first.text
    assert "page 1 of 3" in first.text
    assert "the channel is archived" in first.text
    assert "owner <@U0PRIYA>" in first.text
    assert ("*11* " in first.text, "*11* " in last.text) == (False, True)
    ids = [
        each["action_id"]
        for block in first.payload()["blocks"]
        for each in block.get("elements", [])
        if "action_id" in each
    ]
    assert [each for each in ids if each.endswith((".1", ".2"))] == [
        "subscription.edit.1",
        "subscription.pause.1",
        "subscription.mute.1",
        "subscription.delete.1",
        "subscription.edit.2",
        "subscription.resume.2",
        "subscription.delete.2",
        "subscription.page.2",
    ]
    assert all(views.subscription_page_pressed(views.PAUSE).fullmatch(each) for each in ids if "pause" in each)


@pytest.mark.parametrize(("minutes", "works"), [(0, True), (4.9, True), (5.1, False)])
def test_undo_works_for_five_minutes(minutes, works):
    message = views.subscription_removed(Removed(kept(), "holds in me"), at=NOW)
    value = message.payload()["blocks"][1]["elements"][0]["value"]
    assert views.undoable(value, now=NOW + timedelta(minutes=minutes)) == ("holds in me" if works else "")


@pytest.mark.parametrize("value", ["", "holds in me", "x holds in me", "99999999999 holds in me"])
def test_a_forged_undo_does_nothing(value):
    assert views.undoable(value, now=NOW) == ""


def test_a_filled_in_form_comes_back_as_it_was():
    one = replace(kept(), labels={3: "Region", 2: "Sales rep"})
    view = forms.subscription_form(one)
    state = {}
    for block in view["blocks"]:
        element = block["element"]
        state[block["block_id"]] = {
            element["action_id"]: {
                "value": element.get("initial_value"),
                "selected_options": element.get("initial_options", []),
                "selected_option": element.get("initial_option"),
                "selected_conversation": element.get("initial_conversation"),
            }
        }
    filled, number, _ = forms.subscription_form_filled({**view, "state": {"values": state}})
    assert number == 1
    assert filled == SubscriptionForm(
        topics=tuple(Topic),
        place="C0SALES",
        filter="Region:Durham,Durham mine",
        customers=("Durham",),
        thresholds="80,90",
        delivery="thread",
        schedule="mon,tue,wed,thu,fri 08:30 Europe/London including-holidays",
    )


def test_a_form_that_is_not_ours_is_empty():
    assert forms.subscription_form_filled({"state": {"values": {FILTER: {"value": "x"}}}}) == (
        SubscriptionForm(delivery=""),
        None,
        "",
    )


@pytest.mark.parametrize(
    ("shown", "member", "private", "archived", "shared"),
    [
        (
            {"is_member": True, "is_private": False, "is_archived": False, "is_ext_shared": False},
            True,
            False,
            False,
            Readers.NOBODY_ELSE,
        ),
        ({"is_member": True, "is_private": False, "is_archived": False}, True, False, False, Readers.UNKNOWN),
        ({}, False, True, True, Readers.UNKNOWN),
        ({"is_member": "yes", "is_private": 0, "is_archived": None}, False, True, True, Readers.UNKNOWN),
        ({"is_ext_shared": True, "is_archived": False}, False, True, False, Readers.COMPANY),
        ({"is_pending_ext_shared": True, "is_archived": False}, False, True, False, Readers.COMPANY),
    ],
)
def test_what_slack_does_not_say_plainly_counts_against_a_channel(shown, member, private, archived, shared):
    read = channel_of("C0SALES", {"id": "C0SALES", **shown}, org_wide=False)
    assert (read.is_member, read.is_private, read.is_archived, read.readers) == (member, private, archived, shared)


def test_a_pause_by_hand_says_so():
    assert "paused since" in views.subscription_changed(kept(paused=BY_HAND)).text

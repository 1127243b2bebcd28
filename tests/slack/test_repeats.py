"""What counts as the same request of Slack's twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.slack.middleware import repeat_keys

ACTION = {"type": "button", "block_id": "b1", "action_id": "connect.start", "value": "1"}
PLACE = {"type": "message", "channel_id": "C1", "message_ts": "1.1"}
TEAM, USER = {"id": "T1"}, {"id": "U1"}


def command(**unlike):
    return {"command": "/customer", "text": "ABS001", "user_id": "U1", "team_id": "T1", "trigger_id": "1.2.a", **unlike}


def event(kind="message", **unlike):
    return {"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event": {"type": kind}, **unlike}


def click(trigger_id="1.2.a", **unlike):
    base = {"type": "block_actions", "team": TEAM, "user": USER, "container": PLACE, "actions": [ACTION]}
    return {**base, "trigger_id": trigger_id, **unlike}


def chosen(value, **unlike):
    return click(actions=[{**ACTION, "selected_option": {"value": value}}], **unlike)


def submitted(view="V1", **unlike):
    base = {"type": "view_submission", "team": TEAM, "user": USER, "trigger_id": "1.2.a", "view": {"id": view}}
    return {**base, **unlike}


def same(one, other):
    """Whether the second is dropped after the first: any key of it is taken already."""
    taken = {key for key, _ in repeat_keys(one)}
    return any(key in taken for key, _ in repeat_keys(other))


SAME = {
    "an event delivered again": (event(), event()),
    "an event delivered again with other words around it": (event(), event(event_time=2)),
    "a command delivered again": (command(), command()),
    "a click delivered again": (click(), click()),
    "a double click": (click("1.2.a"), click("1.2.b")),
    "a double choice": (chosen("1", trigger_id="1.2.a"), chosen("1", trigger_id="1.2.b")),
    "a double click in a modal": (
        click("1.2.a", container={"view_id": "V1"}),
        click("1.2.b", container={"view_id": "V1"}),
    ),
    "a modal sent again": (submitted(), submitted()),
}
DIFFERENT = {
    "two events": (event(), event(event_id="Ev2")),
    "an event and a click": (event(), click()),
    "the same command typed twice": (command(), command(trigger_id="1.2.b")),
    "another choice": (chosen("1", trigger_id="1.2.a"), chosen("2", trigger_id="1.2.b")),
    "another choice that Slack gave the same trigger": (chosen("1"), chosen("2")),
    "another button": (click("1.2.a"), click("1.2.b", actions=[{**ACTION, "action_id": "connect.enter_code"}])),
    "another value": (click("1.2.a"), click("1.2.b", actions=[{**ACTION, "value": "2"}])),
    "another person": (click("1.2.a"), click("1.2.b", user={"id": "U2"})),
    "the same person's id in another workspace": (click("1.2.a"), click("1.2.b", team={"id": "T2"})),
    "another message": (click("1.2.a"), click("1.2.b", container={**PLACE, "message_ts": "1.2"})),
    "another channel": (click("1.2.a"), click("1.2.b", container={**PLACE, "channel_id": "C2"})),
    "a modal opened again": (submitted(), submitted(view="V2", trigger_id="1.2.b")),
    "a click and the command it came with": (click(), command()),
    "an uninstall whose first delivery may have died": (event("app_uninstalled"), event("app_uninstalled")),
    "revoked tokens likewise": (event("tokens_revoked"), event("tokens_revoked")),
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_is_dropped(case):
    assert same(*SAME[case])


@pytest.mark.parametrize("case", DIFFERENT)
def test_another_is_answered(case):
    assert not same(*DIFFERENT[case])


def test_a_hasty_finger_is_forgiven_for_seconds_and_slack_for_as_long_as_it_may_retry():
    windows = {key.partition(":")[0]: window for body in (event(), click()) for key, window in repeat_keys(body)}
    assert windows == {"event": None, "trigger": None, "click": timedelta(seconds=3)}


@pytest.mark.parametrize("body", [{}, {"type": "block_actions"}, {"type": "url_verification"}, {"actions": None}])
def test_what_cannot_be_told_apart_is_never_dropped(body):
    assert repeat_keys(body) == []


def test_keys_carry_no_names_or_words():
    assert "ABS001" not in str(repeat_keys(command()))
    assert "U1" not in str(repeat_keys(click()))

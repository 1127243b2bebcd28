"""Under an answer in plain English people press 👍 or 👎; admins see how many, and what wasn't understood."""

from __future__ import annotations

import pytest

from sandbox.slack import Changes
from tests.scenarios.assistant.test_talk import mention, tell
from tests.scenarios.customers.test_on_hold import press


@pytest.fixture
async def acme(connected_office):
    """Priya is connected and the app's admin."""
    return connected_office


def presses(message):
    return [block["elements"][0] for block in message.blocks if block["type"] == "context_actions"]


async def rate(office, answer, which, *, user="priya"):
    office.clock.forward(seconds=5)  # or it is a double click
    value = presses(answer)[0][which]["value"]
    return await press(office, answer, "talk.feedback", user=user, value=value)


async def test_presses_are_counted_thanked_for_in_private_and_seen_by_admins(acme):
    answer = await tell(acme, "what does ABS001 owe?")
    for which in ("positive_button", "negative_button"):
        thanks = await rate(acme, answer, which)
        assert thanks.is_ephemeral
    assert "not useful" in thanks.text
    lost = await tell(acme, "flibber the wotsits")
    assert presses(lost) == []
    assert presses(await tell(acme, "thanks")) == []
    report = await acme.command("/sage", "questions")
    assert "1 answered · 1 not understood · 0 👍 · 1 👎" in report.text
    assert "flibber" not in report.text
    assert "admin" in (await acme.command("/sage", "questions", user="anna")).text

    await acme.command("/sage", "settings keep-questions on")
    assert "is kept for 30 days" in (await tell(acme, "flibber the wotsits again")).text
    assert "flibber the wotsits again" in (await acme.command("/sage", "questions")).text


async def test_a_public_answer_has_presses_and_a_private_one_none(acme):
    await Changes(acme.slack, acme.sender).invite_bot("C0SALES")
    public = await mention(acme, "is ABS001 on hold?")
    assert len(presses(public)) == 1
    private = await mention(acme, "what does ABS001 owe?")
    assert presses(private) == []


async def test_a_workspace_whose_slack_refuses_the_presses_is_answered_and_asked_once(acme):
    place = acme.slack.workspaces["T0ACME"]
    place.refuses_blocks.add("context_actions")
    for _ in range(2):
        answer = await tell(acme, "what does ABS001 owe?")
        assert "owes £2,464.16" in answer.text
        assert presses(answer) == []
        assert answer.blocks[0]["type"] == "section"
    assert len(place.refused_blocks) == 1

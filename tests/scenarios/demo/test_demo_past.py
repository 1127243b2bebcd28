"""The demo's accounts have a past: who held and released them, and why, as the product would have seen it."""

from __future__ import annotations

import re

import pytest

from bot.demo.past import CLARE, PRIYA, write_past
from sandbox.page import cast
from tests.scenarios.alerts.test_news_posted import look


@pytest.fixture
async def acme(read_office):
    await write_past(read_office.product.services.database, now=read_office.clock())
    return read_office


async def history(acme, reference="ABS001"):
    return (await acme.command("/customer", f"{reference} history")).text


async def test_an_account_was_on_hold_before_the_demo_began(acme):
    told = await history(acme)
    assert "On hold twice in the last 12 months" in told
    reason = "Overdue: two reminders unanswered (Clare, Slack)"
    assert f"put on hold by <@{CLARE}> · {reason} · released by <@{PRIYA}>: Paid in full (Priya, Slack)" in told
    assert told.index("reminders unanswered") < told.index("cheque returned"), "the latest first"
    assert "Hold dates are known from" not in told
    assert "in 12 months\n" in (await acme.command("/onhold", "reasons")).text


async def test_an_account_on_hold_now_has_its_own_stay_first(acme):
    told = await history(acme, "HOL001")
    assert "On hold now." in told
    assert re.search(r"\n• \*since \d+ February 2026, \d+ days\* · .*\n• \*\d+ \w+ \d{4} to", told)
    assert "first seen today" not in (await acme.command("/onhold")).text


async def test_it_is_written_once_and_nothing_is_told_of_it(acme):
    await acme.command("/sage", "subscribe holds,releases to me")
    before = await history(acme)
    posted = len(acme.slack.messages)
    await write_past(acme.product.services.database, now=acme.clock())
    await look(acme)
    assert [each.text for each in acme.slack.messages[posted:] if each.via == "chat.postMessage"] == []
    assert (await history(acme)).count("• ") == before.count("• ") == 2


def test_those_who_held_and_released_are_people_of_the_demo():
    assert {CLARE, PRIYA} <= {part.id for part in cast.PARTS}

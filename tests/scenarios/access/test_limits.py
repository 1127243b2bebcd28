"""A member who asks without end is told so once, and nobody else notices."""

from __future__ import annotations

import pytest

from bot.coordination.limits import ALLOWANCES, Limited
from tests.scenarios.slack_app import office as open_office

MOST = ALLOWANCES[Limited.ASKED].member // 10


@pytest.fixture
async def strict(sqlite_url):
    async with open_office(sqlite_url, LIMIT_FACTOR="0.1") as opened:
        await opened.install("T0ACME")
        yield opened
        await opened.settle()


async def _many(office, times, *, user="priya"):
    before = len(office.slack.messages)
    for _ in range(times):
        assert (await office.sender.command("/sage", "help", user=user, team="T0ACME")).status == 200
    await office.settle()
    return [message.text for message in office.slack.messages[before:]]


async def test_beyond_the_limit_a_member_is_answered_once_and_colleagues_as_ever(strict):
    answers = await _many(strict, MOST + 5)
    limited = [text for text in answers if "times within a minute" in text]
    assert len(limited) == 1
    assert "Try again in a minute." in limited[0]
    assert len(answers) == MOST + 1
    assert [text for text in await _many(strict, 1, user="george") if "times within" in text] == []
    strict.clock.forward(seconds=61)
    assert [text for text in await _many(strict, 1) if "times within" in text] == []


async def test_beyond_the_limit_home_stays_as_it_was_without_a_word(strict):
    for _ in range(ALLOWANCES[Limited.OPENED_HOME].member):
        await strict.sender.event({"type": "app_home_opened", "user": "U0PRIYA", "tab": "home", "channel": "D0PRIYA"})
    await strict.settle()
    assert [message.text for message in strict.slack.messages if "times within" in message.text] == []


async def test_a_member_gets_no_links_without_end(strict):
    strict.link(await strict.command("/sage", "connect"))
    refused = await strict.command("/sage", "connect")
    assert "asked for a link 1 times within 10 minutes" in refused.text


async def test_an_assistant_asks_no_more_often_than_its_person(strict):
    """It is told each time: it waits for an answer, where a person has read the first."""
    answers = [(await strict.sender.tool("customer", {"reference": "ABS001"}, user="priya")).body for _ in range(9)]
    assert ["times within a minute" in each for each in answers] == [False] * MOST + [True] * (9 - MOST)

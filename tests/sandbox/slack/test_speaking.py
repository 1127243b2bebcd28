"""People mention the app, open its conversation, and write in threads: what Slack tells the app of it."""

from __future__ import annotations

import pytest

from sandbox.slack import T_ACME, T_OTHER, Changes, Speaking
from sandbox.slack.slack import USUAL_SCOPES
from tests.sandbox.slack.fixtures import Play


@pytest.fixture
def play():
    return Play()


@pytest.fixture
async def speaking(play):
    play.slack.install(T_ACME, scopes=[*USUAL_SCOPES, "app_mentions:read"])
    await Changes(play.slack, play.sender).invite_bot("C0SALES")
    return Speaking(play.slack, play.sender)


async def test_a_mention_is_told_with_its_thread(play, speaking):
    await speaking.mention("is <b> on hold", user="priya", thread_ts="1.1")
    told = play.app.got[-1]
    bot = play.slack.workspaces[T_ACME].bot_user_id
    assert told["is_ext_shared_channel"] is False
    event = told["event"]
    assert (event["type"], event["channel"], event["thread_ts"]) == ("app_mention", "C0SALES", "1.1")
    assert event["text"] == f"<@{bot}> is &lt;b&gt; on hold"
    assert "channel_type" not in event


async def test_where_another_company_is_in_the_channel_slack_says_so(play, speaking):
    await Changes(play.slack, play.sender).share_channel("C0SALES")
    await speaking.mention("hi", user="priya")
    assert play.app.got[-1]["is_ext_shared_channel"] is True


async def test_an_app_outside_the_channel_or_without_the_scope_hears_nothing(play, speaking):
    assert await speaking.mention("hi", user="priya", channel="C0GENERAL") is None
    play.slack.install(T_OTHER)  # scopes only ever grow, so this one never had it
    await Changes(play.slack, play.sender).invite_bot("C0SALES", team=T_OTHER)
    assert await speaking.mention("hi", user="oscar", team=T_OTHER) is None
    assert play.app.got == []


async def test_the_opened_conversation_and_a_thread_in_it(play, speaking):
    await speaking.open_conversation(user="priya")
    opened = play.app.got[-1]["event"]
    assert (opened["type"], opened["tab"], opened["channel"]) == ("app_home_opened", "messages", "D0PRIYA")
    await speaking.write("hi", user="priya", thread_ts="1.1")
    written = play.app.got[-1]["event"]
    assert (written["type"], written["channel_type"], written["thread_ts"]) == ("message", "im", "1.1")

"""Channels in the simulated Slack: what an app sees of them, and what it is told."""

import pytest

from sandbox.slack import T_ACME, Changes
from tests.sandbox.slack.fixtures import Play

READS = ("channels:read", "groups:read", "im:read", "channels:history", "im:history", "channels:join")
EVENTS = {"channel_archive", "channel_deleted", "member_joined_channel", "channel_left", "user_change"}


@pytest.fixture
def play():
    play = Play()
    play.slack.install(T_ACME, scopes=READS)
    return play


@pytest.fixture
def changes(play):
    return Changes(play.slack, play.sender, events=EVENTS)


async def posted(play, channel="C0SALES", **more):
    return await play.api("chat.postMessage", channel=channel, text="words", **more)


async def test_the_app_posts_only_where_it_was_invited(play, changes):
    assert (await posted(play))["error"] == "not_in_channel"
    await changes.invite_bot("C0SALES")
    assert (await posted(play))["ok"]
    await changes.remove_bot("C0SALES")
    assert (await posted(play))["error"] == "not_in_channel"


async def test_with_the_scope_for_it_the_app_posts_to_any_public_channel(play):
    play.slack.install(T_ACME, scopes=["chat:write.public"])
    assert (await posted(play))["ok"]


async def test_an_archived_channel_takes_nothing_until_it_is_back(play, changes):
    await changes.invite_bot("C0SALES")
    await changes.archive("C0SALES")
    assert (await posted(play))["error"] == "is_archived"
    assert (await play.api("conversations.info", channel="C0SALES"))["channel"]["is_archived"] is True
    await changes.unarchive("C0SALES")
    assert (await posted(play))["ok"]


async def test_a_deleted_channel_is_not_found(play, changes):
    await changes.delete_channel("C0SALES")
    assert (await posted(play))["error"] == "channel_not_found"


async def test_a_private_channel_is_not_there_for_an_app_outside_it(play, changes):
    changes.add_channel("C0SECRET", "secret", is_private=True)
    for method in ("chat.postMessage", "conversations.info", "conversations.join", "conversations.members"):
        assert (await play.api(method, channel="C0SECRET", text="x"))["error"] == "channel_not_found"
    await changes.invite_bot("C0SECRET")
    assert (await play.api("conversations.info", channel="C0SECRET"))["channel"]["is_private"] is True
    assert (await play.api("conversations.join", channel="C0SECRET"))[
        "error"
    ] == "method_not_supported_for_channel_type"


async def test_the_app_can_join_a_public_channel(play):
    assert (await play.api("conversations.join", channel="C0SALES"))["channel"]["is_member"] is True
    assert (await posted(play))["ok"]


async def test_a_shared_channel_says_so(play, changes):
    await changes.share_channel("C0SALES")
    assert (await play.api("conversations.info", channel="C0SALES"))["channel"]["is_ext_shared"] is True


async def test_lists_have_pages_and_leave_out_what_they_are_told_to(play, changes):
    await changes.invite_bot("C0SALES")
    first = await play.api("conversations.list", limit=1)
    cursor = first["response_metadata"]["next_cursor"]
    second = await play.api("conversations.list", limit=1, cursor=cursor)
    assert [each["channels"][0]["id"] for each in (first, second)] == ["C0GENERAL", "C0SALES"]
    assert second["response_metadata"]["next_cursor"] == ""
    assert [each["id"] for each in (await play.api("users.conversations"))["channels"]] == ["C0SALES"]
    await changes.archive("C0SALES")
    assert len((await play.api("conversations.list", exclude_archived=True))["channels"]) == 1
    assert (await play.api("conversations.list", types="rooms"))["error"] == "invalid_types"
    assert (await play.api("conversations.list", limit=0, cursor="x"))["error"] == "invalid_cursor"


async def test_reading_needs_the_scope_of_the_kind_of_channel():
    play = Play()
    assert (await play.api("conversations.info", channel="C0SALES"))["needed"] == "channels:read"
    assert (await play.api("conversations.list", types="private_channel"))["needed"] == "groups:read"
    assert (await play.api("conversations.history", channel="C0SALES"))["needed"] == "channels:history"
    await play.posted()
    assert (await play.api("conversations.history", channel="D0PRIYA"))["needed"] == "im:history"


async def test_only_events_the_app_subscribed_to_are_sent(play, changes):
    assert await changes.unarchive("C0SALES") is None
    assert await changes.share_channel("C0SALES") is None
    for reply in (
        await changes.invite_bot("C0SALES"),
        await changes.remove_bot("C0SALES"),
        await changes.archive("C0SALES"),
        await changes.delete_channel("C0SALES"),
        await changes.deactivate("george"),
    ):
        assert reply is not None
        assert reply.status == 200
    kinds = [body["event"]["type"] for body in play.app.got]
    assert kinds == ["member_joined_channel", "channel_left", "channel_archive", "channel_deleted", "user_change"]
    assert play.app.got[-1]["event"]["user"]["deleted"] is True


async def test_who_left_the_company_is_in_no_channel(play, changes):
    await changes.deactivate("george")
    assert "U0GEORGE" not in (await play.api("conversations.members", channel="C0SALES"))["members"]
    assert (await play.api("users.info", user="U0GEORGE"))["user"]["deleted"] is True


async def test_a_token_dies_with_the_word_it_is_told(play):
    play.slack.state.grants.revoke(T_ACME, error="account_inactive")
    assert (await play.api("auth.test"))["error"] == "account_inactive"

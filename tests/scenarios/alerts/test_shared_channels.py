"""A channel becomes shared with another company: paused, its owner told once, and what is known to stand there cut."""

from __future__ import annotations

import pytest

from sandbox.slack import Changes, Speaking
from tests.scenarios.alerts.test_news_posted import C_SALES, look, news, told, wanted
from tests.scenarios.customers.test_reach import choose, opened_by, send, shown

EVENTS = {"channel_shared", "channel_unarchive", "member_joined_channel"}


@pytest.fixture
def changes(office):
    place = office.slack.workspaces["T0ACME"]
    place.channels[C_SALES].members.add(place.bot_user_id)
    return Changes(office.slack, office.sender, events=EVENTS)


def stands(office):
    return [each for each in office.slack.messages if each.channel == C_SALES and not each.is_gone]


async def test_what_is_known_is_taken_back_and_the_owner_told_once(office, changes):
    given = await wanted(office)
    await news(office, given, "1")
    await look(office)
    assert "ABS001" in told(office)[0].text
    assert (await changes.share_channel(C_SALES)).status == 200
    await news(office, given, "2")
    for _ in range(4):
        await look(office)
    assert [each for each in stands(office) if "ABS" in each.text + str(each.blocks)] == []
    assert "taken back" in stands(office)[0].text
    [notice] = [each for each in told(office, "D0PRIYA") if "is paused" in each.text]
    assert "another company" in notice.text


async def test_an_old_notice_of_sharing_changes_nothing(office, changes):
    given = await wanted(office)
    await news(office, given, "1")
    await look(office)
    await office.sender.event({"type": "channel_shared", "channel": C_SALES, "connected_team_id": "T0OTHER"})
    await look(office)
    assert "ABS001" in stands(office)[0].text


async def test_where_slack_does_not_say_whether_a_channel_is_shared_nothing_is_posted_by_any_way(
    office, connected, changes
):
    await office.command("/sage", "subscribe holds in <#C0SALES>")
    office.slack.workspaces["T0ACME"].channels[C_SALES].is_ext_shared = None
    unknown = "couldn't be checked whether"
    for words in ("subscribe releases in <#C0SALES>", "channel figures <#C0SALES>"):
        assert unknown in (await office.command("/sage", words)).text
    card = await office.command("/customer", "ABS001")
    form = await opened_by(office, card, "customer.share")
    assert unknown in shown(await choose(office, form, C_SALES))
    before = len(office.slack.messages)
    await Speaking(office.slack, office.sender).mention("is HOL001 on hold?", user="priya")
    await office.settle()
    answers = [each for each in office.slack.messages[before:] if each.via != "person"]
    assert [(each.user, "(HOL001)" in each.text) for each in answers] == [("U0PRIYA", True)]


async def test_a_subscription_rests_while_slack_does_not_say_whether_its_channel_is_shared(office, changes):
    given = await wanted(office)
    channel = office.slack.workspaces["T0ACME"].channels[C_SALES]
    channel.is_ext_shared = None
    await news(office, given, "1")
    for _ in range(3):
        await look(office)
    assert [each for each in stands(office) if "ABS" in each.text + str(each.blocks)] == []
    [notice] = [each for each in told(office, "D0PRIYA") if "is paused" in each.text]
    assert "couldn't be checked whether" in notice.text
    channel.is_ext_shared = False
    await changes.invite_bot(C_SALES)
    for _ in range(3):
        await look(office)
    assert "ABS001" in "".join(each.text for each in told(office))


async def test_a_private_channel_that_one_is_not_in_is_as_one_that_is_not_there(office, connected, changes):
    changes.add_channel("C0SECRET", "secret", is_private=True)
    place = office.slack.workspaces["T0ACME"].channels["C0SECRET"]
    place.members.add("U0BOTACME")
    assert "Subscription 1" in (await office.command("/sage", "subscribe holds in <#C0SECRET>")).text
    place.members.discard("U0PRIYA")
    for unlike in ({}, {"is_archived": True}, {"is_ext_shared": True}):
        for name, value in unlike.items():
            setattr(place, name, value)
        for words in ("subscribe holds in <#{}>", "channel figures <#{}>"):
            there = (await office.command("/sage", words.format("C0SECRET"))).text
            nowhere = (await office.command("/sage", words.format("C0NOWHERE"))).text
            assert there.replace("C0SECRET", "C0NOWHERE") == nowhere


async def test_a_card_that_somebody_shared_is_taken_back_too(office, connected, changes):
    form = await opened_by(office, await office.command("/customer", "ABS001"), "customer.share")
    await send(office, await choose(office, form, C_SALES), C_SALES)
    assert "ABS001" in told(office)[0].text
    assert (await changes.share_channel(C_SALES)).status == 200
    for _ in range(4):
        await look(office)
    posted = [each for each in stands(office) if each.via.startswith("chat.")]
    assert ["taken back" in each.text for each in posted] == [True]

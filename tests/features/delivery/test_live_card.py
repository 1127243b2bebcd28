"""One live card for each stay on hold and place; its history stands in its thread."""

from __future__ import annotations

import pytest

from tests.features.delivery.slack_workspace import C_SALES


async def held(room, **more):
    """A card that stands in #sales."""
    stay = await room.episode()
    await room.news(episode_id=stay, **more)
    await room.run(seconds=5)
    return stay


async def test_a_release_edits_the_card_and_says_so_below_it(room):
    stay = await held(room)
    [card] = room.posted()
    room.clock.forward(days=2)
    await room.release(stay)
    await room.news(kind="released", episode_id=stay, by_user="U0PRIYA", reason="Paid")
    await room.run(seconds=5)
    edited, reply = room.posted()
    assert (edited.ts, edited.via, edited.is_edited) == (card.ts, "chat.update", True)
    assert "Released" in edited.text
    assert "Released by <@U0PRIYA>" in edited.text
    assert "after 2 days on hold" in edited.text
    assert reply.thread_ts == card.ts


async def test_a_card_that_is_gone_is_posted_anew(room):
    stay = await held(room)
    room.slack.state.messages.remove(room.posted()[0])
    await room.release(stay)
    await room.news(kind="released", episode_id=stay)
    await room.run(seconds=5)
    [message] = room.posted()
    assert (message.via, message.thread_ts) == ("chat.postMessage", "")


async def test_a_release_without_a_card_is_a_message_of_its_own(room):
    stay = await room.episode(already_held=True)
    await room.release(stay)
    await room.news(kind="released", episode_id=stay)
    await room.run(seconds=5)
    [message] = room.posted()
    assert "is off hold" in message.text


@pytest.mark.parametrize("kind", ["paid_while_held", "order_while_held", "over_limit"])
@pytest.mark.parametrize(("delivery", "threaded"), [("thread", True), ("at_once", False)])
async def test_other_news_of_the_stay_goes_where_the_subscription_says(room, kind, delivery, threaded):
    await room.allow("band")
    stay = await held(room)
    subscription = await room.subscribe(delivery=delivery)
    await room.news(kind=kind, episode_id=stay, subscription_id=subscription)
    await room.run(seconds=5)
    card, other = room.posted()
    assert other.thread_ts == (card.ts if threaded else "")


async def test_each_place_has_its_own_card(room):
    stay = await held(room)
    await room.news(episode_id=stay, target="C0GENERAL")
    await room.run(seconds=5)
    await room.release(stay)
    for target in (C_SALES, "C0GENERAL"):
        await room.news(kind="released", episode_id=stay, target=target)
    await room.run(seconds=5)
    assert {message.channel for message in room.posted() if message.is_edited} == {C_SALES, "C0GENERAL"}


async def test_an_edit_whose_answer_was_lost_is_made_again_and_told_once(room):
    stay = await held(room)
    await room.release(stay)
    room.slack.faults.lose_answer(contains="chat.update")
    await room.news(kind="released", episode_id=stay)
    await room.run(seconds=90, step=5)
    assert len(room.posted()) == 2


@pytest.mark.parametrize("has_card", [True, False])
async def test_who_asked_for_the_release_has_their_answer_and_sees_the_card_change_alone(room, has_card):
    await room.give_role("U0ANNA")
    subscription = await room.subscribe(target="U0ANNA")
    mine = {"target": "U0ANNA", "subscription_id": subscription}
    stay = await held(room, **mine) if has_card else await room.episode()
    await room.release(stay)
    await room.news(kind="released", episode_id=stay, by_user="U0PRIYA", asked_by="U0ANNA", **mine)
    await room.run(seconds=5)
    assert [("Released" in each.text, each.thread_ts) for each in room.posted()] == ([(True, "")] if has_card else [])
    # Others who have asked for nothing are told as ever.
    await room.news(kind="released", episode_id=stay, by_user="U0PRIYA", asked_by="U0GEORGE", **mine)
    await room.run(seconds=5)
    assert len(room.posted()) == (2 if has_card else 1)

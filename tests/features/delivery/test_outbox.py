"""Posting through the simulated Slack: order, pace, pauses that Slack asks for, poison, workers that meet, kills."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from sandbox.slack.people import Channel
from storage.tables.alerts import LiveCard
from tests.counting import database_cost
from tests.features.delivery.slack_workspace import C_SALES


async def test_rows_of_a_target_are_posted_in_the_order_they_were_written(room):
    for number in range(5):
        await room.news(reference=f"AB{number}")
    await room.run()
    assert [message.text.split("(")[1][:3] for message in room.posted()] == ["AB0", "AB1", "AB2", "AB3", "AB4"]


async def test_a_row_that_was_put_off_holds_up_those_behind_it_and_no_other_target(room):
    room.slack.refuse_next("some_new_error", method="chat.postMessage")
    await room.news(reference="AB0")
    await room.news(reference="AB1")
    await room.news(reference="AB2", target="C0GENERAL")
    await room.run(seconds=5)
    assert [message.channel for message in room.posted()] == ["C0GENERAL"]
    await room.run(seconds=60)
    assert [message.text.split("(")[1][:3] for message in room.posted()] == ["AB2", "AB0", "AB1"]


async def test_a_channel_gets_about_one_message_a_second_whoever_posts(room):
    room.slack.rate_limits = True
    for number in range(6):
        await room.news(reference=f"AB{number}")
    other = room.another()
    sent = []
    for _ in range(30):
        for worker in (room.outbox, other):
            if await worker.post_target(workspace_id=room.workspace_id, target_id=C_SALES):
                sent.append(room.clock())
        room.clock.forward(seconds=0.25)
    assert len(sent) == 6
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in itertools.pairwise(sent))
    assert not [call for call in room.slack.calls if call.error]


async def test_a_long_queue_is_left_to_the_next_turn_at_once(room):
    subscription = await room.subscribe()
    for number in range(52):
        await room.news(reference=f"A{number:02}", subscription_id=subscription)
    quick = room.another(pace=timedelta(0))
    place = {"workspace_id": room.workspace_id, "target_id": C_SALES}
    assert [await quick.post_target(**place) for _ in range(3)] == [50, 2, 0]


async def test_retry_after_puts_off_the_whole_target(room):
    room.slack.faults.next(429, headers={"Retry-After": "30"}, contains="chat.postMessage")
    await room.news(reference="AB0")
    await room.news(reference="AB1")
    await room.run(seconds=29)
    assert room.calls("chat.postMessage") == 0
    await room.run(seconds=5)
    assert len(room.posted()) == 2


@pytest.mark.parametrize("facts", [{}, {"kind": "nonsense"}, {"kind": "put_on_hold", "before": None}])
async def test_what_nobody_can_read_goes_aside_and_holds_up_nothing(room, facts):
    poison = await room.row("change", facts)
    await room.news()
    await room.run()
    assert len(room.posted()) == 1
    assert (await room.read(poison)).failure.startswith("unreadable")


async def test_what_slack_never_takes_goes_aside_at_once_and_what_it_keeps_refusing_after_some_tries(room):
    room.slack.refuse_next("msg_too_long", method="chat.postMessage")
    first, second = await room.news(reference="AB0"), await room.news(reference="AB1")
    await room.run(seconds=2)
    assert (await room.read(first)).failure == "msg_too_long"
    assert (await room.read(second)).message_ts
    room.slack.refuse_next("some_new_error", method="chat.postMessage", times=5)
    third, fourth = await room.news(reference="AB2"), await room.news(reference="AB3")
    await room.run(seconds=3_600, step=10)
    assert (await room.read(third)).failure == "some_new_error"
    assert (await room.read(fourth)).message_ts


async def test_two_workers_post_each_message_once(room):
    other = room.another()
    for number in range(8):
        await room.news(reference=f"AB{number}")
    for _ in range(8):
        place = {"workspace_id": room.workspace_id, "target_id": C_SALES}
        await asyncio.gather(*(worker.post_target(**place) for worker in (room.outbox, other) * 2))
        room.clock.forward(seconds=1)
    assert [message.text.split("(")[1][:3] for message in room.posted()] == [f"AB{number}" for number in range(8)]


async def test_a_message_to_a_person_whose_answer_was_lost_is_found_and_not_doubled(room):
    await room.give_role("U0GEORGE")
    room.slack.faults.lose_answer(contains="chat.postMessage")
    row = await room.news(target="U0GEORGE")
    await room.run(seconds=90)
    assert len(room.posted("D0GEORGE")) == 1
    assert (await room.read(row)).message_ts == room.posted("D0GEORGE")[0].ts


async def test_a_message_to_a_channel_whose_answer_was_lost_is_doubled_once(room):
    room.slack.faults.lose_answer(contains="chat.postMessage")
    await room.news()
    await room.run(seconds=300)
    assert len(room.posted()) == 2


@pytest.mark.parametrize(("target", "channel", "count"), [("U0GEORGE", "D0GEORGE", 1), (C_SALES, C_SALES, 2)])
async def test_killed_between_slacks_answer_and_our_note_of_it(room, target, channel, count):
    await room.give_role("U0GEORGE")
    row = await room.news(target=target)
    await room.killed_after_posting(target)
    await room.run(seconds=59)
    assert len(room.posted(channel)) == 1
    await room.run(seconds=5)
    assert len(room.posted(channel)) == count
    assert (await room.read(row)).posted_at
    await room.run(seconds=300, step=10)
    assert len(room.posted(channel)) == count


async def test_a_reply_below_a_card_whose_answer_was_lost_is_found_too(room):
    await room.give_role("U0GEORGE")
    stay = await room.episode()
    await room.news(target="U0GEORGE", episode_id=stay)
    await room.run()
    await room.release(stay)
    room.slack.faults.lose_answer(contains="chat.postMessage")
    await room.news(kind="released", target="U0GEORGE", episode_id=stay)
    await room.run(seconds=90)
    assert len(room.posted("D0GEORGE")) == 2


async def test_slack_away_loses_nothing_and_doubles_nothing(room):
    room.slack.faults.offline()
    for number in range(3):
        await room.news(reference=f"AB{number}")
    await room.run(seconds=1_200, step=10)
    room.slack.faults.offline(False)
    await room.run(seconds=1_200, step=10)
    assert [message.text.split("(")[1][:3] for message in room.posted()] == ["AB0", "AB1", "AB2"]


async def test_what_is_not_due_yet_is_neither_posted_nor_in_the_way(room):
    later = await room.news(reference="AB0", due=False)
    await room.news(reference="AB1")
    await room.run(seconds=60, step=10)
    assert len(room.posted()) == 1
    assert (await room.read(later)).posted_at is None


async def test_one_workspace_posts_with_its_own_token_into_its_own_channel(room):
    await room.news(team="T0OTHER")
    await room.run()
    assert {message.team for message in room.slack.messages} == {"T0OTHER"}


async def channels(room, count):
    """So many more channels, each with an alert of one hold."""
    place = room.slack.workspaces["T0ACME"]
    stay = await room.episode()
    for number in range(count):
        channel = f"C{number:04}"
        place.channels[channel] = Channel(channel, f"c{number}", {place.bot_user_id})
        await room.news(target=channel, episode_id=stay)


async def post_all(room):
    """What several jobs do at one time."""
    due = await room.outbox.due(most=50)
    posting = (room.outbox.post_target(workspace_id=each, target_id=target) for each, target in due)
    return await asyncio.gather(*posting, return_exceptions=True)


async def test_what_is_posted_at_one_time_is_claimed_read_and_noted_together(room):
    await channels(room, 16)
    with database_cost(room.services.database) as cost:
        assert await post_all(room) == [1] * 16
    # One by one it would be 14 statements and 8 transactions for each message; together it is about 3 and 2.
    assert cost.statements <= 16 * 5
    assert cost.transactions <= 16 * 3
    async with room.services.database.reading() as tx:
        places = {(card.channel, card.ts) for card in await tx.scalars(select(LiveCard))}
    assert places == {(message.channel, message.ts) for message in room.posted()}
    assert len(places) == 16


@pytest.mark.on("sqlite")  # PostgreSQL stores no JSON that can't be read
async def test_a_row_that_the_database_cannot_give_out_keeps_nobody_elses_from_being_posted(room):
    await channels(room, 3)
    async with room.services.database.transaction() as tx:
        await tx.execute(text("update outbox set facts = 'nonsense' where target_id = 'C0001'"))
    failed = [each for each in await post_all(room) if isinstance(each, Exception)]
    assert len(failed) == 1
    assert sorted(message.channel for message in room.posted()) == ["C0000", "C0002"]

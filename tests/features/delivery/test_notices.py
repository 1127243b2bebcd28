"""Notices in the outbox they share with alerts: in order, past what holds up the alerts, edited where they stand."""

from __future__ import annotations

from datetime import timedelta

from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.delivery.model import HANDED_OVER, RELEASE_HIDDEN, SIGN_IN_BACK, SIGN_IN_ENDED
from storage.queries.alerts import outbox
from storage.queries.connections import workspaces
from storage.tables.alerts import notice_target
from tests.features.delivery.slack_workspace import C_SALES

GEORGE, IN_PRIVATE = "U0GEORGE", "D0GEORGE"


async def notify(room, key="1", *, user=GEORGE, reason="it was revoked", kind=SIGN_IN_ENDED, place=None):
    """Write a notice as whoever makes it true does; its row's number."""
    facts = {"reason": reason, "owner": user, "since": room.clock().isoformat(), "by": "U0PRIYA"}
    whom = {"workspace_id": room.workspace_id, "user_id": user, "company_pk": None}
    async with room.services.database.transaction() as tx:
        added = await outbox.add_notice(
            tx, **whom, kind=kind, facts=facts, dedupe_key=f"test:notice:{key}", now=room.clock(), place=place
        )
    return (await room.notices())[-1].id if added else None


def said(room, channel=IN_PRIVATE):
    """All that stands in a conversation, alerts and notices."""
    messages = [each for each in room.slack.messages if each.channel == channel and not each.is_gone]
    return [each.text for each in messages if each.via.startswith("chat.")]


async def test_alerts_that_are_paused_hold_up_no_notice(room):
    await room.news(target=GEORGE)
    await room.run(seconds=5)
    assert await room.paused() == [ChannelTrouble.NO_ROLE.value]
    await notify(room)
    await room.run(seconds=3)
    assert ["has ended" in text for text in said(room)] == [True]


async def test_an_alert_that_was_put_off_holds_up_no_notice(room):
    await room.give_role(GEORGE)
    room.slack.refuse_next("some_new_error", method="chat.postMessage")
    await room.news(target=GEORGE)
    await room.outbox.post_target(workspace_id=room.workspace_id, target_id=GEORGE)
    await notify(room)
    await room.run(seconds=3)
    assert ["has ended" in text for text in said(room)] == [True]
    await room.run(seconds=60)
    assert ["is on hold" in text for text in said(room)] == [False, True]


async def test_a_persons_notices_are_told_in_order_and_hold_up_nobody_elses(room):
    room.slack.refuse_next("some_new_error", method="chat.postMessage")
    await notify(room, "1", kind=SIGN_IN_ENDED)
    await notify(room, "2", kind=SIGN_IN_BACK)
    await notify(room, "3", user="U0ANNA")
    await room.run(seconds=5)
    assert (len(said(room)), len(said(room, "D0ANNA"))) == (0, 1)
    await room.run(seconds=60)
    assert ["is working again" in text for text in said(room)] == [False, True]


async def test_a_notice_that_slack_refuses_five_times_is_given_up_and_the_next_goes_on(room):
    room.slack.refuse_next("some_new_error", method="chat.postMessage", times=5)
    first = await notify(room, "1", kind=SIGN_IN_ENDED)
    await notify(room, "2", kind=SIGN_IN_BACK)
    await room.run(seconds=1_200, step=10)
    row = await room.read(first)
    assert (row.failure, row.posted_at, row.attempts) == ("some_new_error", None, 5)
    assert ["is working again" in text for text in said(room)] == [True]


async def test_slack_away_for_hours_is_not_held_against_a_notice(room):
    row = await notify(room)
    room.slack.faults.offline()
    await room.run(seconds=8 * 3_600, step=60)
    assert (await room.read(row)).attempts > 20
    room.slack.faults.offline(False)
    await room.run(seconds=1_200, step=10)
    assert len(said(room)) == 1


async def test_killed_between_slacks_answer_and_our_note_of_it_it_is_told_once(room):
    row = await notify(room)
    await room.killed_after_posting(notice_target(GEORGE))
    await room.run(seconds=59)
    assert (await room.read(row)).posted_at is None
    await room.run(seconds=5)
    assert (await room.read(row)).posted_at
    assert len(said(room)) == 1


async def test_what_stands_after_a_lost_answer_says_what_was_written_since(room):
    row = await notify(room, reason="it was revoked")
    room.slack.faults.lose_answer(contains="chat.postMessage")
    await room.run(seconds=2)
    facts = {"reason": "it has run out", "owner": GEORGE}
    async with room.services.database.transaction() as tx:
        assert await outbox.retell(tx, workspace_id=room.workspace_id, prefix="test:notice:", facts=facts) == 1
    await room.run(seconds=90)
    [text] = said(room)
    assert "it has run out" in text
    assert (await room.read(row)).posted_at


async def test_a_notice_takes_the_place_of_an_earlier_message(room):
    await notify(room, "1")
    await room.run(seconds=3)
    [before] = await room.notices()
    await notify(room, "2", kind=RELEASE_HIDDEN, place=(before.channel, before.message_ts))
    await room.run(seconds=3)
    assert said(room) == ["This request is no longer yours to decide."]
    assert len({(row.channel, row.message_ts) for row in await room.notices()}) == 1


async def test_what_can_not_be_rendered_is_set_aside_and_the_next_goes_on(room):
    poisoned = await notify(room, "1", kind="of_a_later_version")
    await notify(room, "2", kind=HANDED_OVER)
    await room.run(seconds=5)
    assert (await room.read(poisoned)).failure == "unreadable: KeyError"
    assert ["now the one this workspace uses" in text for text in said(room)] == [True]


async def test_a_workspace_that_uninstalled_is_told_nothing(room):
    row = await notify(room)
    async with room.services.database.transaction() as tx:
        await workspaces.mark_uninstalled(tx, "T0ACME", now=room.clock())
    await room.run(seconds=5)
    assert ((await room.read(row)).failure, said(room)) == ("not installed", [])


async def test_one_key_is_told_once_in_each_workspace(room):
    assert await notify(room, "1")
    assert await notify(room, "1") is None
    elsewhere = {"workspace_id": room.workspaces["T0OTHER"], "user_id": "U0OSCAR", "company_pk": None}
    said_there = {"kind": SIGN_IN_ENDED, "facts": {"reason": "x", "owner": "U0OSCAR"}}
    async with room.services.database.transaction() as tx:
        assert await outbox.add_notice(tx, **elsewhere, **said_there, dedupe_key="test:notice:1", now=room.clock())
        assert await outbox.call_off(tx, workspace_id=room.workspace_id, prefix="test:notice:", failure="x") == 1
    await room.run(seconds=5)
    assert [len(said(room, channel)) for channel in (IN_PRIVATE, "D0OSCAR")] == [0, 1]


async def test_alerts_and_notices_that_are_over_are_purged_alike(room):
    await notify(room)
    await room.news()
    await room.run(seconds=5)
    await notify(room, "2")
    room.clock.forward(days=1)
    async with room.services.database.transaction() as tx:
        assert await outbox.purge(tx, before=room.clock() - timedelta(days=2)) == 0
        assert await outbox.purge(tx, before=room.clock()) == 2
    assert [row.posted_at for row in await room.notices()] == [None]


async def test_a_channels_alerts_are_not_called_off_with_notices(room):
    alert = await room.news(target=C_SALES)
    async with room.services.database.transaction() as tx:
        assert await outbox.call_off(tx, workspace_id=room.workspace_id, prefix="test:", failure="x") == 0
    assert (await room.read(alert)).due_at

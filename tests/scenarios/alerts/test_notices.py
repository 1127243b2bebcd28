"""People are told in their own conversation with the app: once, later when Slack is away, never twice."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.jobs.tasks import Finders
from sandbox.slack import Changes
from tests.notices import notices_in


@pytest.fixture
def tell(office):
    """Look for what is due and do it, as the worker would."""

    class Now:
        async def defer(self, *jobs):
            for job in jobs:
                await office.product.tasks.run(job)

    finders = Finders(office.product.services, Now())

    async def look():
        await finders.refreshes()
        await finders.outbox()

    return look


def direct(office, words):
    return [m for m in office.slack.messages if m.via == "chat.postMessage" and words in m.text]


async def end_sign_in(office):
    await office.connect()
    await office.settle()  # or the Home of that sign-in asks for a token hours later, beside the worker
    office.sage_id.revoke("george@example.test")
    office.clock.forward(hours=9)


async def test_the_end_of_a_sign_in_is_one_message_with_a_button(office, tell):
    await end_sign_in(office)
    for _ in range(3):
        await tell()
    (message,) = direct(office, "Your Sage sign-in has ended")
    assert "connect.start" in str(message.blocks)
    await office.sender.click(message, "connect.start", user="priya")
    await office.settle()
    assert any("/sage/connect/" in m.text for m in office.slack.messages)


async def test_while_slack_is_away_it_waits_and_is_said_once(office, tell):
    await end_sign_in(office)
    office.slack.refuse_next("internal_error", method="chat.postMessage", times=1)
    await tell()
    assert direct(office, "has ended") == []
    await tell()
    assert direct(office, "has ended") == []
    office.clock.forward(minutes=5)
    await tell()
    await tell()
    assert len(direct(office, "has ended")) == 1


async def test_what_can_never_be_delivered_is_put_aside_with_its_reason(office, tell):
    await end_sign_in(office)
    office.slack.refuse_next("account_inactive", method="chat.postMessage", times=1)
    await tell()
    office.clock.forward(days=1)
    await tell()
    assert direct(office, "has ended") == []
    (row,) = await notices_in(office.product.services.database)
    assert (row.failure, row.posted_at, row.due_at) == ("account_inactive", None, None)


async def test_slack_says_that_the_owner_left_and_their_sign_in_rests(office, connected):
    changes = Changes(office.slack, office.sender, events=("user_change",))
    await changes.deactivate("priya")
    await office.settle()
    row = await status_row(office)
    assert row.state == "paused"
    assert row.refresh_token_sealed is not None


async def status_row(office):
    from storage.tables.core import Connection

    async with office.product.services.database.reading() as tx:
        return (await tx.scalars(select(Connection))).one()


async def test_the_worker_finds_an_owner_who_left_while_nobody_listened(office, connected):
    await Changes(office.slack, office.sender).deactivate("priya")
    await office.product.tasks.check_owners()
    assert (await status_row(office)).state == "paused"


async def test_handover_is_typed_with_a_mention_or_me(office, connected):
    assert "haven't connected" in (await office.command("/sage", "handover <@U0GEORGE|george>")).text
    assert "now uses your Sage sign-in" in (await office.command("/sage", "handover me")).text
    assert "Name a person" in (await office.command("/sage", "handover")).text

"""A channel is told what somebody may have it told: paused once that is over, and it resumes by itself."""

from __future__ import annotations

import pytest

from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.delivery.model import SUBSCRIPTIONS_ORPHANED
from storage.queries.access import roles
from storage.queries.alerts import subscriptions
from tests.features.delivery.slack_workspace import C_SALES


@pytest.fixture
async def room(room):
    await room.give_role("U0ANNA", "admin")
    await room.give_role("U0GEORGE")
    return room


async def withdraw(room, user="U0GEORGE"):
    async with room.services.database.transaction() as tx:
        await roles.withdraw(tx, workspace_id=room.workspace_id, user_id=user)


async def no_role(room):
    await withdraw(room)


async def only_sales(room):
    await room.give_role("U0GEORGE", "sales")


async def left(room):
    room.slack.workspaces["T0ACME"].person("george").deleted = True


async def guest(room):
    room.slack.workspaces["T0ACME"].person("george").is_restricted = True


async def back(room):
    await room.give_role("U0GEORGE")
    george = room.slack.workspaces["T0ACME"].person("george")
    george.deleted = george.is_restricted = False


@pytest.mark.parametrize("happens", [no_role, only_sales, left, guest])
async def test_it_is_paused_the_admins_are_told_once_and_it_goes_on_by_itself(room, happens):
    theirs = await room.subscribe(owner="U0GEORGE")
    general = await room.subscribe("C0GENERAL", owner="U0GEORGE")
    others = await room.subscribe()
    await room.news(reference="AB0", subscription_id=theirs)
    await room.run(seconds=10)
    await happens(room)
    await room.news(reference="AB1", subscription_id=theirs)
    await room.news(reference="AB2", subscription_id=general, target="C0GENERAL")
    await room.news(reference="AB3", subscription_id=others)
    await room.run(seconds=1_200, step=20)
    assert [message.text.split("(")[1][:3] for message in room.posted()] == ["AB0", "AB3"]
    assert await room.paused() == [ChannelTrouble.OWNER.value, ChannelTrouble.OWNER.value, ""]
    [notice] = await room.notices()
    assert (notice.recipient, notice.kind, notice.facts["numbers"]) == ("U0ANNA", SUBSCRIPTIONS_ORPHANED, "1, 2")
    await back(room)
    await room.run(seconds=600, step=20)
    assert {message.text.split("(")[1][:3] for message in room.posted()} == {"AB0", "AB1", "AB2", "AB3"}
    assert await room.paused() == ["", "", ""]


async def test_another_owner_is_enough(room):
    theirs = await room.subscribe(owner="U0GEORGE")
    await withdraw(room)
    await room.news(subscription_id=theirs)
    await room.run(seconds=30, step=5)
    assert room.posted() == []
    async with room.services.database.transaction() as tx:
        await subscriptions.change(tx, workspace_id=room.workspace_id, number=1, owner="U0ANNA")
    await room.run(seconds=400, step=20)
    assert len(room.posted()) == 1


async def test_a_place_that_opens_again_stays_shut_to_whoever_may_not_own_it(room):
    theirs, others = await room.subscribe(owner="U0GEORGE"), await room.subscribe()
    await room.changes.archive(C_SALES)
    await room.news(reference="AB1", subscription_id=theirs)
    await room.news(reference="AB2", subscription_id=others)
    await room.run(seconds=30, step=5)
    await withdraw(room)
    await room.changes.unarchive(C_SALES)
    await room.run(seconds=600, step=20)
    assert [message.text.split("(")[1][:3] for message in room.posted()] == ["AB2"]
    assert await room.paused() == [ChannelTrouble.OWNER.value, ""]
    assert [each.recipient for each in await room.notices() if each.kind == SUBSCRIPTIONS_ORPHANED] == ["U0ANNA"]


@pytest.mark.parametrize("method", ["users.info", "usergroups.users.list"])
async def test_what_slack_cant_say_is_asked_again_and_not_held_against_them(room, method):
    theirs = await room.subscribe(owner="U0GEORGE")
    await withdraw(room)
    async with room.services.database.transaction() as tx:
        given = {"workspace_id": room.workspace_id, "group_id": "S0REPS", "team_id": "T0ACME"}
        await roles.grant_group(tx, **given, role="controller", granted_by="U0ANNA", now=room.clock())
    room.slack.refuse_next("internal_error", method=method, times=3)
    await room.news(subscription_id=theirs)
    await room.run(seconds=2)
    assert room.posted() == []
    await room.run(seconds=300, step=5)
    assert len(room.posted()) == 1
    assert await room.paused() == [""]
    assert await room.notices() == []

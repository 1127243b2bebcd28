"""Whoever stops being an admin between being asked for and taking the lock changes nothing any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.channel import Channel
from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.authorization import Role, Shown
from storage.queries import settings as kept
from storage.queries.access import roles
from storage.tables.access import HANDOVER_ASKED


async def look(channel_id):
    return Channel(channel_id, is_member=True)


def setting(services, session):
    return services.settings.change(session, "status-for-everyone on")


def several(services, session):
    return services.settings.change_several(session, {"status-for-everyone": "on"})


def channel(services, session):
    return services.settings.set_channel(session, "C1", Shown.FIGURES, look=look)


def hand_over(services, session):
    return services.succession.offer(session, replace(session.asker, user_id="U0GEORGE"), HANDOVER_ASKED)


@pytest.mark.parametrize("change", [setting, several, channel, hand_over])
async def test_an_admin_no_more_changes_nothing(desk, connected, change):
    await desk.connect(desk.asker("U0GEORGE"), "priya@example.test")
    session, where = await desk.session(), {"workspace_id": desk.workspaces["T0ACME"]}
    async with desk.services.database.transaction() as tx:  # another admin, as soon as the session has been read
        await roles.withdraw(tx, **where, user_id=session.user_id)
    with pytest.raises(NotAllowed, match="any more"):
        await change(desk.services, session)
    async with desk.services.database.reading() as tx:
        assert await kept.of_workspace(tx, **where) is None
        assert await kept.channels(tx, **where) == []


async def test_a_user_group_is_never_an_admin(desk, connected):
    with pytest.raises(BadQuestion, match="can't be an admin"):
        await desk.services.roles.give_group(await desk.session(), "S0CREDIT", Role.ADMIN)

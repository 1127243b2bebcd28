"""Whoever stops being an admin between being asked for and taking the lock changes nothing any more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.channel import Channel
from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.authorization import Role, Shown
from bot.features.access.service.authorizer import Authorizer
from bot.features.admin.service.settings import WorkspaceSettings
from bot.features.connections.service.workspace_connection import SignInLifetime, WorkspaceConnections
from storage import roles
from storage import settings as kept


class Overtaken(Authorizer):
    """Another admin takes the asker's role away as soon as it was looked at."""

    async def require(self, asker, action, **more):
        decision = await super().require(asker, action, **more)
        async with self._database.transaction() as tx:
            await roles.withdraw(tx, workspace_id=asker.workspace_id, user_id=asker.user_id)
        return decision


async def look(channel_id):
    return Channel(channel_id, is_member=True)


def setting(desk, settings, _):
    return settings.change(desk.asker(), "status-for-everyone on", now=desk.clock())


def several(desk, settings, _):
    return settings.change_several(desk.asker(), {"status-for-everyone": "on"}, now=desk.clock())


def channel(desk, settings, _):
    return settings.set_channel(desk.asker(), "C1", Shown.FIGURES, look=look, now=desk.clock())


def hand_over(desk, _, workspace_connections):
    return workspace_connections.hand_over(desk.asker(), to="U0GEORGE", now=desk.clock())


@pytest.mark.parametrize("change", [setting, several, channel, hand_over])
async def test_an_admin_no_more_changes_nothing(desk, change):
    await desk.connect(desk.asker(), "priya@example.test")
    await desk.connect(desk.asker("U0GEORGE"), "george@example.test")
    given = {"database": desk.services.database, "installations": desk.services.installations}
    access = Overtaken(**given, slack_directory=desk.services.access._onlookers, clock=desk.clock)
    own = {"database": desk.services.database, "access": access, "audit": desk.services.audit}
    settings, life = WorkspaceSettings(**own), SignInLifetime(timedelta(days=90))
    with pytest.raises(NotAllowed, match="any more"):
        await change(desk, settings, WorkspaceConnections(**own, life=life))
    async with desk.services.database.reading() as tx:
        where = {"workspace_id": desk.workspaces["T0ACME"]}
        assert await kept.of_workspace(tx, **where) is None
        assert await kept.channels(tx, **where) == {}


async def test_a_user_group_is_never_an_admin(desk):
    await desk.connect(desk.asker())
    with pytest.raises(BadQuestion, match="can't be an admin"):
        await desk.services.roles.give_group(desk.asker(), "S0CREDIT", Role.ADMIN, now=desk.clock())

"""Whose sign-in answers for a workspace: ends, warnings, hand-over, and owners who leave."""

from __future__ import annotations

import pytest

from bot.errors import BadQuestion, NotAllowed, ReconnectNeeded, WorkspaceSignInEnded
from bot.features.access.model.authorization import Role
from storage.queries.connections import workspaces
from storage.tables.access import HANDOVER_ASKED
from tests.notices import notices_in

GEORGE, PRIYA_ID, GEORGE_ID, ANNA_ID = "george@example.test", "U0PRIYA", "U0GEORGE", "U0ANNA"


async def told(desk):
    """(to whom, what) in the order it was written."""
    return [(row.recipient, row.kind) for row in await notices_in(desk.services.database)]


async def grant(desk, user_id, role):
    async with desk.services.database.transaction() as tx:
        await workspaces.grant(
            tx,
            workspace_id=desk.workspaces["T0ACME"],
            user_id=user_id,
            role=role,
            granted_by=PRIYA_ID,
            now=desk.clock(),
        )


async def end_of(desk, email=GEORGE):
    """Sage ID ends this person's sign-in, and the worker notices."""
    desk.sage_id.revoke(email)
    desk.clock.forward(hours=9)
    for workspace_id, connection_id, version in await desk.services.sage_tokens.due(most=9):
        await desk.services.sage_tokens.refresh(workspace_id=workspace_id, connection_id=connection_id, version=version)


async def test_the_end_is_told_to_the_owner_and_the_other_admins_once(desk, connected):
    await grant(desk, ANNA_ID, Role.ADMIN)
    await grant(desk, GEORGE_ID, Role.SALES)
    for _ in range(2):
        await end_of(desk)
        with pytest.raises(ReconnectNeeded):
            desk.services.connections.company_for(await desk.session())
    assert await told(desk) == [(PRIYA_ID, "sign_in_ended"), (ANNA_ID, "sign_in_ended")]


async def test_a_personal_sign_ins_end_is_its_owners_business_alone(desk):
    await desk.connect(desk.asker(), "priya@example.test")
    await desk.connect(desk.asker(GEORGE_ID), GEORGE)
    await end_of(desk)
    assert await told(desk) == [(GEORGE_ID, "sign_in_ended")]


async def test_recovery_is_told_once_and_only_after_an_end(desk, connected):
    await desk.connect(desk.asker())
    assert await told(desk) == []
    await end_of(desk)
    await desk.connect(desk.asker())
    await desk.connect(desk.asker())
    assert await told(desk) == [(PRIYA_ID, "sign_in_ended"), (PRIYA_ID, "sign_in_back")]


async def test_a_second_end_is_news_again(desk, connected):
    await end_of(desk)
    await desk.connect(desk.asker())
    await end_of(desk)
    assert [kind for _, kind in await told(desk)] == ["sign_in_ended", "sign_in_back", "sign_in_ended"]


async def test_colleagues_are_told_that_it_is_not_their_own_sign_in(desk, connected):
    await grant(desk, ANNA_ID, Role.CONTROLLER)
    await end_of(desk)
    with pytest.raises(WorkspaceSignInEnded, match="sign-in has ended"):
        desk.services.connections.company_for(await desk.session(ANNA_ID))


async def test_owners_are_warned_fourteen_seven_and_one_days_before(desk, connected):
    days = []
    for day in range(1, 92):
        desk.clock.forward(days=1)
        for _ in range(2):
            if await desk.services.workspace_connections.warn_ending(now=desk.clock()):
                days.append(90 - day)
    assert days == [14, 7, 1]
    assert await told(desk) == [(PRIYA_ID, "sign_in_ending")] * 3


async def test_a_sign_in_that_outlived_its_days_is_warned_of_no_more(desk):
    """Sage counts from the last renewal after all: a renewal beyond the end has shown it."""
    desk.sage_id.grants.refresh_is_sliding = True
    await desk.connect(desk.asker())
    for _ in range(100):
        desk.clock.forward(days=1)
        for workspace_id, connection_id, version in await desk.services.sage_tokens.due(most=9):
            await desk.services.sage_tokens.refresh(
                workspace_id=workspace_id, connection_id=connection_id, version=version
            )
    assert (await desk.services.connections.status(await desk.session())).state == "connected"
    assert await desk.services.workspace_connections.warn_ending(now=desk.clock()) == 0


async def test_the_status_says_when_it_ends(desk, connected):
    desk.clock.forward(days=80)
    status = await desk.services.connections.status(await desk.session())
    assert status.state == "expiring"
    assert (status.ends_at - desk.clock()).days == 10


async def test_an_outage_of_sage_id_stays_connected_and_says_since_when(desk, connected):
    desk.sage_id.faults.offline(True)
    desk.clock.forward(hours=8, minutes=1)
    began = desk.clock()
    for _ in range(5):
        for workspace_id, connection_id, version in await desk.services.sage_tokens.due(most=9):
            named = {"workspace_id": workspace_id, "connection_id": connection_id}
            assert not await desk.services.sage_tokens.refresh(**named, version=version)
        desk.clock.forward(minutes=20)
    status = await desk.services.connections.status(await desk.session())
    assert (status.state, status.trouble_since) == ("connected", began)
    assert await told(desk) == []
    desk.sage_id.faults.clear()
    ((workspace_id, connection_id, version),) = await desk.services.sage_tokens.due(most=9)
    await desk.services.sage_tokens.refresh(workspace_id=workspace_id, connection_id=connection_id, version=version)
    assert (await desk.services.connections.status(await desk.session())).trouble == ""


async def test_retries_back_off_and_honour_what_sage_id_asks(desk, connected):
    desk.clock.forward(hours=8, minutes=1)
    desk.sage_id.faults.next(status=429, headers={"Retry-After": "1800"}, contains="oauth/token")
    ((workspace_id, connection_id, version),) = await desk.services.sage_tokens.due(most=9)
    await desk.services.sage_tokens.refresh(workspace_id=workspace_id, connection_id=connection_id, version=version)
    desk.clock.forward(minutes=29)
    assert await desk.services.sage_tokens.due(most=9) == []
    desk.clock.forward(minutes=1)
    assert len(await desk.services.sage_tokens.due(most=9)) == 1


async def test_handing_over_needs_an_admin_and_a_connected_successor(desk):
    await desk.connect(desk.asker(), "priya@example.test")
    service, george = desk.services.succession, desk.asker(GEORGE_ID)
    with pytest.raises(BadQuestion, match="haven't connected"):
        await service.offer(await desk.session(), george, HANDOVER_ASKED)
    await desk.connect(george, GEORGE)
    with pytest.raises(NotAllowed):
        await service.offer(await desk.session(GEORGE_ID), george, HANDOVER_ASKED)
    with pytest.raises(NotAllowed):
        await service.hand_over_to_self(await desk.session(GEORGE_ID))
    await service.offer(await desk.session(), george, HANDOVER_ASKED)
    status = await desk.services.connections.status(await desk.session())
    assert status.workspace.owner == PRIYA_ID
    await service.accept(await desk.session(GEORGE_ID), HANDOVER_ASKED)
    status = await desk.services.connections.status(await desk.session())
    assert status.workspace.owner == GEORGE_ID
    assert await told(desk) == [(GEORGE_ID, "handover_asked"), (PRIYA_ID, "handed_over")]


async def test_a_handover_leaves_no_admin_and_no_former_owner_untold(desk):
    await desk.connect(desk.asker(), "priya@example.test")
    await desk.connect(desk.asker(GEORGE_ID), GEORGE)
    await grant(desk, ANNA_ID, Role.ADMIN)
    await desk.services.succession.offer(await desk.session(ANNA_ID), desk.asker(GEORGE_ID), HANDOVER_ASKED)
    await desk.services.succession.accept(await desk.session(GEORGE_ID), HANDOVER_ASKED)
    assert (await told(desk))[1:] == [(PRIYA_ID, "handed_over"), (ANNA_ID, "handed_over")]


async def test_a_deactivated_owners_sign_in_is_kept_and_used_no_more(desk):
    verified = await desk.connect(desk.asker())
    await grant(desk, ANNA_ID, Role.ADMIN)
    left = {"workspace_id": desk.workspaces["T0ACME"], "user_id": PRIYA_ID}
    assert await desk.services.workspace_connections.owner_left(**left, now=desk.clock())
    assert not await desk.services.workspace_connections.owner_left(**left, now=desk.clock())
    assert await told(desk) == [(ANNA_ID, "owner_left")]
    desk.clock.forward(hours=9)
    assert await desk.services.sage_tokens.due(most=9) == []
    with pytest.raises(WorkspaceSignInEnded):
        desk.services.connections.company_for(await desk.session(ANNA_ID))
    assert desk.sage_id.is_signed_in(GEORGE)
    assert await desk.services.workspace_connections.owner_back(**left, now=desk.clock())
    assert await desk.services.sage_tokens.access_token(
        workspace_id=desk.workspaces["T0ACME"], connection_id=verified.connection_id
    )


async def test_one_sage_id_in_two_workspaces_is_not_ended_by_leaving_one(desk):
    """Sage ID ends all of a person's sign-ins when it is told to forget one."""
    assert desk.sage_id.grants.revocation_deletes_grant
    await desk.connect(desk.asker())
    await desk.connect(desk.asker(team_id="T0OTHER"))
    await desk.services.connections.disconnect(await desk.session())
    desk.clock.forward(hours=9)
    assert (desk.services.connections.company_for(await desk.session(team_id="T0OTHER"))).company
    assert await desk.services.customers.look_up(await desk.session(team_id="T0OTHER"), "ABS001")
    await desk.services.connections.disconnect(await desk.session(team_id="T0OTHER"))
    assert not desk.sage_id.is_signed_in(GEORGE)


async def test_an_unfinished_second_sign_in_does_not_end_the_first(desk, connected):
    await desk.sign_in(desk.asker(), GEORGE)
    desk.clock.forward(minutes=11)
    await desk.services.verification.clear_away(now=desk.clock())
    desk.clock.forward(hours=9)
    assert await desk.services.customers.look_up(await desk.session(), "ABS001")


async def test_what_left_is_purged_after_its_time(desk, connected):
    await desk.services.installations.uninstall("T0ACME", now=desk.clock())
    desk.clock.forward(days=6)
    await desk.services.installations.clear_away(now=desk.clock())
    assert await desk.services.installations.knows("T0ACME")
    desk.clock.forward(days=2)
    await desk.services.installations.clear_away(now=desk.clock())
    assert not await desk.services.installations.knows("T0ACME")
    assert await desk.services.installations.knows("T0OTHER")

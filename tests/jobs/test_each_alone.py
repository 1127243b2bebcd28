"""One workspace's trouble costs the others nothing."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, update

from storage.queries.alerts import outbox
from storage.tables.core import CONNECTED, PAUSED, Connection, ConnectLink, Workspace

PEOPLE = {"T0ACME": "U0PRIYA", "T0OTHER": "U0GEORGE"}


async def _broken_and_sound(desk):
    """Both workspaces have a sign-in that answers for them. The ids of both, the one to break looked at first."""
    for team_id, user_id in PEOPLE.items():
        await desk.connect(desk.asker(user_id, team_id=team_id, is_installer=True))
    return sorted(desk.workspaces.values())


async def _write(desk, statement):
    async with desk.services.database.transaction() as tx:
        await tx.execute(statement)


async def _own(desk, workspace_id):
    async with desk.services.database.reading() as tx:
        return await tx.scalar(select(Connection).where(Connection.workspace_id == workspace_id))


async def test_a_bot_token_that_cant_be_opened_keeps_nobody_elses_owner_from_being_looked_at(desk):
    broken, sound = await _broken_and_sound(desk)
    await _write(desk, update(Workspace).where(Workspace.id == broken).values(bot_token_sealed="spoilt"))

    async def has_left(workspace_id, user_id):
        return await desk.services.installations.bot_of(workspace_id) is not None

    await replace(desk.product.tasks, has_left=has_left).check_owners()
    assert (await _own(desk, broken)).state == CONNECTED
    assert (await _own(desk, sound)).state == PAUSED


async def test_what_waits_for_a_bot_token_that_cant_be_opened_is_kept_and_others_are_not_held_up(desk):
    broken, _ = await _broken_and_sound(desk)
    await _write(desk, update(Workspace).where(Workspace.id == broken).values(bot_token_sealed="spoilt"))
    async with desk.services.database.transaction() as tx:
        for workspace_id in desk.workspaces.values():
            named = {"workspace_id": workspace_id, "user_id": "U0BEN", "kind": "role-given", "dedupe_key": "k"}
            await outbox.add_notice(tx, **named, facts={}, now=desk.clock(), company_pk=None)
    for target in await desk.services.outbox.due(most=10):
        await desk.services.outbox.post_target(workspace_id=target[0], target_id=target[1])
    async with desk.services.database.reading() as tx:
        kept = await outbox.notices_posted(tx, workspace_id=broken, prefix="k")
    assert kept == []
    desk.clock.forward(hours=1)
    assert broken in {workspace_id for workspace_id, _ in await desk.services.outbox.due(most=10)}


async def test_a_sign_in_that_cant_be_opened_is_put_off_and_the_others_are_renewed(desk):
    broken, sound = await _broken_and_sound(desk)
    await _write(
        desk, update(Connection).where(Connection.workspace_id == broken).values(refresh_token_sealed="spoilt")
    )
    desk.clock.forward(hours=7, minutes=50)
    due = await desk.services.sage_tokens.due(most=10)
    assert {workspace_id for workspace_id, _, _ in due} == {broken, sound}
    for workspace_id, connection_id, version in due:
        await desk.services.sage_tokens.refresh(workspace_id=workspace_id, connection_id=connection_id, version=version)
    assert await desk.services.sage_tokens.due(most=10) == []
    assert (await _own(desk, broken)).trouble
    assert (await _own(desk, sound)).token_version == 2


async def test_a_dead_sage_id_holds_up_no_purge_and_is_asked_only_so_often_a_job(desk):
    for number in range(21):
        await desk.sign_in(desk.asker(f"U0MANY{number}"), "george@example.test")
    await desk.services.installations.uninstall("T0OTHER", now=desk.clock())
    desk.clock.forward(days=30)
    desk.sage_id.faults.offline()
    before = len(desk.sage_id.token_log)
    await desk.product.tasks.clear_away()
    async with desk.services.database.reading() as tx:
        assert await tx.scalar(select(Workspace.id).where(Workspace.id == desk.workspaces["T0OTHER"])) is None
    assert len(desk.sage_id.token_log) == before
    await desk.product.tasks.revoke_unfinished()
    async with desk.services.database.reading() as tx:
        held = await tx.scalars(select(ConnectLink.id).where(ConnectLink.refresh_token_sealed.is_not(None)))
        assert len(held.all()) == 1


async def test_one_workspaces_many_rows_leave_room_for_the_others_at_every_look(desk):
    async with desk.services.database.transaction() as tx:
        for number in range(5):
            of = {"workspace_id": desk.workspaces["T0ACME"], "user_id": f"U0MANY{number}", "dedupe_key": f"k{number}"}
            await outbox.add_notice(tx, **of, kind="role-given", facts={}, now=desk.clock(), company_pk=None)
        of = {"workspace_id": desk.workspaces["T0OTHER"], "user_id": "U0BEN", "dedupe_key": "k"}
        await outbox.add_notice(tx, **of, kind="role-given", facts={}, now=desk.clock(), company_pk=None)
    looked = await desk.services.outbox.due(most=2)
    assert {workspace_id for workspace_id, _ in looked} == set(desk.workspaces.values())

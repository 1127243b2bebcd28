from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from storage.cipher import SealedText
from storage.queries.connections import connect_links, connections, workspaces
from storage.tables.core import Connection, ConnectLink, Workspace
from tests.storage.builders import SEALED, connect, found, install, pending, race

SOON = timedelta(minutes=10)


async def test_a_workspace_is_found_by_either_id(database, two_workspaces):
    async with database.reading() as tx:
        assert found(await workspaces.by_slack_id(tx, "T1")).id == "id-of-T1"
        assert found(await workspaces.by_id(tx, "id-of-T2")).slack_id == "T2"
        assert await workspaces.by_slack_id(tx, "T3") is None
        assert await workspaces.by_id(tx, "T1") is None


async def test_installing_again_keeps_the_id_and_takes_the_new_details(database, two_workspaces, now):
    later = now + timedelta(days=1)
    async with database.transaction() as tx:
        await workspaces.mark_uninstalled(tx, "T1", now=now)
        again = await install(tx, "T1", now=later, workspace_id="another")
        assert (again.id, again.uninstalled_at, again.bot_token_sealed) == ("id-of-T1", None, SEALED)
        assert again.installed_at == later
        assert await tx.scalar(select(func.count()).select_from(Workspace)) == 2


async def test_eight_installations_at_once_make_one_workspace(rivals, now):
    rows = await race(rivals, lambda tx, n: install(tx, "T9", now=now, workspace_id=f"id{n}"))
    assert len({row.id for row in rows}) == 1


async def test_uninstalling_erases_every_token_of_that_workspace_alone(database, two_workspaces, now):
    async with database.transaction() as tx:
        for workspace in two_workspaces:
            await _live_in(tx, workspace.id, now)
        assert await workspaces.mark_uninstalled(tx, "T1", now=now)
    async with database.reading() as tx:
        assert await _tokens(tx, "id-of-T1") == (
            None,
            None,
            "c-id-of-T1",
            [(None,) * 4],
            [(None, None)],
        )
        assert await _tokens(tx, "id-of-T2") == (
            SEALED,
            SEALED,
            "c-id-of-T2",
            [(SEALED, SEALED, None, SEALED)],
            [(SEALED, SEALED)],
        )


async def test_an_uninstalled_workspace_keeps_its_row_and_when(database, two_workspaces, now):
    async with database.transaction() as tx:
        await workspaces.mark_uninstalled(tx, "T1", now=now)
        row = found(await workspaces.by_slack_id(tx, "T1"))
    assert (row.uninstalled_at, row.bot_token_expires_at) == (now, None)


async def test_uninstalling_twice_or_the_unknown_says_no(database, two_workspaces, now):
    async with database.transaction() as tx:
        assert await workspaces.mark_uninstalled(tx, "T1", now=now)
        assert not await workspaces.mark_uninstalled(tx, "T1", now=now)
        assert not await workspaces.mark_uninstalled(tx, "T3", now=now)


async def test_of_eight_uninstallations_one_is_the_first(rivals, now):
    won = await race(rivals, lambda tx, _: workspaces.mark_uninstalled(tx, "T1", now=now))
    assert won.count(True) == 1


async def test_a_workspace_is_not_answered_for_by_the_connection_of_another(database, two_workspaces, now):
    async with database.transaction() as tx:
        await connect(tx, "theirs", workspace_id="id-of-T2", now=now)
        assert not await _name(tx, "id-of-T1", "theirs")
        assert found(await workspaces.by_id(tx, "id-of-T1")).workspace_connection_id is None


@pytest.mark.parametrize(
    ("workspace_id", "user_id", "role"),
    [("id-of-T1", "U1", "sales"), ("id-of-T2", "U1", None), ("id-of-T1", "U2", None)],
)
async def test_a_role_is_held_in_one_workspace_by_one_person(
    database, two_workspaces, now, workspace_id, user_id, role
):
    async with database.transaction() as tx:
        for given in ("admin", "sales"):
            await workspaces.grant(tx, workspace_id="id-of-T1", user_id="U1", role=given, granted_by="U9", now=now)
        assert await workspaces.role_of(tx, workspace_id=workspace_id, user_id=user_id) == role


async def test_a_long_sealed_text_fits(database, two_workspaces, now):
    long = SealedText("v1.0123456789ab." + "A" * 20_000)
    async with database.transaction() as tx:
        await connect(tx, "c1", token=long, now=now)
        row = found(await connections.by_id(tx, workspace_id="id-of-T1", connection_id="c1"))
    assert (row.access_token_sealed, row.refresh_token_sealed) == (long, long)


async def test_a_return_from_sage_id_after_uninstalling_keeps_no_tokens(database, two_workspaces, now):
    async with database.transaction() as tx:
        row = await pending(tx, "a", now=now)
        await workspaces.mark_uninstalled(tx, "T1", now=now)
        assert await connect_links.take_verified(tx, sign_in_id=row.id, now=now) is None
        with pytest.raises(AssertionError):
            await pending(tx, "b", now=now)


async def _live_in(tx, workspace_id, now):
    await pending(tx, f"ticket of {workspace_id}", workspace_id=workspace_id, now=now)
    await connect(tx, f"c-{workspace_id}", workspace_id=workspace_id, now=now)
    assert await _name(tx, workspace_id, f"c-{workspace_id}")


async def _name(tx, workspace_id, connection_id):
    return await workspaces.hand_over(tx, workspace_id=workspace_id, connection_id=connection_id)


async def _tokens(tx, workspace_id):
    row = found(await workspaces.by_id(tx, workspace_id))
    sealed = (ConnectLink.access_token_sealed, ConnectLink.refresh_token_sealed, ConnectLink.verifier_sealed)
    held = (
        await tx.execute(select(*sealed, ConnectLink.code_sealed).where(ConnectLink.workspace_id == workspace_id))
    ).all()
    tokens = (Connection.access_token_sealed, Connection.refresh_token_sealed)
    living = (await tx.execute(select(*tokens).where(Connection.workspace_id == workspace_id))).all()
    return (
        row.bot_token_sealed,
        row.bot_refresh_token_sealed,
        row.workspace_connection_id,
        [tuple(h) for h in held],
        [tuple(pair) for pair in living],
    )

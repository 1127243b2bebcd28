"""Lease, intent and compare-and-swap, for Sage tokens and Slack tokens alike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.cipher import SealedText
from storage.queries.connections import connections, token_refresh, workspaces
from tests.storage.builders import SEALED, connect, found, race

MINUTE = timedelta(minutes=1)
RENEWED = SealedText("v1.0123456789ab.cmVuZXdlZA==")
SAGE, SLACK = token_refresh.of_connection("id-of-T1", "c1"), token_refresh.of_workspace("id-of-T1")
pytestmark = pytest.mark.usefixtures("two_workspaces")


@pytest.fixture(params=["sage", "slack"])
async def place(request, database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
    return SAGE if request.param == "sage" else SLACK


async def row_of(tx, place):
    named = {"workspace_id": "id-of-T1", "connection_id": "c1"}
    return found(await (connections.by_id(tx, **named) if place is SAGE else workspaces.by_id(tx, "id-of-T1")))


async def take(tx, place, owner, now):
    return await token_refresh.lease(tx, place, owner=owner, now=now, until=now + MINUTE)


async def store(tx, place, version, now):
    column = "refresh_token_sealed" if place is SAGE else "bot_refresh_token_sealed"
    due_at = now + 60 * MINUTE
    return await token_refresh.store(tx, place, expected_version=version, due_at=due_at, **{column: RENEWED})


async def test_of_eight_owners_one_gets_the_lease(rivals, place, now):
    assert (await race(rivals, lambda tx, n: take(tx, place, f"o{n}", now))).count(True) == 1


async def test_a_lease_is_free_again_when_let_go_or_over(database, place, now):
    async with database.transaction() as tx:
        assert await take(tx, place, "a", now)
        assert not await take(tx, place, "b", now)
        await token_refresh.release(tx, place, owner="b", due_at=None)
        assert not await take(tx, place, "b", now)
        await token_refresh.release(tx, place, owner="a", due_at=None)
        assert await take(tx, place, "b", now)
        assert await take(tx, place, "c", now + MINUTE)


async def test_the_intent_stands_until_the_outcome_is_known(database, place, now):
    async with database.transaction() as tx:
        await take(tx, place, "a", now)
        row = await row_of(tx, place)
        assert (row.refresh_began_at, row.refresh_due_at) == (now, now + MINUTE)
        await take(tx, place, "b", now + MINUTE)
        assert (await row_of(tx, place)).refresh_began_at == now
        await token_refresh.reschedule(tx, place, owner="b", due_at=now, answer_lost=True)
        row = await row_of(tx, place)
        assert (row.refresh_began_at, row.failures, row.lease_owner) == (now, 1, None)
        await take(tx, place, "c", now)
        await token_refresh.reschedule(tx, place, owner="c", due_at=now, answer_lost=False)
        assert (await row_of(tx, place)).refresh_began_at is None


async def test_a_lease_can_be_held_for_longer_by_its_holder_alone(database, place, now):
    async with database.transaction() as tx:
        await take(tx, place, "a", now)
        assert not await token_refresh.extend(tx, place, owner="b", until=now + 9 * MINUTE)
        assert await token_refresh.extend(tx, place, owner="a", until=now + 9 * MINUTE)
        assert not await take(tx, place, "b", now + 8 * MINUTE)


@pytest.mark.parametrize(("version", "stored"), [(1, True), (2, False), (0, False)])
async def test_a_new_pair_is_stored_over_the_one_it_was_traded_for(database, place, now, version, stored):
    async with database.transaction() as tx:
        await take(tx, place, "a", now)
        assert await store(tx, place, version, now) is stored
        row = await row_of(tx, place)
    wanted = (2, None, None, now + 60 * MINUTE) if stored else (1, "a", now, now + MINUTE)
    assert (row.token_version, row.lease_owner, row.refresh_began_at, row.refresh_due_at) == wanted


async def test_a_pair_in_hand_is_stored_even_when_the_turn_was_lost_meanwhile(database, place, now):
    async with database.transaction() as tx:
        await take(tx, place, "frozen", now)
        await take(tx, place, "next", now + MINUTE)
        assert await store(tx, place, 1, now)
        assert not await store(tx, place, 1, now)


async def test_of_eight_pairs_one_is_stored(rivals, place, now):
    assert (await race(rivals, lambda tx, _: store(tx, place, 1, now))).count(True) == 1


async def test_what_was_erased_is_neither_leased_nor_brought_back(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await take(tx, SAGE, "a", now)
        await connections.disconnect(tx, workspace_id="id-of-T1", connection_id="c1", reason="asked", now=now)
        assert not await store(tx, SAGE, 1, now)
        assert not await take(tx, SAGE, "b", now + MINUTE)
        assert (await row_of(tx, SAGE)).refresh_token_sealed is None


async def test_due_are_those_whose_time_has_come_and_whom_nobody_renews(database, now):
    async with database.transaction() as tx:
        for number, age in enumerate((9, 3, 7, 5, 0)):
            await connect(tx, f"c{number}", user_id=f"U{number}", now=now - age * MINUTE)
        await take(tx, token_refresh.of_connection("id-of-T1", "c2"), "a", now + 44 * MINUTE)
        gone = {"workspace_id": "id-of-T1", "connection_id": "c3"}
        await connections.mark_reconnect_needed(tx, **gone, expected_version=1, reason="", now=now)
        soon = now + 44 * MINUTE

        async def due(limit, at=soon):
            return [(key, version) for _, key, version in await token_refresh.due_connections(tx, now=at, limit=limit)]

        assert await due(9) == [("c0", 1), ("c1", 1)]
        assert await due(1) == [("c0", 1)]
        assert ("c2", 1) in await due(9, soon + MINUTE)


async def test_slack_tokens_are_due_only_where_slack_rotates_them(database, now):
    async with database.transaction() as tx:
        await workspaces.save_install(tx, **_installed("T3"), due_at=now, now=now)
        await workspaces.save_install(tx, **_installed("T4"), due_at=None, now=now)
        assert await token_refresh.due_workspaces(tx, now=now, limit=9) == [("id-of-T3", 1)]


def _installed(slack_id):
    return {
        "workspace_id": f"id-of-{slack_id}",
        "slack_id": slack_id,
        "is_enterprise": False,
        "name": "",
        "domain": "",
        "app_id": "",
        "bot_user_id": "",
        "bot_id": "",
        "bot_scopes": "",
        "bot_token_sealed": SEALED,
        "bot_refresh_token_sealed": SEALED,
        "bot_token_expires_at": None,
        "installed_by": "",
    }

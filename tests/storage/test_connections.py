from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage import connections, workspaces
from storage.cipher import SealedText
from storage.models import CONNECTED, RECONNECT_NEEDED
from tests.storage.builders import CALLERS, SEALED, connect, found, race

MINUTE = timedelta(minutes=1)
RENEWED = SealedText("v1.0123456789ab.cmVuZXdlZA==")
OURS = {"workspace_id": "id-of-T1", "connection_id": "c1"}
pytestmark = pytest.mark.usefixtures("two_workspaces")


async def test_connecting_again_keeps_the_id_and_the_company(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        chosen = await _choose(tx)
        await connections.lease(tx, **OURS, owner="a", now=now, until=now + MINUTE)
        await connections.mark_reconnect_needed(tx, **OURS, expected_version=1, reason="gone", now=now)
        again = await connect(tx, "c2", token=RENEWED, now=now + MINUTE)
    assert (again.id, again.company_pk, again.token_version) == ("c1", chosen.id, 2)
    assert (again.state, again.state_reason, again.state_since) == (CONNECTED, "", now + MINUTE)
    assert (again.access_token_sealed, again.lease_owner, again.lease_until) == (RENEWED, None, None)


async def test_eight_verifications_at_once_make_one_connection(rivals, now):
    rows = await race(rivals, lambda tx, n: connect(tx, f"c{n}", now=now))
    assert len({row.id for row in rows}) == 1
    assert sorted(row.token_version for row in rows) == list(range(1, CALLERS + 1))


async def test_a_company_is_one_row_with_its_present_name(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await connect(tx, "c2", user_id="U2", now=now)
        first = await _choose(tx)
        second = await _choose(tx, connection_id="c2", company_name="Renamed Ltd")
        shown = found(await connections.company_of(tx, **OURS))
    assert (first.id, shown.company_name) == (second.id, "Renamed Ltd")


async def test_companies_differ_by_edition_site_and_number(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        others: list[dict[str, Any]] = [{}, {"edition": "professional"}, {"site_id": "s2"}, {"company_id": 2**40}]
        rows = [await _choose(tx, **other) for other in others]
        assert found(await connections.company_of(tx, **OURS)).company_id == 2**40
    assert len({row.id for row in rows}) == 4


async def test_nobody_has_a_company_before_choosing_one(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        assert await connections.company_of(tx, **OURS) is None


async def test_of_eight_owners_one_gets_the_lease(rivals, now):
    async with rivals[0].transaction() as tx:
        await connect(tx, "c1", now=now)
    won = await race(rivals, lambda tx, n: _lease(tx, f"owner {n}", now))
    async with rivals[0].reading() as tx:
        holder = found(await connections.by_id(tx, **OURS)).lease_owner
    assert [f"owner {number}" for number, yes in enumerate(won) if yes] == [holder]


async def test_a_lease_is_free_again_when_let_go_or_over(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        assert await _lease(tx, "a", now)
        await connections.release(tx, **OURS, owner="b")
        assert not await _lease(tx, "b", now)
        await connections.release(tx, **OURS, owner="a")
        assert await _lease(tx, "b", now)
        assert await _lease(tx, "c", now + MINUTE)


@pytest.mark.parametrize(("owner", "version", "stored"), [("a", 1, True), ("b", 1, False), ("a", 2, False)])
async def test_new_tokens_are_stored_by_the_lease_holder_over_the_pair_it_read(database, now, owner, version, stored):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await _lease(tx, "a", now)
        assert await _store(tx, owner, version, now) is stored
        row = found(await connections.by_id(tx, **OURS))
    expected = (RENEWED, 2, None) if stored else (SEALED, 1, "a")
    assert (row.refresh_token_sealed, row.token_version, row.lease_owner) == expected


async def test_of_eight_renewals_of_one_holder_one_is_stored(rivals, now):
    async with rivals[0].transaction() as tx:
        await connect(tx, "c1", now=now)
        await _lease(tx, "a", now)
    assert (await race(rivals, lambda tx, _: _store(tx, "a", 1, now))).count(True) == 1


async def test_of_eight_that_notice_the_end_one_is_the_first(rivals, now):
    async with rivals[0].transaction() as tx:
        await connect(tx, "c1", now=now)
    assert (await race(rivals, lambda tx, _: _mark(tx, 1, now))).count(True) == 1


async def test_the_end_of_older_tokens_does_not_touch_newer_ones(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await connect(tx, "c1", now=now)
        assert not await _mark(tx, 1, now)
        assert await _mark(tx, 2, now)
        row = found(await connections.by_id(tx, **OURS))
    assert (row.state, row.state_reason, row.state_since) == (RECONNECT_NEEDED, "refused", now)


async def test_disconnecting_also_stops_answering_for_the_workspace(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await workspaces.name_workspace_connection(tx, **OURS)
        assert await connections.delete(tx, **OURS)
        assert not await connections.delete(tx, **OURS)
        assert found(await workspaces.by_id(tx, "id-of-T1")).workspace_connection_id is None


async def test_disconnecting_leaves_whoever_else_answers_for_the_workspace(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await connect(tx, "c2", user_id="U2", now=now)
        await workspaces.name_workspace_connection(tx, workspace_id="id-of-T1", connection_id="c2")
        await connections.delete(tx, **OURS)
        assert found(await workspaces.by_id(tx, "id-of-T1")).workspace_connection_id == "c2"


async def test_due_are_the_connected_whose_tokens_end_and_whom_nobody_renews(database, now):
    async with database.transaction() as tx:
        for number, age in enumerate((9, 3, 7, 5, 0)):
            await connect(tx, f"c{number}", user_id=f"U{number}", now=now - age * MINUTE)
        await _lease(tx, "a", now, connection_id="c2")
        await _mark(tx, 1, now, connection_id="c3")
        soon = now + 60 * MINUTE
        assert await _due(tx, before=soon, now=now, limit=9) == ["c0", "c1"]
        assert await _due(tx, before=soon, now=now, limit=1) == ["c0"]
        assert await _due(tx, before=soon, now=now + MINUTE, limit=9) == ["c0", "c2", "c1"]


async def _due(tx, **kwargs):
    return [row.id for row in await connections.due_for_renewal(tx, **kwargs)]


async def _choose(tx, **other):
    usual: dict[str, Any] = {
        "edition": "standard",
        "site_id": "s1",
        "company_id": 1,
        "company_name": "Demo Ltd",
        "site_name": "Main",
    }
    return await connections.choose_company(tx, **{**OURS, **usual, **other})


async def _lease(tx, owner, now, **other):
    return await connections.lease(tx, **{**OURS, **other}, owner=owner, now=now, until=now + MINUTE)


async def _mark(tx, version, now, **other):
    named = {**OURS, **other}
    return await connections.mark_reconnect_needed(tx, **named, expected_version=version, reason="refused", now=now)


async def _store(tx, owner, version, now):
    return await connections.store_renewed(
        tx,
        **OURS,
        owner=owner,
        expected_version=version,
        access_token_sealed=RENEWED,
        refresh_token_sealed=RENEWED,
        access_expires_at=now + 60 * MINUTE,
        now=now,
    )

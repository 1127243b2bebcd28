from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage.cipher import SealedText
from storage.queries.connections import connect_links, connections, token_refresh, workspaces
from storage.tables.core import CONNECTED, DISCONNECTED, PAUSED, RECONNECT_NEEDED
from tests.storage.builders import CALLERS, SEALED, connect, found, pending, race

MINUTE = timedelta(minutes=1)
RENEWED = SealedText("v1.0123456789ab.cmVuZXdlZA==")
OURS = {"workspace_id": "id-of-T1", "connection_id": "c1"}
pytestmark = pytest.mark.usefixtures("two_workspaces")


async def test_connecting_again_keeps_the_id_and_the_company(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now, subject_hash="one person")
        chosen = await _choose(tx)
        await token_refresh.lease(
            tx, token_refresh.of_connection(*OURS.values()), owner="a", now=now, until=now + MINUTE
        )
        await connections.mark_reconnect_needed(tx, **OURS, expected_version=1, reason="gone", now=now)
        again = await connect(tx, "c2", token=RENEWED, now=now + MINUTE, subject_hash="one person")
    assert (again.id, again.company_pk, again.token_version) == ("c1", chosen.id, 2)
    assert (again.state, again.state_reason, again.state_since) == (CONNECTED, "", now + MINUTE)
    assert (again.access_token_sealed, again.lease_owner, again.refresh_began_at) == (RENEWED, None, None)


@pytest.mark.parametrize(
    ("before", "after", "stays"),
    [("one", "one", True), ("one", "another", False), (None, None, False), ("one", None, False), (None, "one", False)],
)
async def test_another_sage_id_takes_over_neither_the_company_nor_what_was_seen(database, now, before, after, stays):
    async with database.transaction() as tx:
        first = await connect(tx, "c1", now=now, subject_hash=before)
        chosen = await _choose(tx)
        given = {"sign_in_id": first.sign_in_id, "company_pk": chosen.id}
        await connections.note_figures(tx, **OURS, **given, seen_at=now)
        again = await connect(tx, "c2", now=now + MINUTE, subject_hash=after)
    assert (again.company_pk, again.figures_seen_at) == ((chosen.id, now) if stays else (None, None))


async def test_what_sage_showed_is_noted_for_that_sign_in_and_company_alone(database, now):
    async with database.transaction() as tx:
        first = await connect(tx, "c1", now=now)
        chosen = await _choose(tx)

        async def seen(seen_at=now, **unlike):
            given = {"sign_in_id": first.sign_in_id, "company_pk": chosen.id, "seen_at": seen_at}
            is_noted = await connections.note_figures(tx, **{**OURS, **given, **unlike})
            assert is_noted is (not unlike)
            return found(await connections.by_id(tx, **OURS)).figures_seen_at

        assert await seen(sign_in_id="another") is None
        assert await seen(company_pk=chosen.id + 1) is None
        assert await seen(workspace_id="id-of-T2") is None
        assert await seen() == now
        assert await seen(now + MINUTE) == now + MINUTE, "the last moment counts"
        assert (await _choose(tx)).id == chosen.id
        assert found(await connections.by_id(tx, **OURS)).figures_seen_at == now + MINUTE
        assert await seen(None, sign_in_id="another") == now + MINUTE
        assert await seen(None) is None
        await seen()
        await _choose(tx, company_id=8)
        assert found(await connections.by_id(tx, **OURS)).figures_seen_at is None


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


async def test_the_workspace_still_names_the_connection_that_was_disconnected(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await workspaces.hand_over(tx, **OURS)
        assert await connections.disconnect(tx, **OURS, reason="asked", now=now)
        assert not await connections.disconnect(tx, **OURS, reason="asked", now=now)
        assert found(await workspaces.workspace_connection(tx, workspace_id="id-of-T1")).state == DISCONNECTED


async def test_disconnecting_leaves_whoever_else_answers_for_the_workspace(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await connect(tx, "c2", user_id="U2", now=now)
        await workspaces.hand_over(tx, workspace_id="id-of-T1", connection_id="c2")
        await connections.disconnect(tx, **OURS, reason="asked", now=now)
        assert found(await workspaces.by_id(tx, "id-of-T1")).workspace_connection_id == "c2"


async def test_pausing_keeps_the_tokens_and_resuming_renews_at_once(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        who = {"workspace_id": "id-of-T1", "user_id": "U1"}
        paused = found(await connections.pause(tx, **who, reason="left", now=now))
        assert (paused.state, paused.refresh_due_at, paused.refresh_token_sealed) == (PAUSED, None, SEALED)
        assert await connections.pause(tx, **who, reason="left", now=now) is None
        resumed = found(await connections.resume(tx, **who, now=now + MINUTE))
        assert (resumed.state, resumed.refresh_due_at) == (CONNECTED, now + MINUTE)
        assert await connections.resume(tx, **who, now=now) is None


SHARED = {"subject_hash": "one person", "workspace_id": "id-of-T1", "user_id": "U1", "but": "c1"}


async def test_a_sage_id_that_hangs_on_nothing_else_may_be_forgotten(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await connect(tx, "c2", user_id="U2", now=now)
        assert not await connections.shares_sage_id(tx, **SHARED)
        assert not await connections.shares_sage_id(tx, **{**SHARED, "subject_hash": None})


@pytest.mark.parametrize(("state", "shared"), [(CONNECTED, True), (PAUSED, True), ("ended", False), ("erased", False)])
async def test_a_live_connection_elsewhere_keeps_it(database, now, state, shared):
    elsewhere = {"workspace_id": "id-of-T2", "connection_id": "c2"}
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        await connect(tx, "c2", workspace_id="id-of-T2", subject_hash="one person", now=now)
        if state == PAUSED:
            await connections.pause(tx, workspace_id="id-of-T2", user_id="U1", reason="left", now=now)
        if state == "ended":
            await connections.mark_reconnect_needed(tx, **elsewhere, expected_version=1, reason="", now=now)
        if state == "erased":
            await connections.disconnect(tx, **elsewhere, reason="", now=now)
        assert await connections.shares_sage_id(tx, **SHARED) is shared


async def test_a_sign_in_that_waits_for_its_code_keeps_it(database, now):
    async with database.transaction() as tx:
        await connect(tx, "c1", now=now)
        waiting = await pending(tx, "t1", now=now, workspace_id="id-of-T2", subject_hash="one person")
        assert await connections.shares_sage_id(tx, **SHARED)
        await connect_links.kill(tx, sign_in_id=waiting.id)
        assert not await connections.shares_sage_id(tx, **SHARED)


async def _choose(tx, **other):
    usual: dict[str, Any] = {
        "edition": "standard",
        "site_id": "s1",
        "company_id": 1,
        "company_name": "Demo Ltd",
        "site_name": "Main",
    }
    return await connections.choose_company(tx, **{**OURS, **usual, **other})


async def _mark(tx, version, now, **other):
    named = {**OURS, **other}
    return await connections.mark_reconnect_needed(tx, **named, expected_version=version, reason="refused", now=now)

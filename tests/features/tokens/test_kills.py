"""kill -9 at each instant of a renewal: the sign-in lives on while Sage ID's overlap allows, else its owner is told."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from bot.errors import ReconnectNeeded, TokensUnavailable
from bot.features.tokens.service.sage_tokens import ENDED, LOST
from tests.features.tokens.token_store import vault as open_vault


@pytest.fixture
async def vault(database_url):
    async with open_vault(database_url) as opened:
        yield opened


class Dropped(Exception):
    """The request never got as far as Sage ID's own work."""


async def killed(vault, *, before_handling: bool = False) -> None:
    """A process dies while its renewal is at Sage ID: before Sage ID did anything, or after it did everything."""
    renewer = await vault.renewer()
    hooks = vault.sage_id.on_token_request

    def kill_before(_: object) -> None:
        renewer.kill()
        raise Dropped

    hook = kill_before if before_handling else lambda _: renewer.kill()
    place = hooks.before if before_handling else hooks.after
    place.append(hook)
    await vault.age()
    renewer.go()
    await renewer.ended()
    await asyncio.sleep(0.1)
    place.remove(hook)


@contextmanager
def nobody_can_write(url: str):
    """The row, or the whole file, is held by another connection."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(urlsplit(url).path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.rollback()
        connection.close()
    else:
        with psycopg.connect(url) as server:
            server.execute("SELECT 1 FROM connections FOR UPDATE")
            yield


async def test_killed_before_sage_id_did_anything_nothing_is_lost(vault):
    vault.sage_id.grants.overlap_seconds = 0
    await killed(vault, before_handling=True)
    row = await vault.row()
    assert row.lease_owner is not None
    assert row.refresh_began_at is not None
    await vault.end_lease()
    assert await vault.token()
    assert vault.refreshes()[-1] == "issued"


async def test_killed_after_sage_id_answered_the_overlap_saves_it(vault):
    vault.sage_id.grants.overlap_seconds = 60
    await killed(vault)
    assert (await vault.row()).token_version == 1
    await vault.end_lease()
    ((*named, version),) = await vault.product.services.sage_tokens.due(most=5)
    assert await vault.product.services.sage_tokens.refresh(
        workspace_id=named[0], connection_id=named[1], version=version
    )
    row = await vault.row()
    assert (row.state, row.token_version, row.refresh_began_at) == ("connected", 2, None)
    assert vault.refreshes() == ["issued", "issued"]


async def test_killed_between_the_answer_and_storing_it(vault, database_url):
    vault.sage_id.grants.overlap_seconds = 60
    renewer = await vault.renewer()
    answered = asyncio.Event()
    locks = []

    def hold(_: object) -> None:
        lock = nobody_can_write(database_url)
        lock.__enter__()
        locks.append(lock)
        answered.set()

    vault.sage_id.on_token_request.after.append(hold)
    await vault.age()
    renewer.go()
    await asyncio.wait_for(answered.wait(), 30)
    await asyncio.sleep(0.5)
    assert renewer.is_running
    renewer.kill()
    await renewer.ended()
    vault.sage_id.on_token_request.after.remove(hold)
    locks[0].__exit__(None, None, None)
    assert (await vault.row()).token_version == 1
    await vault.end_lease()
    assert await vault.token()
    assert (await vault.row()).token_version == 2


async def test_without_an_overlap_the_owner_is_told_at_once_and_once(vault):
    vault.sage_id.grants.overlap_seconds = 0
    await killed(vault)
    await vault.end_lease()
    for _ in range(2):
        with pytest.raises(ReconnectNeeded):
            await vault.token()
    row = await vault.row()
    assert (row.state, row.state_reason) == ("reconnect_needed", LOST)
    assert await vault.notices() == ["sign_in_ended"]


async def test_a_dropped_answer_is_asked_for_once_more_at_once(vault):
    vault.sage_id.grants.overlap_seconds = 60
    vault.sage_id.faults.lose_answer(contains="oauth/token")
    await vault.age()
    assert await vault.token()
    assert vault.refreshes() == ["issued", "issued"]
    assert (await vault.row()).refresh_began_at is None


async def test_a_gateways_502_over_a_rotation_is_asked_for_once_more(vault):
    vault.sage_id.grants.overlap_seconds = 60
    vault.sage_id.faults.answer_instead(502, contains="oauth/token")
    await vault.age()
    assert await vault.token()


async def test_answers_lost_twice_in_a_row_are_asked_for_within_seconds(vault):
    """The usual back-off would outlast the overlap."""
    vault.sage_id.grants.overlap_seconds = 30
    vault.sage_id.faults.lose_answer(times=2, contains="oauth/token")
    await vault.age()
    with pytest.raises(TokensUnavailable):
        await vault.token()
    row = await vault.row()
    assert row.refresh_began_at is not None
    assert (row.refresh_due_at - row.refresh_began_at).total_seconds() < 5
    await asyncio.sleep(1.2)
    ((workspace_id, connection_id, version),) = await vault.product.services.sage_tokens.due(most=5)
    assert await vault.product.services.sage_tokens.refresh(
        workspace_id=workspace_id, connection_id=connection_id, version=version
    )


async def test_a_left_over_intent_does_not_cost_the_second_request(vault):
    vault.sage_id.grants.overlap_seconds = 30
    await killed(vault, before_handling=True)
    await vault.end_lease()
    vault.sage_id.faults.lose_answer(contains="oauth/token")
    assert await vault.token()


async def test_a_dropped_answer_without_an_overlap_says_what_happened(vault):
    vault.sage_id.grants.overlap_seconds = 0
    vault.sage_id.faults.lose_answer(contains="oauth/token")
    await vault.age()
    with pytest.raises(ReconnectNeeded):
        await vault.token()
    assert (await vault.row()).state_reason == LOST


async def test_a_plain_end_is_not_called_lost(vault):
    vault.sage_id.revoke("george@example.test")
    await vault.age()
    with pytest.raises(ReconnectNeeded):
        await vault.token()
    assert (await vault.row()).state_reason == ENDED


async def test_fifty_callers_in_two_processes_cause_one_renewal(vault):
    vault.sage_id.grants.overlap_seconds = 0
    vault.sage_id.faults.delay(0.3, contains="oauth/token")
    renewers = [await vault.renewer(25), await vault.renewer(25)]
    await vault.age()
    for renewer in renewers:
        renewer.go()
    first, second = [await renewer.answers() for renewer in renewers]
    assert first == second
    assert list(first.values()) == [25]
    assert vault.refreshes() == ["issued"]


async def test_a_process_that_froze_past_its_lease_keeps_its_hands_off_the_newer_pair(vault):
    """Its own pair came of the same old token, within the overlap; it must neither store nor revoke."""
    vault.sage_id.grants.overlap_seconds = 60
    frozen = await vault.renewer()
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def hold_first(_: object) -> None:
        if not arrived.is_set():
            arrived.set()
            await go_on.wait()

    vault.sage_id.on_token_request.after.append(hold_first)
    await vault.age()
    frozen.go()
    await asyncio.wait_for(arrived.wait(), 30)
    await vault.end_lease()
    mine = await vault.token()
    go_on.set()
    answers = await frozen.answers()
    assert await vault.token() == mine
    assert list(answers.values()) == [1]
    assert "NotConnected" not in answers
    assert vault.sage_id.is_signed_in("george@example.test")
    assert (await vault.row()).token_version == 2

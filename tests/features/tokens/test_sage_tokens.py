"""Custody: one renewal however many ask, and the new pair stored before it is used."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.errors import ClientRefused, ReconnectNeeded, SageIdUnavailable
from storage.tables.core import Connection

GEORGE = "george@example.test"


@pytest.fixture
async def token(desk):
    verified = await desk.connect(desk.asker())

    async def token(**changes):
        return await desk.services.sage_tokens.access_token(
            workspace_id=desk.workspaces["T0ACME"], connection_id=verified.connection_id, **changes
        )

    return token


def refreshes(desk):
    return [entry.outcome for entry in desk.sage_id.token_log if entry.grant_type == "refresh_token"]


async def test_a_good_token_is_handed_out_without_asking_sage_id(desk, token):
    assert await token() == await token()
    assert refreshes(desk) == []


async def test_many_callers_with_a_stale_token_cause_one_renewal(desk, token):
    desk.clock.forward(hours=8)
    desk.sage_id.faults.delay(0.2, contains="oauth/token")
    tokens = await asyncio.gather(*(token() for _ in range(20)))
    assert len(set(tokens)) == 1
    assert refreshes(desk) == ["issued"]


async def test_many_callers_refused_with_the_same_token_cause_one_renewal(desk, token):
    refused = await token()
    tokens = await asyncio.gather(*(token(refused=refused) for _ in range(20)))
    assert set(tokens) != {refused}
    assert refreshes(desk) == ["issued"]


async def test_an_outage_of_sage_id_leaves_a_token_that_still_works_in_use(desk, token):
    desk.sage_id.faults.offline(True)
    desk.clock.forward(hours=7, minutes=50)
    assert await token(margin=timedelta(minutes=15))


async def test_an_outage_with_a_dead_token_is_an_outage_not_the_end(desk, token):
    desk.sage_id.faults.offline(True)
    desk.clock.forward(hours=9)
    with pytest.raises(SageIdUnavailable):
        await token()
    desk.sage_id.faults.clear()
    assert await token()


async def test_a_refused_grant_is_the_end_at_once(desk, token):
    desk.sage_id.revoke(GEORGE)
    desk.clock.forward(hours=9)
    for _ in range(3):
        with pytest.raises(ReconnectNeeded):
            await token()
    assert refreshes(desk) == ["invalid_grant"]
    assert (await desk.services.connections.status(await desk.session())).state == "reconnect needed"


async def test_the_operators_fault_ends_nobodys_connection_and_is_told_to_the_operator(desk, token, capsys):
    desk.clock.forward(hours=9)
    desk.sage_id.faults.next(status=401, body=b'{"error":"invalid_client"}', times=2, contains="oauth/token")
    for _ in range(2):
        with pytest.raises(ClientRefused) as refused:
            await token()
    assert "SAGE_CLIENT" not in refused.value.message + refused.value.hint
    assert capsys.readouterr().out.count("check SAGE_CLIENT_ID and SAGE_CLIENT_SECRET") == 1
    assert await token()


async def test_the_worker_renews_ahead_of_time_and_only_what_is_due(desk, token):
    assert await desk.services.sage_tokens.due(most=10) == []
    desk.clock.forward(hours=7, minutes=50)
    ((workspace_id, connection_id, version),) = await desk.services.sage_tokens.due(most=10)
    for _ in range(2):
        assert await desk.services.sage_tokens.refresh(
            workspace_id=workspace_id, connection_id=connection_id, version=version
        )
    assert refreshes(desk) == ["issued"]
    assert await desk.services.sage_tokens.due(most=10) == []


async def test_a_caller_who_gives_up_does_not_lose_the_new_pair(desk, token):
    desk.clock.forward(hours=9)
    desk.sage_id.faults.delay(0.2, contains="oauth/token")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(token(), 0.1)
    await desk.services.sage_tokens.settled()
    assert await token()
    assert refreshes(desk) == ["issued"]


async def test_no_token_stands_in_the_database_in_clear(desk, token):
    access = await token()
    async with desk.services.database.reading() as tx:
        row = (await tx.execute(select(Connection))).scalar_one()
    stored = " ".join(str(getattr(row, column.key)) for column in Connection.__table__.columns)
    assert access not in stored
    assert row.access_token_sealed.startswith("v1.")

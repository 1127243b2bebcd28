"""The token endpoint at its worst: answers that are lost, and what may still be renewed after."""

import asyncio
import socket
from datetime import timedelta

import httpx
import pytest
import uvicorn

from tests.sandbox.sage.fixtures import BACK, CLIENT, GEORGE, PRIYA, Sandbox


@pytest.fixture
def sandbox():
    return Sandbox()


async def status(sandbox, token):
    return (await sandbox.renew(token)).status_code


async def test_a_lost_answer_rotates_all_the_same(sandbox):
    token = (await sandbox.tokens())["refresh_token"]
    sandbox.sign_in.faults.lose_answer()
    with pytest.raises(httpx.RemoteProtocolError):
        await sandbox.renew(token)
    assert sandbox.sign_in.token_log[-1].outcome == "issued"
    assert await status(sandbox, token) == 403


async def test_over_a_real_connection_a_lost_answer_is_a_dropped_one(sandbox):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(sandbox.sign_in.app, log_level="critical"))
        serving = asyncio.create_task(server.serve([listening]))
        token = (await sandbox.tokens())["refresh_token"]
        form = {**CLIENT, "grant_type": "refresh_token", "refresh_token": token, "redirect_uri": BACK}
        sandbox.sign_in.faults.lose_answer()
        try:
            async with httpx.AsyncClient(trust_env=False, verify=False) as client:
                with pytest.raises(httpx.RemoteProtocolError):
                    await client.post(f"http://127.0.0.1:{listening.getsockname()[1]}/oauth/token", data=form)
        finally:
            server.should_exit = True
            await serving
    assert sandbox.sign_in.token_log[-1].outcome == "issued"


async def test_an_answer_replaced_by_a_bad_gateway_rotates_all_the_same(sandbox):
    token = (await sandbox.tokens())["refresh_token"]
    sandbox.sign_in.faults.answer_instead(502, contains="/oauth/token")
    assert [await status(sandbox, token) for _ in range(2)] == [502, 403]


async def test_a_change_in_sage_can_be_done_and_its_answer_lost(sandbox):
    sandbox.sage.faults.lose_answer(contains="customers/")
    with pytest.raises(httpx.RemoteProtocolError):
        await sandbox.put(on_hold=True)
    assert sandbox.world.customer("ABS001")["on_hold"] is True


async def test_callbacks_stand_on_both_sides_of_the_rotation(sandbox):
    token, seen = (await sandbox.tokens())["refresh_token"], []

    async def before(form):
        seen.append((form["refresh_token"] == token, len(sandbox.sign_in.token_log)))

    sandbox.sign_in.on_token_request.before.append(before)
    sandbox.sign_in.on_token_request.after.append(lambda request: seen.append(request.outcome))
    await sandbox.renew(token)
    assert seen == [(True, 1), "issued"]


@pytest.mark.parametrize(("deletes", "other"), [(False, 200), (True, 403)])
async def test_revoking_may_end_every_sign_in_of_that_person(sandbox, deletes, other):
    sandbox.sign_in.grants.revocation_deletes_grant = deletes
    first, second, george = [(await sandbox.tokens(who))["refresh_token"] for who in (PRIYA, PRIYA, GEORGE)]
    await sandbox.revoke(first)
    assert [await status(sandbox, token) for token in (first, second, george)] == [403, other, 200]


async def test_the_overlap_is_for_the_previous_token_alone():
    sandbox = Sandbox(overlap_seconds=30)
    first = (await sandbox.tokens())["refresh_token"]
    second = (await sandbox.renew(first)).json()["refresh_token"]
    assert await status(sandbox, first) == 200
    assert await status(sandbox, second) == 200
    assert await status(sandbox, first) == 403
    assert await status(sandbox, second) == 403


@pytest.mark.parametrize(("is_sliding", "last"), [(False, 403), (True, 200)])
async def test_a_renewal_may_begin_the_lifetime_anew(sandbox, is_sliding, last):
    sandbox.sign_in.grants.refresh_is_sliding = is_sliding
    sandbox.sign_in.grants.refresh_lifetime = timedelta(seconds=100)
    token = (await sandbox.tokens())["refresh_token"]
    sandbox.clock.advance(60)
    token = (await sandbox.renew(token)).json()["refresh_token"]
    sandbox.clock.advance(60)
    assert await status(sandbox, token) == last
    sandbox.clock.advance(101)
    assert not sandbox.sign_in.is_signed_in(PRIYA)


async def test_access_lasts_as_long_as_it_is_told(sandbox):
    sandbox.sign_in.grants.access_seconds = 5
    tokens = await sandbox.tokens()
    assert tokens["expires_in"] == 5
    sandbox.clock.advance(5)
    assert sandbox.sign_in.person_for(tokens["access_token"]) is None

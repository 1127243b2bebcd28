from __future__ import annotations

import asyncio

import httpx
import pytest

from bot.errors import ReconnectNeeded, SageSignInRefused, SageUnavailable
from bot.sage.auth import SageAuth
from bot.sage.protocol import Ask
from bot.sage.transport import Transport
from tests.sage.stand_in import BASE, StandIn, Tokens, reply

ASK = Ask("/here")


def bearers(stand_in):
    return [headers["authorization"] for headers in stand_in.headers]


async def test_every_question_carries_the_bearer():
    stand_in, tokens = StandIn({"/here": reply([])}), Tokens()
    async with stand_in.http() as http:
        await Transport(http, base_url=BASE, tokens=tokens).get(ASK, seconds=5)
    assert (bearers(stand_in), tokens.refused) == (["Bearer token-one"], [])


async def test_after_a_401_the_token_is_renewed_once_and_the_question_repeated_once():
    stand_in, tokens = StandIn({"/here": [reply(None, 401), reply([1])]}), Tokens()
    async with stand_in.http() as http:
        assert await Transport(http, base_url=BASE, tokens=tokens).get(ASK, seconds=5) == [1]
    assert (bearers(stand_in), tokens.refused) == (["Bearer token-one", "Bearer token-two"], ["token-one"])


async def test_a_second_401_is_the_answer():
    stand_in, tokens = StandIn({"/here": reply(None, 401)}), Tokens()
    async with stand_in.http() as http:
        with pytest.raises(SageSignInRefused):
            await Transport(http, base_url=BASE, tokens=tokens).get(ASK, seconds=5)
    assert (len(stand_in.asked), tokens.refused) == (2, ["token-one"])


async def test_an_ended_sign_in_is_told_as_such():
    class Ended(Tokens):
        async def current(self):
            raise ReconnectNeeded

    stand_in = StandIn({"/here": reply([])})
    async with stand_in.http() as http:
        with pytest.raises(ReconnectNeeded):
            await Transport(http, base_url=BASE, tokens=Ended()).get(ASK, seconds=5)
    assert stand_in.asked == []


async def test_a_renewal_is_finished_even_when_its_question_is_given_up():
    stored = asyncio.Event()

    class Slow(Tokens):
        async def current(self):
            await asyncio.sleep(0.1)
            stored.set()
            return "token-one"

    async with StandIn({}).http() as http:
        with pytest.raises(SageUnavailable):
            await Transport(http, base_url=BASE, tokens=Slow()).get(ASK, seconds=0.01)
    await asyncio.wait_for(stored.wait(), 5)


def test_a_blocking_client_is_refused_rather_than_sent_without_a_bearer():
    with (
        httpx.Client(auth=SageAuth(Tokens()), transport=httpx.MockTransport(lambda _: httpx.Response(200))) as http,
        pytest.raises(RuntimeError),
    ):
        http.get(BASE)

from __future__ import annotations

import asyncio
import gzip
import logging
from contextlib import asynccontextmanager

import httpx
import pytest
import stamina
from starlette.responses import Response

from bot.errors import SageBusy, SageMissing, SageRejected, SageSignInRefused, SageUnavailable, SageUnreadable
from bot.sage.protocol import LARGEST_BODY, Ask
from bot.sage.transport import Transport
from tests.sage.stand_in import BASE, StandIn, Tokens, listening, reply

ASK = Ask("/here", headers={"ocp-apim-subscription-key": "key-material"})


@asynccontextmanager
async def line(*answers):
    stand_in = StandIn({"/here": list(answers), "/elsewhere": reply(["followed"])})
    async with stand_in.http() as http:
        yield Transport(http, base_url=BASE, tokens=Tokens()), stand_in


@pytest.mark.parametrize(
    "fault", [reply(None, 500), reply(None, 502), reply(None, 504), reply(None, 429), reply(None, 429, retry_after="2")]
)
async def test_a_passing_fault_is_asked_through(fault):
    async with line(fault, fault, reply(["well"])) as (sage, stand_in):
        assert await sage.get(ASK, seconds=5) == ["well"]
    assert len(stand_in.asked) == 3


async def test_a_lasting_fault_is_asked_three_times_and_told():
    async with line(reply(None, 503)) as (sage, stand_in):
        with pytest.raises(SageUnavailable):
            await sage.get(ASK, seconds=5)
    assert len(stand_in.asked) == 3


async def test_a_long_pause_is_told_at_once_rather_than_waited_for():
    async with line(reply(None, 429, retry_after="6"), reply([])) as (sage, stand_in):
        with pytest.raises(SageBusy) as busy:
            await sage.get(ASK, seconds=5)
    assert (busy.value.retry_after, len(stand_in.asked)) == (6.0, 1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(None, 400), SageRejected),
        (reply(None, 404), SageMissing),
        (Response(b"<html>"), SageUnreadable),
        (Response(b"not gzip", headers={"Content-Encoding": "gzip"}), SageUnreadable),
    ],
)
async def test_what_would_be_the_same_next_time_is_asked_once(answer, error):
    async with line(answer) as (sage, stand_in):
        with pytest.raises(error):
            await sage.get(ASK, seconds=5)
    assert len(stand_in.asked) == 1


async def test_a_redirect_is_never_followed():
    async with line(reply(None, 302, location="/elsewhere")) as (sage, stand_in):
        with pytest.raises(SageUnreadable):
            await sage.get(ASK, seconds=5)
    assert [url.path for url in stand_in.asked] == ["/here"]


async def test_one_persons_cookies_never_travel_with_the_next():
    async with line(reply([], set_cookie="session=first-person; Path=/")) as (sage, stand_in):
        await sage.get(ASK, seconds=5)
        await sage.get(ASK, seconds=5)
    assert [headers.get("cookie") for headers in stand_in.headers] == [None, None]


async def test_a_body_beyond_any_honest_answer_is_given_up_unpacked_or_not():
    bomb = gzip.compress(b" " * (LARGEST_BODY + 1) + b"[]", 1)
    async with line(Response(bomb, headers={"Content-Encoding": "gzip"})) as (sage, _):
        with pytest.raises(SageUnreadable):
            await sage.get(ASK, seconds=30)


async def test_a_closed_port_is_an_outage():
    async with httpx.AsyncClient(verify=False) as http:
        with pytest.raises(SageUnavailable):
            await Transport(http, base_url="http://127.0.0.1:9", tokens=Tokens()).get(ASK, seconds=5)


async def test_a_server_that_hangs_up_is_an_outage():
    async def rude(reader):
        await reader.readuntil(b"\r\n\r\n")

    async with listening(rude) as base, httpx.AsyncClient(verify=False) as http:
        with pytest.raises(SageUnavailable):
            await Transport(http, base_url=base, tokens=Tokens()).get(ASK, seconds=5)


async def test_a_question_that_outlasts_its_time_is_an_outage_and_not_repeated():
    calls = []

    async def silent(reader):
        calls.append(await reader.readuntil(b"\r\n\r\n"))
        await reader.read()

    async with listening(silent) as base, httpx.AsyncClient(verify=False) as http:
        with pytest.raises(SageUnavailable):
            await Transport(http, base_url=base, tokens=Tokens()).get(ASK, seconds=0.5)
    assert len(calls) == 1


async def test_at_most_two_questions_are_under_way_at_once():
    under_way, most = 0, 0
    let_go = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await let_go.wait()
        under_way -= 1
        return httpx.Response(200, json=[])

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        sage = Transport(http, base_url=BASE, tokens=Tokens())
        questions = [asyncio.create_task(sage.get(ASK, seconds=5)) for _ in range(6)]
        await asyncio.sleep(0.05)
        let_go.set()
        await asyncio.gather(*questions)
    assert most == 2


async def test_no_token_or_key_is_logged_or_shown(caplog, capsys):
    caplog.set_level(logging.DEBUG)
    async with line(reply(None, 503), reply(None, 401), reply(None, 401)) as (sage, _):
        with pytest.raises(SageSignInRefused) as raised:
            await sage.get(ASK, seconds=5)
    shown = repr(raised.value) + repr(sage) + caplog.text + "".join(capsys.readouterr())
    assert "HTTP Request: GET" in caplog.text
    assert not [secret for secret in ("token-one", "token-two", "key-material") if secret in shown]


async def test_the_pause_that_sage_asks_for_is_kept():
    pauses = []
    stamina.instrumentation.set_on_retry_hooks([lambda retry: pauses.append(retry.wait_for)])
    try:
        with stamina.set_testing(False):
            async with line(reply(None, 429, retry_after="0.01"), reply([])) as (sage, _):
                await sage.get(ASK, seconds=5)
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    assert pauses == [0.01]

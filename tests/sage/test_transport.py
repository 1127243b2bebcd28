from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest
import stamina
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import SageBusy, SageMissing, SageRejected, SageSignInRefused, SageUnavailable, SageUnreadable
from bot.sage.http_client import sage_http
from bot.sage.odata import encode, eq
from bot.sage.protocol import LARGEST_BODY, Ask
from bot.sage.transport import Transport
from tests.sage.stand_in import BASE, StandIn, Tokens, listening, reply
from tests.serving import free_socket, serving

ASK = Ask("/here", headers={"ocp-apim-subscription-key": "key-material"})
CHANGE = Ask("/here", method="PUT", body=b"{}")
connected = partial(sage_http, connections=4, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@asynccontextmanager
async def line(*answers):
    stand_in = StandIn({"/here": list(answers), "/elsewhere": reply(["followed"])})
    app = Starlette(routes=[Route("/{path:path}", stand_in.answer, methods=["GET", "PUT"])])
    async with serving(app, free_socket()) as base, connected() as http:
        # By its name: aiohttp keeps no cookies of an address.
        yield Transport(http, base_url=base.replace("127.0.0.1", "localhost"), tokens=Tokens()), stand_in


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
    async with connected() as http:
        with pytest.raises(SageUnavailable):
            await Transport(http, base_url="http://127.0.0.1:9", tokens=Tokens()).get(ASK, seconds=5)


async def test_a_server_that_hangs_up_is_an_outage():
    async def rude(reader):
        await reader.readuntil(b"\r\n\r\n")

    async with listening(rude) as base, connected() as http:
        with pytest.raises(SageUnavailable):
            await Transport(http, base_url=base, tokens=Tokens()).get(ASK, seconds=5)


async def test_words_that_are_no_http_are_an_outage():
    async def other(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example ESMTP ready\r\n")
        writer.close()

    async with await asyncio.start_server(other, "127.0.0.1", 0) as server, connected() as http:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(SageUnavailable):
            await Transport(http, base_url=base, tokens=Tokens()).get(ASK, seconds=5)


@pytest.mark.parametrize("ending", [b"", b"[1, "])
async def test_an_answer_that_breaks_off_is_an_outage(ending):
    async def broken(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + ending)
        writer.close()

    async with await asyncio.start_server(broken, "127.0.0.1", 0) as server, connected() as http:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(SageUnavailable):
            await Transport(http, base_url=base, tokens=Tokens()).get(ASK, seconds=5)


async def test_a_change_is_sent_once_though_its_kept_connection_ends():
    methods = []

    async def answers_once(reader, writer):
        for answer in (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b""):
            head = await reader.readuntil(b"\r\n\r\n")
            methods.append(head.split()[0])
            if b"PUT" in head:
                await reader.readexactly(2)
            writer.write(answer)
        writer.close()

    async with await asyncio.start_server(answers_once, "127.0.0.1", 0) as server, connected() as http:
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        sage = Transport(http, base_url=base, tokens=Tokens())
        await sage.change(CHANGE, seconds=5)
        with pytest.raises(SageUnavailable):
            await sage.change(CHANGE, seconds=5)
    assert methods == [b"PUT", b"PUT"]


@pytest.mark.parametrize("reference", ["O'BRIEN", "50% & CO+", "A/B=C?D#E;F", "MÜL 01", "%27"])
async def test_what_is_asked_for_arrives_as_it_is(reference):
    asked = eq("reference", reference)
    async with line(reply([])) as (sage, stand_in):
        await sage.get(Ask("/here", encode({"$filter": asked.text})), seconds=5)
    assert stand_in.filters() == [asked.text]


async def test_a_proxy_that_the_environment_names_is_asked(monkeypatch):
    asked = []

    async def proxy(reader):
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])

    async with listening(proxy) as address:
        monkeypatch.setenv("ALL_PROXY", address)
        async with connected() as http:
            with pytest.raises(SageUnavailable):
                await Transport(http, base_url="http://sage.example", tokens=Tokens()).get(ASK, seconds=5)
    assert asked[0] == b"GET http://sage.example/here HTTP/1.1"


async def test_a_question_that_outlasts_its_time_is_an_outage_and_not_repeated():
    calls = []

    async def silent(reader):
        calls.append(await reader.readuntil(b"\r\n\r\n"))
        await reader.read()

    async with listening(silent) as base, connected() as http:
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

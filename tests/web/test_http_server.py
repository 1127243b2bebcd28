"""Half a request, a slow one, an endless one: none of them may keep others waiting, or cost more than a place."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.web import http_server
from tests.scenarios.operations.process import running
from tests.serving import address, free_socket

HALF = b"GET /health/live HTTP/1.1\r\nHost: bot.test\r\nX-Half: "


async def _hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def _body(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@asynccontextmanager
async def served(**limits):
    app = Starlette(routes=[Route("/", _hello, methods=["GET", "POST"]), Route("/body", _body, methods=["POST"])])
    bound = free_socket()
    server = http_server.server(app, **limits)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield address(bound)
    finally:
        server.should_exit = True
        await task


async def sent(url: str, *parts: bytes):
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    return reader, writer


async def all_that_comes(reader: asyncio.StreamReader) -> bytes:
    """Everything until the server closes; a reset ends it too."""
    came = b""
    try:
        while piece := await reader.read(65_536):
            came += piece
    except ConnectionError:
        pass
    return came


@pytest.mark.parametrize("beginning", [b"", HALF], ids=["nothing", "half a head"])
async def test_a_head_that_never_ends_is_cut_off(beginning):
    async with served(head_seconds=0.2) as url:
        reader, writer = await sent(url, beginning)
        assert await all_that_comes(reader) == b""
        writer.close()


async def test_a_byte_now_and_then_wins_no_time():
    async with served(head_seconds=0.2) as url:
        reader, writer = await sent(url, HALF)
        ended = asyncio.create_task(all_that_comes(reader))
        while not ended.done():
            writer.write(b"x")
            await asyncio.sleep(0.02)
        assert ended.result() == b""
        writer.close()


async def test_the_head_of_a_second_request_has_a_deadline_too():
    async with served(head_seconds=0.2) as url:
        reader, writer = await sent(url, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"hello")
        writer.write(HALF)
        assert await all_that_comes(reader) == b""
        writer.close()


async def test_a_body_that_never_ends_is_cut_off_whether_it_is_read_or_not():
    begun = b" HTTP/1.1\r\nHost: b\r\nContent-Length: 100\r\n\r\nx"
    async with served(request_seconds=0.2) as url:
        read, writer = await sent(url, b"POST /body" + begun)
        assert await all_that_comes(read) == b""
        writer.close()
        unread, writer = await sent(url, b"POST /" + begun)
        assert b"hello" in await all_that_comes(unread)
        writer.close()


async def test_endless_headers_are_refused():
    async with served() as url:
        reader, writer = await sent(url, HALF)
        ended = asyncio.create_task(all_that_comes(reader))
        written = 0
        while not ended.done() and written < 10_000_000:
            try:
                writer.write(b"x" * 10_000)
                await writer.drain()
            except ConnectionError:
                break
            written += 10_000
            await asyncio.sleep(0)
        assert written < 10_000_000
        await ended
        writer.close()


async def test_where_all_places_are_taken_those_without_a_request_give_way():
    async with served(connections=8) as url:
        halves = [await sent(url, HALF) for _ in range(30)]
        async with httpx.AsyncClient(base_url=url) as client:
            assert [(await client.get("/")).text for _ in range(3)] == ["hello"] * 3
        for reader, _ in halves[:20]:
            assert await all_that_comes(reader) == b""
        for _, writer in halves:
            writer.close()


async def test_where_all_places_are_taken_by_requests_these_are_finished():
    async with served(connections=4) as url:
        begun = [await sent(url, b"POST /body HTTP/1.1\r\nHost: b\r\nContent-Length: 4\r\n\r\nab") for _ in range(4)]
        await asyncio.sleep(0.1)
        reader, writer = await sent(url, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n")
        assert await all_that_comes(reader) == b""
        writer.close()
        for reader, writer in begun:
            writer.write(b"cd")
            assert b"200 OK" in await reader.readuntil(b"\r\n\r\n4")
            writer.close()


async def test_a_client_that_keeps_its_connection_is_served_again_and_again():
    async with served(head_seconds=0.5, request_seconds=0.5) as url, httpx.AsyncClient(base_url=url) as client:
        for _ in range(8):
            assert (await client.post("/body", content=b"x" * 200_000)).text == "200000"
            assert (await client.post("/", content=b"x" * 200_000)).text == "hello"
            await asyncio.sleep(0.1)


async def test_more_half_requests_than_files_leave_room_for_others_and_the_log_quiet(tmp_path):
    async with running(tmp_path, files=128) as product:
        halves = []
        for _ in range(200):
            try:
                halves.append(await sent(product.office.public_url, HALF))
            except ConnectionError:
                continue
        async with httpx.AsyncClient(base_url=product.office.public_url, timeout=3) as client:
            assert [(await client.get("/health/live")).status_code for _ in range(5)] == [200] * 5
        await product.office.install()
        for _, writer in halves:
            writer.close()
        lines = product.log.read_text().splitlines()
        assert [line for line in lines if "resource" in line or "Too many open files" in line] == []
        assert len(lines) < 100


async def test_an_upgrade_writes_no_path_into_the_log(tmp_path):
    upgrade = (
        b"GET /sage/callback?code=not-shown&state=not-shown HTTP/1.1\r\nHost: b\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    async with running(tmp_path) as product:
        reader, writer = await sent(product.office.public_url, upgrade)
        assert b" 400 " in await reader.readuntil(b"\r\n")
        writer.close()
        await product.stop()
        assert "not-shown" not in product.log.read_text()
        assert "/sage/callback" not in product.log.read_text()

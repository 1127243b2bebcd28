"""A call that posts is made once, whatever becomes of it; what its failures mean for trying again."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackPosting
from bot.features.delivery.slack_messenger import asked, unrepeating
from tests.serving import free_socket


async def refusal(make, port: int) -> SlackPosting:
    async with aiohttp.ClientSession() as session:
        client = make(AsyncWebClient(base_url=f"http://127.0.0.1:{port}/", session=session, timeout=5))
        with pytest.raises(SlackPosting) as refused:
            await asked(client.chat_postMessage(channel="C1", text="x"))
    return refused.value


@pytest.mark.parametrize(("make", "times"), [(unrepeating, 1), (lambda client: client, 2)])
async def test_a_connection_that_drops_after_the_request_is_not_asked_again(make, times):
    heard = []

    async def hang_up(reader, writer):
        heard.append(await reader.read(64))
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        error = await refusal(make, server.sockets[0].getsockname()[1])
    assert (len(heard), error.why, error.in_doubt, error.permanent) == (times, "unreachable", True, False)


async def test_a_refused_connection_leaves_no_doubt():
    with free_socket() as bound:
        port = bound.getsockname()[1]
    error = await refusal(unrepeating, port)
    assert (error.why, error.in_doubt, error.permanent) == ("unreachable", False, False)

"""A call that posts is made once, whatever becomes of it; what its failures mean for trying again."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import SlackPosting
from bot.features.alerts.model.messages import ChannelTrouble
from bot.features.delivery.slack_messenger import asked, posting_error, unrepeating
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


@pytest.mark.parametrize(
    ("why", "trouble"),
    [
        ("restricted_action", ChannelTrouble.RESTRICTED),
        ("restricted_action_read_only_channel", ChannelTrouble.RESTRICTED),
        ("restricted_action_thread_only_channel", ChannelTrouble.RESTRICTED),
        ("restricted_action_non_threadable_channel", ChannelTrouble.RESTRICTED),
        ("posting_to_channel_denied", ChannelTrouble.RESTRICTED),
        ("channel_is_limited_access", ChannelTrouble.RESTRICTED),
        ("team_access_not_granted", ChannelTrouble.BARRED),
        ("ekm_access_denied", ChannelTrouble.BARRED),
        ("access_denied", ChannelTrouble.BARRED),
    ],
)
def test_a_refusal_is_of_the_place_and_for_good(why, trouble):
    said = {"ok": False, "error": why}
    asked = {"client": None, "http_verb": "POST", "api_url": "", "req_args": {}, "headers": {}, "status_code": 200}
    error = posting_error(SlackApiError(why, AsyncSlackResponse(data=said, **asked)))
    assert (error.why, error.trouble, error.permanent, error.in_doubt) == (why, trouble.value, True, False)

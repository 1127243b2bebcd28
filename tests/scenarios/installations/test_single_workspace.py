"""SLACK_BOT_TOKEN: one workspace, no installation flow."""

from __future__ import annotations

import httpx
import pytest

from bot.app import opened
from bot.config import BadSettings
from sandbox.slack import Sender
from tests.connected_app import PUBLIC_URL, Clock, settings
from tests.scenarios.slack_app import Office, simulated


async def test_the_tokens_workspace_is_answered_and_no_other(sqlite_url):
    clock = Clock()
    async with simulated(PUBLIC_URL, clock) as out:
        given = settings(sqlite_url, **out.environment, SLACK_BOT_TOKEN=out.slack.install("T0ACME"))
        async with opened(given, clock=clock) as product:
            transport = httpx.ASGITransport(product.asgi)
            async with (
                httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as browser,
                httpx.AsyncClient(verify=False) as outside,
            ):
                sender = Sender(out.slack, client=browser, url=f"{PUBLIC_URL}/slack/events")
                parts = (out.slack, sender, out.sage_id, out.sage, out.world, clock, browser, outside)
                office = Office(product, *parts)
                await office.connect()
                assert "£2,464.16" in (await office.command("/customer", "ABS001")).text
                reply = await sender.command("/customer", "ABS001", user="oscar", team="T0OTHER")
                await office.settle()
                assert "isn't installed" in reply.body + office.latest.text


async def test_a_refused_token_is_one_line(sqlite_url):
    async with simulated(PUBLIC_URL, Clock()) as out:
        with pytest.raises(BadSettings, match="SLACK_BOT_TOKEN was refused"):
            async with opened(settings(sqlite_url, **out.environment, SLACK_BOT_TOKEN="not-a-token")):
                raise AssertionError


async def test_an_unreachable_slack_is_one_line(sqlite_url):
    with pytest.raises(BadSettings, match="not reachable"):
        async with opened(settings(sqlite_url, SLACK_API_URL="http://127.0.0.1:1/api/", SLACK_BOT_TOKEN="any")):
            raise AssertionError

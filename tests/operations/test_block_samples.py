"""`bot doctor --blocks` against the simulated Slack, and one that takes nothing."""

from __future__ import annotations

import json

import httpx
import pytest

from bot.operations.block_samples import fault_of, samples
from sandbox.slack import Slack
from tests.connected_app import Clock


@pytest.fixture
def slack():
    return Slack(
        client_id="1.1",
        client_secret="s",
        signing_secret="s",
        redirect_uris=[],
        base_url="http://slack.test",
        clock=Clock(),
    )


async def faults(slack):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(slack.app)) as http:
        return {kind: await fault_of(http, "http://slack.test/api/", blocks) for kind, blocks in samples().items()}


async def test_slack_takes_every_sample_without_a_token(slack):
    assert set((await faults(slack)).values()) == {""}
    assert "token" not in str(slack.calls)


async def test_what_slack_says_is_told_with_its_place(slack):
    fault = {"pointer": "/blocks/0", "code": "x", "message": "unsupported"}
    error = {"ok": False, "error": "invalid_blocks", "errors": [fault]}
    slack.faults.next(200, body=json.dumps(error), headers={"Content-Type": "application/json"})
    slack.faults.next(502, body="<html>")
    first, second, *rest = (await faults(slack)).values()
    assert first == "Slack answers “invalid_blocks”; unsupported at /blocks/0"
    assert "502" in second
    assert set(rest) == {""}

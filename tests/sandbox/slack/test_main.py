from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

import httpx
import pytest

from tests.sandbox.slack.test_page import SETTINGS

PRODUCT = ("--product-url", "http://127.0.0.1:1", "--ledger", "20")


async def started(*arguments, **environment):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        *arguments,
        env={**os.environ, **SETTINGS, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_one_line_when_it_listens_and_stops_when_told(number):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = await started("--port", str(port), *PRODUCT)
    assert await process.stdout.readline() == f"Sandbox ready: http://127.0.0.1:{port}/\n".encode()
    async with httpx.AsyncClient(trust_env=False) as http:
        assert "DEMO" in (await http.get(f"http://127.0.0.1:{port}/")).text
    process.send_signal(number)
    output, errors = await process.communicate()
    assert (output, errors) == (b"", b"")


async def test_missing_credentials_end_it_with_one_line():
    process = await started("--port", "1", *PRODUCT, SLACK_SIGNING_SECRET="", SAGE_CLIENT_ID="")
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (2, b"not set: SLACK_SIGNING_SECRET, SAGE_CLIENT_ID\n")


async def test_a_port_that_is_taken_ends_it():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = await started("--port", str(taken.getsockname()[1]), *PRODUCT)
        output, _ = await process.communicate()
    assert (process.returncode, output) == (3, b"")

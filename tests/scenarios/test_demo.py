"""`bot demo` as a newcomer uses it: the README's four steps, in a real browser, then Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.chromium import chromium
from tests.scenarios.process import REPOSITORY
from tests.serving import free_socket

pytestmark = pytest.mark.browser
READY = re.compile(r"The demo is ready: (\S+)")


@asynccontextmanager
async def demonstration(folder, first_port=0):
    """Start it; yields its process and the page's address."""
    with free_socket() as bound:
        port = first_port or bound.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--port", str(port), "--ledger", "60"),
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "BROWSER": "none", "PYTHONUNBUFFERED": "1"},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process, await asyncio.wait_for(_address(process), 60)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 90)


async def _address(process) -> str:
    while line := (await process.stdout.readline()).decode():
        if found := READY.search(line):
            return found.group(1)
    raise AssertionError("the demo ended before it was ready")


async def say(page, words):
    await page.fill("#words", words)
    await page.press("#words", "Enter")


async def allow(context, click):
    """Press something that opens another tab, and finish there; returns that tab."""
    async with context.expect_page() as opening:
        await click
    return await opening.value


async def install(context, page):
    """By the page's own link, as an admin."""
    tab = await allow(context, page.click("#install-link"))
    await tab.click("#allow")
    await tab.wait_for_selector("text=Installed in")
    await tab.close()


async def connect(context, page, who):
    """`/sage connect`, sign in at Sage ID as somebody, and type the code."""
    await say(page, "/sage connect")
    tab = await allow(context, page.click("#messages .message:last-child a:has-text('Continue to Sage ID')"))
    await tab.click("#continue-to-sage button")
    await tab.get_by_label(re.compile(who)).check()
    await tab.click("#allow")
    code = await tab.inner_text("#verification-code")
    await tab.close()
    await say(page, f"/sage verify {code}")


async def walk(context, address):
    """Install, connect as George, verify, ask; returns the page with the card on it."""
    page = await context.new_page()
    await page.goto(address)
    await install(context, page)
    await connect(context, page, "George")
    await page.wait_for_selector("text=Connected to")
    await say(page, "/customer ABS001")
    await page.wait_for_selector("text=£2,464.16")
    return page


async def test_a_newcomer_sees_the_card_and_nothing_is_left_behind_but_a_demo_at_its_side(tmp_path):
    async with (
        demonstration(tmp_path) as (process, address),
        demonstration(tmp_path, first_port=port_of(address) - 1) as (_, other),
        chromium() as context,
    ):
        assert address != other
        page = await walk(context, address)
        shown = await page.inner_text("#messages")
        assert [fact for fact in ("ABS Garages Ltd", "£4,000.00", "Not on hold") if fact not in shown] == []
        assert "Only visible to you" in shown
        product = (await page.get_attribute("#install-link", "href")).partition("/slack/")[0]
        assert [await answers(url) for url in (address, product, other)] == [True] * 3
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 90) == 0
        assert [await answers(url) for url in (address, product, other)] == [False, False, True]


def port_of(address: str) -> int:
    return int(address.rstrip("/").rpartition(":")[2])


async def answers(url: str) -> bool:
    async with httpx.AsyncClient(verify=False) as client:
        try:
            return (await client.get(url)).status_code < 500
        except httpx.ConnectError:
            return False

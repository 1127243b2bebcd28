"""`bot demo` in processes of its own, and what a newcomer presses there in a real browser."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from contextlib import asynccontextmanager

from tests.scenarios.operations.process import REPOSITORY
from tests.serving import free_socket

READY = re.compile(r"The demo is ready: (\S+)")


@asynccontextmanager
async def demonstration(folder):
    """Start it; yields its process and the page's address."""
    with free_socket() as bound:
        port = bound.getsockname()[1]
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

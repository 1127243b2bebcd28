"""A real browser: Chromium, Chrome or Edge, wherever it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

_NAMES = (
    # Chromium without windows takes a quarter less of a core. Debian's script that starts it doesn't pass on its end.
    *("/usr/lib/chromium/chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable", "chrome", "msedge"),
)
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--hide-scrollbars",
    "--mute-audio",
    "--remote-debugging-port=0",
]
_SECONDS_TO_START = 60.0
# A page shows things when the product has done them, beside everything else that this machine does: the five seconds
# that the library waits by itself are a time limit on the product, which no test here means to set.
_PATIENCE = 60_000.0
expect.set_options(timeout=_PATIENCE)
# `cat` ends when our end of its pipe closes: when we say so, and also when we are killed. The browser's own children
# outlive it by a moment and write into the folder: the last try alone may complain.
_UNTIL_WE_END = """folder=$1; shift
"$@" >/dev/null 2>&1 & cat >/dev/null; kill $!; wait $!
for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$folder" 2>/dev/null && exit; sleep 0.2; done
rm -rf "$folder"
"""
_running: list[tuple[subprocess.Popen[bytes], Path]] = []
_connected: list[Browser] = []
# All in one event loop: who speaks to the browser is a process too, and its start takes half a second of a core.
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("_browser"),
]


def path() -> str:
    """Where it is; without one the test is skipped here, and fails in CI."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, _NAMES)), None)
    if found:
        return found
    missing = "no Chromium, Chrome or Edge found; install one or name it in CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@asynccontextmanager
async def chromium(**options: object):
    """A fresh, empty profile of the browser that `connected` holds."""
    context = await _connected[0].new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(_PATIENCE)
    try:
        yield context
    finally:
        await context.close()


@asynccontextmanager
async def connected():
    """Hold the one browser of this process: a start takes two seconds of a core."""
    async with async_playwright() as playwright:
        _connected.append(await playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{_port()}"))
        try:
            yield
        finally:
            _connected.clear()


def _port() -> int:
    """The port of the browser's DevTools, which it writes into its folder once it listens."""
    if not _running:
        folder = Path(tempfile.mkdtemp(prefix="sage200-chromium-"))
        browser = [path(), *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
        command = ["sh", "-c", _UNTIL_WE_END, "sh", str(folder), *browser]
        _running.append((subprocess.Popen(command, stdin=subprocess.PIPE), folder))
    process, folder = _running[0]
    give_up = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < give_up and process.poll() is None:
        written = folder / "DevToolsActivePort"
        if written.exists() and (lines := written.read_text().splitlines()):
            return int(lines[0])
        time.sleep(0.05)
    raise RuntimeError("Chromium did not start")


def end_chromium() -> None:
    """End the browser, if one was started."""
    while _running:
        process, _ = _running.pop()
        process.communicate(timeout=20)

"""A real browser: Chromium, Chrome or Edge, wherever it is."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_WINDOWS = (r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",)


def path() -> str:
    """Where it is; without one the test is skipped here, and fails in CI."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, _NAMES)), None) or next(filter(os.path.exists, _WINDOWS), None)
    if found:
        return found
    missing = "no Chromium, Chrome or Edge found; install one or name it in CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@asynccontextmanager
async def chromium(**options: object):
    """A fresh, empty browser profile."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path(), args=flags)
        try:
            yield await browser.new_context(**options)  # type: ignore[arg-type]
        finally:
            await browser.close()

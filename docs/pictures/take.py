"""Takes the pictures in this folder, from the demo: `.venv/bin/python docs/pictures/take.py`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.chromium import chromium  # noqa: E402
from tests.scenarios.test_demo import demonstration, say, walk  # noqa: E402


async def main() -> None:
    """The card, and the menu of several, as a person in the demo sees them."""
    with tempfile.TemporaryDirectory() as folder:
        async with demonstration(folder) as (_, address), chromium(viewport={"width": 1000, "height": 760}) as context:
            page = await walk(context, address)
            await page.wait_for_timeout(300)
            await page.screenshot(path=HERE / "card.png")
            await say(page, "/customer motor")
            await page.wait_for_selector("text=customers in")
            await page.wait_for_timeout(300)
            await page.screenshot(path=HERE / "menu.png")


asyncio.run(main())

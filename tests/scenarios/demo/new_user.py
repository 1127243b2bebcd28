"""Somebody's browser at a running demo: what they press and type, what they are answered, and pictures of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.sandbox.axe import grave_faults
from tests.scenarios.demo.demonstration import connect, install, say
from tests.scenarios.operations.process import REPOSITORY

PICTURES = REPOSITORY / "build" / "scenes"
EVERY_LOOK = [(theme, width) for theme in ("light", "dark") for width in (1200, 380)]
LOOKS = [("light", 1200), ("dark", 380)]


class Visit:
    """One window. `faults` gathers what scripts and axe complained of."""

    def __init__(self, context, page) -> None:
        self.context, self.page = context, page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    async def begin(self, address, *, who="Priya", installed=False):
        """Install, unless it is, and connect, with a company."""
        if not installed:
            await self.page.goto(address)
            await install(self.context, self.page)
        await connect(self.context, self.page, who)
        await self.page.wait_for_selector("text=Which one do you want answers from?")
        assert "Using ABS Motor Factors" in await self.ask("/sage company 2")

    async def ask(self, words) -> str:
        """Say it; what the app answers."""
        before = await self._newest()
        await say(self.page, words)
        return await self.answered(before)

    async def press(self, name):
        """A button of the last message that has it."""
        await self.page.locator("#messages").get_by_role("button", name=name).last.click()

    async def answered(self, before) -> str:
        """The app's newest message once there is one after `before`."""
        await self.page.wait_for_function(
            """before => {
                const last = [...document.querySelectorAll("#messages .message")].at(-1);
                return last && last.dataset.ts > before && last.querySelector(".face.app, .face.notice");
            }""",
            arg=before,
            polling=50,  # milliseconds; else a window is drawn sixty times a second to ask it
        )
        return await self.last.inner_text()

    @property
    def last(self):
        """The newest message."""
        return self.page.locator("#messages .message").last

    async def become(self, user):
        """Choose somebody else to be."""
        await self.page.select_option("#person", user)
        await self.page.wait_for_function("() => document.querySelector('#channels button')")

    async def go(self, channel):
        """Open a conversation; the app's own without a channel."""
        await self.page.locator(f"[data-channel={channel}]" if channel else "#apps button").dispatch_event("click")

    async def picture(self, name, *, looks=LOOKS):
        """The whole window fits, once wide and once narrow unless told otherwise; with SCENES set it is taken too."""
        if "SCENES" not in os.environ:  # the widths alone: a theme changes none of them
            looks = list({width: (theme, width) for theme, width in looks}.values())
        for theme, width in looks:
            if self.page.viewport_size["width"] != width:
                await self.page.set_viewport_size({"width": width, "height": 800})
            if "SCENES" in os.environ:
                PICTURES.mkdir(parents=True, exist_ok=True)
                await self.page.emulate_media(color_scheme=theme)
                await self.page.screenshot(path=Path(PICTURES / f"{name}-{width}-{theme}.png"))
            sideways = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if sideways > 0:
                self.faults.append(f"{name}: {sideways} pixels wider than {width}")
        await self.page.set_viewport_size({"width": 1200, "height": 800})

    async def judged(self, name):
        """By axe, in both themes."""
        for theme in ("light", "dark"):
            await self.page.emulate_media(color_scheme=theme)
            faults = await grave_faults(self.page, of_colours=theme == "dark")
            self.faults += [f"{name}, {theme}: {fault}" for fault in faults]

    async def step(self) -> str:
        """The tour's line as it is."""
        return re.sub(r"\s+", " ", await self.page.inner_text(".tour-now"))

    async def comes_to(self, title):
        """Wait until the tour has come to this step."""
        await self.page.locator(".tour-title", has_text=title).wait_for()

    async def _newest(self) -> str:
        newest = self.page.locator("#messages .message").last
        return await newest.get_attribute("data-ts") if await self.page.locator("#messages .message").count() else ""

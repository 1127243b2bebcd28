"""The pictures in docs/pictures, taken from the demo: `.venv/bin/python -m tests.scenarios.demo.gallery`.

Each is what the real product sent to the simulated Slack. It wants Chromium, and a font with emoji.
"""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.async_api import expect

from tests.chromium import chromium, connected, end_chromium
from tests.scenarios.demo.demonstration import allow, demonstration, install
from tests.scenarios.demo.new_user import Visit
from tests.scenarios.operations.process import REPOSITORY

FOLDER = REPOSITORY / "docs" / "pictures"
LONDON = ZoneInfo("Europe/London")
MOST_BYTES = 200_000
LOOK = {
    "viewport": {"width": 1000, "height": 1400},
    "device_scale_factor": 1.5,
    "color_scheme": "light",
    "locale": "en-GB",
}


async def _box(found):
    """Return where an element stands. A Home that is drawn again meanwhile has none for a moment."""
    while (box := await found.bounding_box()) is None:
        await found.wait_for()
    return box


class Gallery:
    """Takes a picture of a message, a modal or the window, and keeps it small."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.page = visit.page

    async def asked(self, name, words):
        """The answer to something typed."""
        await self.visit.ask(words)
        await self.message(name)

    async def pressed(self, name, button, *, waits_for):
        """The answer to a button of the newest message that has it."""
        await self.visit.press(button)
        await self.message(name, has=waits_for)

    async def message(self, name, *, has="", posted=False):
        """The newest message that says so, of those that everybody sees if `posted`."""
        found = self.page.locator(f"#messages .message{':not(.private)' if posted else ''}", has_text=has).last
        await found.wait_for()
        await self.taken(name, found)

    async def window(self, name, *, width=1000, height=760):
        """The whole page, less high."""
        await self.page.set_viewport_size({"width": width, "height": height})
        await self.taken(name, self.page)
        await self.page.set_viewport_size(LOOK["viewport"])

    async def home(self, name, user="U0PRIYA", *, after="", before="Help", width=1000, theme="light"):
        """Somebody's Home, from one heading to another; as wide as a telephone and in the dark, if wanted."""
        await self.page.emulate_media(color_scheme=theme)
        await self.as_(user)
        await self.page.get_by_role("tab", name="Home").click()
        body = self.page.locator("#home .home-body")
        last = body.get_by_role("heading", name=before, exact=True)
        await last.wait_for()
        await self.page.set_viewport_size({"width": width, "height": 3600})
        box, first = await _box(body), body.get_by_role("heading", name=after, exact=True)
        top = (await _box(first))["y"] - 12 if after else box["y"] - 16
        end = (await _box(last))["y"]
        left, right = max(box["x"] - 16, 0), min(box["x"] + box["width"] + 16, width)
        await self.taken(name, self.page, clip={"x": left, "y": top, "width": right - left, "height": end - top - 12})
        await self.page.set_viewport_size(LOOK["viewport"])
        await self.page.emulate_media(color_scheme=LOOK["color_scheme"])
        await self.page.get_by_role("tab", name="Messages").click()

    async def as_(self, user, channel=""):
        """Be somebody, in a channel or in their own conversation with the app."""
        await self.visit.become(user)
        await self.visit.go(channel)

    async def modal(self, name, button):
        """The form behind a button; closed again."""
        await self.visit.press(button)
        await self.modal_of(name)

    async def modal_of(self, name):
        """The form that is there; closed again."""
        dialog = self.page.get_by_role("dialog")
        await dialog.wait_for()
        await dialog.get_by_text("Asking Sage 200…").wait_for(state="hidden")
        await self.taken(name, dialog)
        while await dialog.is_visible():  # the first may close the list of a box alone
            await self.page.keyboard.press("Escape")

    async def tab(self, name, tab, selector):
        """A part of another tab."""
        await tab.set_viewport_size({"width": 760, "height": 760})
        await self.taken(name, tab.locator(selector))

    async def taken(self, name, found, **how):
        """In 128 colours: text and plain areas lose nothing by it."""
        await self.page.mouse.move(0, 0)
        await self.page.wait_for_timeout(400)
        small = (
            Image.open(io.BytesIO(await found.screenshot(**how))).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        )
        file = Path(FOLDER / f"{name}.png")
        await asyncio.to_thread(small.save, file, optimize=True)
        if file.stat().st_size > MOST_BYTES:
            raise ValueError(f"{file.name} has more than {MOST_BYTES:,} bytes")


async def connecting(gallery):
    """Priya founds the workspace, Clare and George get their roles, and Clare signs in herself."""
    visit, page = gallery.visit, gallery.page
    await page.goto("/")
    await install(visit.context, page)
    await visit.ask("/sage connect")
    assert "Which one" in await signing_in(gallery, "Priya", landing="connect", last="code")
    await visit.ask("/sage company 2")
    while "being read" in await visit.ask("/overdue"):
        pass  # the open items are read after the customers, in some seconds
    await visit.ask("/sage roles @clare controller")
    await visit.ask("/sage roles @george sales")
    await visit.ask("/sage roles @george customers rep:George")
    await gallery.asked("team", "/sage team")
    await visit.become("U0CLARE")
    await visit.go("")
    await gallery.message("role", has="made you")
    assert "Connected to" in await signing_in(gallery, "Clare")


async def signing_in(gallery, who, *, landing="", last=""):
    """By the link that stands there, to Sage ID and back with the code; both pages of the product's, if named."""
    visit = gallery.visit
    tab = await allow(visit.context, gallery.page.locator("#messages a", has_text="Continue to Sage ID").last.click())
    if landing:
        await gallery.tab(landing, tab, "main")
    await tab.click("#continue-to-sage button")
    await tab.get_by_label(re.compile(who)).check()
    await tab.click("#allow")
    code = await tab.inner_text("#verification-code")
    if last:
        await gallery.tab(last, tab, "main")
    await tab.close()
    return await visit.ask(f"/sage verify {code}")


async def asking(gallery):
    """What a rep asks, and a controller."""
    visit = gallery.visit
    await gallery.as_("U0GEORGE")
    await visit.ask("/customer ABS001")
    await gallery.window("card")
    await gallery.asked("order", "/customer ABS001 order 1500")
    await gallery.as_("U0CLARE")
    await gallery.asked("overdue", "/overdue 30+")
    await gallery.asked("on-hold", "/onhold")
    await gallery.asked("plain-english", "who is over their limit?")
    await visit.ask("/customer ABS001 promise 500 by Friday")
    await visit.ask("/customer ABS001")
    await gallery.pressed("aged-debt", "Aged debt", waits_for="31 to 60 days")


async def telling(gallery):
    """A channel hears of a hold, a rep asks for the release, and a controller decides."""
    visit = gallery.visit
    await gallery.as_("U0PRIYA", "C0SALES")
    await visit.ask("/sage subscribe holds,releases here")
    await visit.press("Join and subscribe")
    await expect(visit.last).to_contain_text("Subscription")
    await gallery.as_("U0CLARE")
    await visit.ask("/customer ABS001 hold Cheque returned")
    await gallery.as_("U0CLARE", "C0SALES")
    await gallery.message("alert", has="(ABS001) is on hold", posted=True)
    await gallery.as_("U0GEORGE")
    await visit.ask("/customer ABS001 request-release Paid this morning")
    await gallery.as_("U0CLARE")
    await gallery.message("request", has="asks to release")
    await gallery.modal("approve", "Approve")
    await gallery.home("home-controller", "U0CLARE", before="Your watches and subscriptions")
    await gallery.home("home-rep", "U0GEORGE", before="Help")
    await gallery.home("home-phone", "U0CLARE", before="Your watches and subscriptions", width=375, theme="dark")
    await gallery.home("home-admin", "U0PRIYA", after="This workspace")


async def objects(gallery):
    """One card in a channel, opened by two people; and the assistant's tools."""
    page = gallery.page
    await gallery.as_("U0CLARE", "C0SALES")
    alert = page.locator("button.object").last
    await alert.click()
    await page.locator("#beside dl").wait_for()
    await gallery.window("pane", width=1200)
    await gallery.as_("U0GARY", "C0SALES")
    await alert.click()
    await page.locator("#beside .refused").wait_for()
    await gallery.window("pane-guest", width=1200, height=560)
    await page.click("#assistant")
    await page.get_by_label("Tool").select_option(label="Look up a customer")
    await page.get_by_role("button", name="Ask as three people").click()
    await page.locator("#beside pre").nth(2).wait_for()
    await page.set_viewport_size({"width": 1000, "height": 1000})
    await gallery.taken("assistant", page.locator("#beside"))


async def later(gallery):
    """The list of a morning, the record, and an outage."""
    visit, page = gallery.visit, gallery.page
    await gallery.as_("U0PRIYA", "C0CREDIT")
    await page.request.post("/panel/invite", data={"channel": "C0CREDIT"})
    await visit.ask("/sage channel figures")
    await visit.ask("/sage subscribe debts here every day at 08:00")
    now = datetime.fromisoformat((await (await page.request.get("/panel/state")).json())["clock"]["now"])
    await page.request.post("/panel/clock", data={"hours": (8 - now.astimezone(LONDON).hour) % 24})
    await gallery.message("digest", has="verdue debt", posted=True)
    await gallery.as_("U0PRIYA")
    await page.request.post("/panel/site", data={"state": "offline"})
    await gallery.asked("outage", "/customer EAS002")


async def main() -> None:
    """All of them, in one demo."""
    with tempfile.TemporaryDirectory() as folder:
        async with connected(), demonstration(folder) as (_, address), chromium(base_url=address, **LOOK) as context:
            visit = Visit(context, await context.new_page())
            gallery = Gallery(visit)
            for part in (connecting, asking, telling, objects, later):
                await part(gallery)
    end_chromium()


if __name__ == "__main__":
    asyncio.run(main())

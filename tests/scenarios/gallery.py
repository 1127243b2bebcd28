"""The pictures in docs/pictures, taken from the demo: `.venv/bin/python -m tests.scenarios.gallery`.

Each is what the real product sent to the simulated Slack. It wants Chromium, and a font with emoji.
"""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from pathlib import Path

from PIL import Image

from tests.chromium import chromium
from tests.scenarios.new_user import Visit
from tests.scenarios.process import REPOSITORY
from tests.scenarios.test_demo import demonstration, install, say

FOLDER = REPOSITORY / "docs" / "pictures"
MOST_BYTES = 200_000
LOOK = {"viewport": {"width": 1000, "height": 1400}, "device_scale_factor": 1.5, "color_scheme": "light"}


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

    async def window(self, name):
        """The whole page, less high."""
        await self.page.set_viewport_size({"width": 1000, "height": 760})
        await self.taken(name, self.page)
        await self.page.set_viewport_size(LOOK["viewport"])

    async def home(self, name, user="U0PRIYA"):
        """The whole Home of somebody."""
        await self.visit.become(user)
        await self.visit.go("")
        await self.page.get_by_role("tab", name="Home").click()
        body = self.page.locator("#home .home-body")
        await body.get_by_text(re.compile("Help|I answer full members")).first.wait_for()
        await self.page.set_viewport_size({"width": 1000, "height": 2600})
        await self.taken(name, body)
        await self.page.set_viewport_size(LOOK["viewport"])

    async def home_modal(self, name, button):
        """The form behind a button of the Home that is open; closed again."""
        await self.page.locator("#home").get_by_role("button", name=button, exact=isinstance(button, str)).click()
        await self.modal_of(name)

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

    async def taken(self, name, found):
        """In 64 colours: text and plain areas lose nothing by it."""
        await self.page.mouse.move(0, 0)
        await self.page.wait_for_timeout(400)
        small = Image.open(io.BytesIO(await found.screenshot())).convert("RGB").quantize(64, dither=Image.Dither.NONE)
        file = Path(FOLDER / f"{name}.png")
        await asyncio.to_thread(small.save, file, optimize=True)
        if file.stat().st_size > MOST_BYTES:
            raise ValueError(f"{file.name} has more than {MOST_BYTES:,} bytes")


async def connecting(gallery):
    """As a newcomer, and then for good."""
    visit, page = gallery.visit, gallery.page
    await page.goto("/")
    await install(visit.context, page)
    await gallery.home("home-first")
    await gallery.home_modal("connect-form", re.compile("Connect"))
    await page.get_by_role("tab", name="Messages").click()
    await visit.begin("/", installed=True)


async def cards(gallery):
    visit = gallery.visit
    await visit.ask("/customer ABS001")
    await visit.comes_to("Overdue")
    await gallery.window("card")
    await gallery.message("customer")
    await gallery.pressed("aged-debt", "Aged debt", waits_for="31 to 60 days")
    await gallery.pressed("invoices", "Open invoices", waits_for="invoice")
    await gallery.pressed("contact", "Contact", waits_for="Telephone")
    await visit.ask("/customer FAR003")
    await gallery.pressed("orders", "Open orders", waits_for="open orders")
    await gallery.asked("order", "/customer ABS001 order 1500")
    await gallery.asked("several", "/customer motor")
    await gallery.asked("typing-error", "/customer ABSS001")
    await gallery.asked("on-hold", "/onhold")
    await gallery.asked("plain-english", "who is over their limit?")
    await gallery.asked("help", "/customer help")


async def finding(gallery):
    """The two shortcuts."""
    visit, page = gallery.visit, gallery.page
    await visit.go("C0SALES")
    await page.get_by_role("button", name="Shortcuts").click()
    await page.get_by_role("menuitem", name="Look up a customer").click()
    box = page.get_by_role("dialog").get_by_role("combobox")
    await box.press_sequentially("motor")
    await page.get_by_role("dialog").get_by_role("option").first.wait_for()
    await gallery.modal_of("find-form")
    await say(page, "Can ABS001 and THO002 have their parts today?")
    await page.locator("#messages .message", has_text="their parts today").last.hover()
    await page.locator("#messages").get_by_role("button", name="More actions").last.click()
    await page.get_by_role("menuitem", name="Find customers mentioned").click()
    await gallery.modal_of("mentioned")
    await visit.go("")


async def homes(gallery):
    """Of everybody, and the forms that an admin opens there."""
    visit = gallery.visit
    await visit.ask("/sage roles @clare controller")
    for name, user in (("home", "U0PRIYA"), ("home-controller", "U0CLARE"), ("home-sales", "U0GEORGE")):
        await gallery.home(name, user)
    for name, user in (("home-no-role", "U0BEN"), ("home-guest", "U0GARY")):
        await gallery.home(name, user)
    await visit.become("U0PRIYA")
    await visit.go("")
    await gallery.page.get_by_role("tab", name="Home").click()
    for name, button in (
        ("company-form", "Change company"),
        ("role-form", "Give a role"),
        ("customers-form", "Customers: whose are whose"),
        ("channel-form", "Channels: what a channel shows"),
        ("settings-form", "Settings: change them"),
        ("hand-over-form", "Hand over: whose Sage sign-in the workspace uses"),
    ):
        await gallery.home_modal(name, button)
    await gallery.page.get_by_role("tab", name="Messages").click()


async def people(gallery):
    visit = gallery.visit
    await visit.ask("/sage roles @george sales")
    await visit.ask("/sage roles @george customers rep:George")
    await gallery.asked("roles", "/sage roles")
    for user, channel, name in (("U0GARY", "C0SALES", "refused"), ("U0GEORGE", "", "not-yours")):
        await visit.become(user)
        await visit.go(channel)
        await gallery.asked(name, "/customer EAS002")
    await visit.become("U0PRIYA")
    await visit.go("")
    await visit.ask("/sage settings status-for-everyone on")
    await visit.become("U0BEN")
    await gallery.asked("status-only", "/customer ABS001")
    await visit.become("U0PRIYA")


async def news(gallery):
    visit, page = gallery.visit, gallery.page
    await visit.go("C0SALES")
    await visit.ask("/sage subscribe holds,releases here")
    await visit.press("Join and subscribe")
    await gallery.message("subscribed", has="Subscription 1")
    await say(page, "/sage subscribe")
    await gallery.modal_of("subscribe-form")
    await visit.ask("/customer ABS001")
    await gallery.modal("share", "Share")
    await gallery.modal("hold-form", "Put on hold")
    await visit.ask("/customer ABS001 hold Cheque returned")
    await gallery.message("alert-held", has="(ABS001) is on hold", posted=True)
    await visit.become("U0GEORGE")
    await visit.ask("/customer ABS001 request-release Paid this morning")
    await visit.become("U0PRIYA")
    await visit.go("")
    await gallery.message("request", has="asks to release")
    await gallery.modal("approve-form", "Approve")
    await gallery.modal("decline-form", "Decline")
    await visit.ask("/sage approve 1")
    await gallery.asked("record", "/sage audit")
    await visit.go("C0SALES")
    await gallery.message("alert-released", has="is off hold", posted=True)


async def an_outage(gallery):
    await gallery.page.request.post("/panel/site", data={"state": "offline"})
    await gallery.asked("copy", "/customer EAS002")


async def main() -> None:
    """All of them, in one demo."""
    with tempfile.TemporaryDirectory() as folder:
        async with demonstration(folder) as (_, address), chromium(base_url=address, **LOOK) as context:
            visit = Visit(context, await context.new_page())
            gallery = Gallery(visit)
            await connecting(gallery)
            for part in (cards, finding, people, homes, news, an_outage):
                await part(gallery)


if __name__ == "__main__":
    asyncio.run(main())

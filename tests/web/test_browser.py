"""A person's own browser, from the install page to the code page, on a phone's screen."""

from __future__ import annotations

import itertools
import re

from tests.chromium import IN_A_BROWSER, chromium
from tests.scenarios.stage import stage

pytestmark = IN_A_BROWSER
PHONE = {"viewport": {"width": 360, "height": 740}}


class Eyes:
    """What the browser complained about, and where it went."""

    def __init__(self, page, *, ours: str):
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", lambda said: self._note(said, ours))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.hosts.add(re.sub(r"^(https?://[^/:]+).*", r"\1", request.url)))

    def _note(self, said, ours):
        if said.type == "error" and said.location["url"].startswith(ours):
            self.complaints.append(said.text)


async def fits(page) -> bool:
    return await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def lines(page, selector) -> int:
    """How many lines of text an element takes."""
    return await page.evaluate(
        "selector => new Set([...document.querySelector(selector).getClientRects()].map(each => each.bottom)).size",
        selector,
    )


async def opens(page) -> tuple[str, str]:
    """Where the page's links to Slack lead: its own program, and the browser."""
    return tuple([await page.get_attribute(each, "href") for each in ("#open-slack", "#open-slack-web")])


OPENS = (
    "slack://app?team=T0ACME&id=A0SAGE200&tab=messages",
    "https://slack.com/app_redirect?app=A0SAGE200&team=T0ACME",
)


async def test_the_front_door_says_what_this_is_and_leads_to_the_installation(sqlite_url):
    async with stage(sqlite_url) as (office, _), chromium() as any_context:
        for width, scheme in itertools.product((360, 1280), ("light", "dark")):
            screen = {"width": width, "height": 740}
            context = await any_context.browser.new_context(viewport=screen, color_scheme=scheme)
            page = await context.new_page()
            eyes = Eyes(page, ours=office.public_url)
            answer = await page.goto(f"{office.public_url}/")
            assert (answer.status, answer.headers["content-security-policy"][:18]) == (200, "default-src 'none'")
            assert [await each.inner_text() for each in await page.query_selector_all("h2")] == ["Privacy", "Support"]
            assert await fits(page)
            assert eyes.complaints == []
            await page.click("text=Install in Slack")
            await page.wait_for_selector("#allow")


async def test_install_connect_and_verify_in_a_real_browser(sqlite_url):
    async with stage(sqlite_url) as (office, _), chromium(**PHONE) as context:
        page = await context.new_page()
        eyes = Eyes(page, ours=office.public_url)
        await page.goto(f"{office.public_url}/slack/install")
        await page.click("#allow")
        assert "Installed in" in await page.inner_text("h1")
        assert await fits(page)
        assert await opens(page) == OPENS

        await page.goto(office.link(await office.command("/sage", "connect")))
        assert "Priya" in await page.inner_text("main")
        assert "Acme Motor Factors" in await page.inner_text("main")
        assert await fits(page)
        await page.click("#continue-to-sage button")
        await page.get_by_label(re.compile("George")).check()
        await page.click("#allow")
        code = await page.inner_text("#verification-code")
        assert await fits(page)
        assert await opens(page) == OPENS
        assert await lines(page, ".command .whole") == 1
        await page.click("#verification-code")
        assert await page.evaluate("getSelection().toString()") == f"/sage verify {code}"

        assert "Connected to" in (await office.command("/sage", f"verify {code}")).text
        assert (eyes.complaints, eyes.hosts) == ([], {"http://127.0.0.1"})


async def test_declining_and_going_back_are_explained(sqlite_url):
    async with stage(sqlite_url) as (office, _), chromium(**PHONE) as context:
        page = await context.new_page()
        await office.install()
        link = office.link(await office.command("/sage", "connect"))
        await page.goto(link)
        await page.click("#continue-to-sage button")
        await page.click("#decline")
        assert "cancelled at Sage ID" in await page.inner_text("#reason")
        await page.goto(link)
        assert "already been used" in await page.inner_text("#reason")
        assert await fits(page)


async def test_the_keyboard_alone_is_enough(sqlite_url):
    async with stage(sqlite_url) as (office, _), chromium(**PHONE) as context:
        page = await context.new_page()
        await office.install()
        await page.goto(office.link(await office.command("/sage", "connect")))
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#allow")

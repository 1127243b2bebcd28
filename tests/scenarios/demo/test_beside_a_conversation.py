"""The demo's page beside the real product: one object opened by three people, and one tool asked for by three."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.chromium import IN_A_BROWSER, chromium
from tests.scenarios.customers.test_reach import BOT
from tests.scenarios.customers.test_work_objects import shared
from tests.scenarios.demo.new_user import Visit
from tests.scenarios.furnished import read_ledger
from tests.scenarios.stage import stage

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(240)]
SCREEN = {"viewport": {"width": 1200, "height": 900}}


async def furnish(office):
    """Priya's sign-in answers and a card is in #sales."""
    await office.install()
    await office.connect()
    office.slack.workspaces["T0ACME"].channels["C0SALES"].members.add(BOT)
    await read_ledger(office)
    await shared(office)


async def opened(visit, user):
    await visit.become(user)
    await visit.go("C0SALES")
    await visit.page.locator("button.object").click()
    return visit.page.get_by_role("complementary", name="ABS Garages Ltd")


async def test_each_person_is_shown_what_they_may_see(sqlite_url):
    async with stage(sqlite_url, SLACK_WORK_OBJECTS="true") as (office, url), chromium(**SCREEN) as context:
        await furnish(office)
        visit = Visit(context, await context.new_page())
        page = visit.page
        await page.goto(url)
        await page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
        pane = await opened(visit, "U0PRIYA")
        await expect(pane).to_contain_text("£2,464.16")
        await visit.judged("pane")
        await pane.get_by_role("button", name="Aged debt").click()
        await expect(page.locator("[data-channel=D0PRIYA] .new")).to_be_visible()
        pane = await opened(visit, "U0GEORGE")
        await expect(pane.get_by_role("link", name="Connect")).to_be_visible()
        await expect(pane).not_to_contain_text("£")
        pane = await opened(visit, "U0GARY")
        await expect(pane).to_contain_text("only for full members")
        await page.keyboard.press("Escape")
        await expect(page.locator("button.object")).to_be_focused()

        await page.click("#assistant")
        await page.get_by_label("Tool").select_option(label="Look up a customer")
        await page.get_by_role("button", name="Ask as three people").click()
        answers = page.locator("#beside pre")
        await expect(answers.nth(0)).to_contain_text("£2,464.16")
        await expect(answers.nth(1)).to_contain_text("/sage/connect/")
        await expect(answers.nth(2)).to_contain_text("only for full members")
        await visit.judged("assistant")
        assert visit.faults == []

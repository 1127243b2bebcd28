"""The demo's tour against the real product, in a real browser: by the mouse once, and by the keyboard alone.

With SCENES set, pictures of every scene are left in build/scenes: light and dark, wide and narrow.
"""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.chromium import IN_A_BROWSER, chromium
from tests.scenarios.demo.demonstration import demonstration
from tests.scenarios.demo.new_user import EVERY_LOOK, Visit

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(240)]


async def test_the_tour_is_walked_and_begun_again(tmp_path):
    async with demonstration(tmp_path) as (_, address), chromium(viewport={"width": 1200, "height": 800}) as context:
        visit = Visit(context, await context.new_page())
        await connecting(visit, address)
        await asking(visit)
        await chasing(visit)
        await being_refused(visit)
        await subscribing(visit)
        await holding(visit)
        await releasing(visit)
        await an_outage(visit)
        await beginning_again(visit)
        assert visit.faults == []


async def connecting(visit, address):
    await visit.page.goto(address)
    await visit.comes_to("Connect")
    await visit.picture("connect-0-nothing-installed", looks=EVERY_LOOK)
    await visit.begin(address)
    await visit.picture("connect-1-company-chosen")
    await visit.comes_to("Ask")


async def asking(visit):
    card = await visit.ask("/customer ABS001")
    for fact in ("ABS Garages Ltd", "£2,464.16", "£4,000.00", "Not on hold", "Only visible to you"):
        assert fact in card
    top = await visit.page.evaluate(
        "document.querySelector('.message:last-child').getBoundingClientRect().top"
        " - document.querySelector('#messages').getBoundingClientRect().top"
    )
    assert top >= -1, "the answer begins in view"
    await visit.picture("ask-card", looks=EVERY_LOOK)
    await visit.judged("card")
    await visit.press("Aged debt")
    await visit.page.get_by_role("img", name="Aged debt of ABS001").wait_for()
    await expect(visit.page.locator("#messages table")).to_contain_text("31 to 60 days")
    await visit.picture("ask-aged-debt")
    assert "accounts on hold" in await visit.ask("/onhold")
    await visit.picture("ask-on-hold")
    assert "Did you mean" in await visit.ask("/customer ABSS001")
    await visit.picture("ask-typing-error")
    await visit.comes_to("Overdue")


async def chasing(visit):
    while "being read" in (listed := await visit.ask("/overdue")):
        pass  # the open items are read after the customers, in some seconds
    assert "accounts overdue in" in listed
    await visit.picture("overdue", looks=EVERY_LOOK)
    await visit.judged("overdue")
    suggested = await visit.ask("/overdue suggested")
    assert "suggested for a hold" in suggested
    assert "Snooze" in suggested
    await visit.picture("overdue-suggested")
    await visit.comes_to("Be refused")


async def being_refused(visit):
    for user, channel, picture in (("U0GARY", "C0SALES", "guest"), ("U0SAM", "C0PARTNERS", "stranger")):
        await visit.become(user)
        await visit.go(channel)
        refusal = await visit.ask("/customer ABS001")
        assert "full members" in refusal
        assert "£" not in refusal
        await visit.picture(f"refused-{picture}")
    await visit.become("U0PRIYA")
    assert "is now in sales" in await visit.ask("/sage roles @ben sales")
    assert "own customers" in await visit.ask('/sage roles @ben customers "sales rep":Dev')
    await visit.picture("roles")
    await visit.become("U0BEN")
    await told_of_their_role(visit)
    refusal = await visit.ask("/customer ABS001")
    assert "isn't one of your customers" in refusal
    assert "£" not in refusal
    await visit.picture("refused-rep-of-another-region")
    await visit.become("U0PRIYA")
    await visit.comes_to("Subscribe")


async def subscribing(visit):
    await visit.go("C0SALES")
    assert "isn't in that channel" in await visit.ask("/sage subscribe holds,releases here")
    await visit.picture("subscribe-0-join")
    await visit.press("Join and subscribe")
    await expect(visit.last).to_contain_text(re.compile(r"Subscription \d"))
    await visit.picture("subscribe-1-done")
    await visit.comes_to("Hold")


async def holding(visit):
    page = visit.page
    await page.click("#sage-button")
    await page.get_by_role("button", name=re.compile("ABS001")).click()
    await page.get_by_role("button", name="Put on hold", exact=True).click()
    alert = page.locator("#messages .message", has_text="ABS Garages Ltd (ABS001) is on hold")
    await expect(alert).to_be_visible()
    await expect(alert).not_to_contain_text("£")
    await visit.picture("hold-0-panel", looks=EVERY_LOOK)
    await visit.judged("panel")
    await page.keyboard.press("Escape")
    await visit.picture("hold-1-alert")
    await visit.comes_to("Release")


async def told_of_their_role(visit):
    """Before anything is asked, so that the answer is the latest message."""
    told = visit.page.locator("#messages .message", has_text="made you a member of sales").last
    await expect(told).to_be_visible()


async def releasing(visit):
    page = visit.page
    await visit.go("")
    await expect(page.locator("#prompts")).to_contain_text("on hold")
    assert "is now in sales" in await visit.ask("/sage roles @george sales")
    assert "own customers" in await visit.ask("/sage roles @george customers rep:George")
    await visit.become("U0GEORGE")
    await told_of_their_role(visit)
    assert "Sent to credit control" in await visit.ask("/customer ABS001 request-release Paid this morning")
    await visit.picture("release-0-asked")
    await visit.become("U0PRIYA")
    await visit.go("")
    request = page.locator("#messages .message", has_text="asks to release").last
    await request.get_by_role("button", name="Approve").click()
    await page.get_by_role("dialog").wait_for()
    await visit.picture("release-1-form")
    await visit.judged("form")
    await page.get_by_role("dialog").get_by_role("textbox", name="Reason").fill("Seen in the bank")
    await page.get_by_role("dialog").locator("button[type=submit]").click()
    await expect(request).to_contain_text("Approved by")
    await visit.picture("release-2-approved")
    await visit.go("C0SALES")
    alert = page.locator("#messages .message", has_text="ABS Garages Ltd (ABS001)").last
    await expect(alert).to_contain_text("Released")
    await expect(alert).to_contain_text("(edited)")
    await visit.picture("release-3-card-edited")
    await visit.comes_to("Outage")


async def an_outage(visit):
    page = visit.page
    await page.click("#sage-button")
    await page.get_by_role("button", name="Offline").click()
    await expect(page.locator(".panel-said")).to_contain_text("504")
    await page.click("#sage-button")
    answer = await visit.ask("/customer EAS002")
    assert "Sage 200 did not answer" in answer
    assert "Figures as at today" in answer
    await visit.picture("outage")
    await page.locator(".tour-title", has_text="8 of 8 done").wait_for()
    await page.get_by_role("button", name="Turn Sage 200 on again").click()
    await expect(page.locator("#toast")).to_contain_text("works again")
    await visit.page.click("text=All steps")
    await visit.picture("tour-all-steps", looks=EVERY_LOOK)
    await visit.judged("tour")


async def beginning_again(visit):
    page = visit.page
    await page.click("#sage-button")
    await page.get_by_role("button", name="Reset", exact=True).click()
    await expect(page.locator("#install")).to_be_visible()
    await visit.comes_to("Connect")
    await visit.picture("reset")


async def test_the_keyboard_alone_is_enough(tmp_path):
    async with demonstration(tmp_path) as (_, address), chromium(viewport={"width": 1200, "height": 800}) as context:
        visit = Visit(context, await context.new_page())
        page, keys = visit.page, visit.page.keyboard
        await page.goto(address)
        await visit.comes_to("Connect")
        tab = await opened(visit, "Install the app")
        await enter(tab, "Allow")
        await tab.wait_for_selector("text=Installed in")
        await tab.close()
        await typed(visit, "/sage connect")
        await page.locator("#messages a", has_text="Continue to Sage ID").wait_for()
        tab = await opened(visit, "Continue to Sage ID")
        await enter(tab, "Continue to Sage ID")
        await tab.get_by_role("radio").first.wait_for()
        await reach(tab, "", selector="[type=radio]")
        await chosen(tab, "George")
        await enter(tab, "Allow")
        code = await tab.inner_text("#verification-code")
        await tab.close()
        await enter(page, "Enter the code")
        await page.get_by_role("dialog").wait_for()
        await visit.picture("keyboard-modal")
        await visit.judged("modal")
        await keys.type(code)
        await keys.press("Enter")
        await page.wait_for_selector("text=Connected to")
        await typed(visit, "/customer ABS001")
        await page.wait_for_selector("text=£2,464.16")
        await enter(page, "Open invoices")
        await expect(visit.last).to_contain_text("invoice")
        await visit.picture("keyboard-focus-on-a-card")
        await enter(page, "Sage 200")
        await reach(page, "ABS001")
        await keys.press("Enter")
        await enter(page, "Put on hold")
        await expect(page.locator(".panel-said")).to_contain_text("on hold now")
        await keys.press("Escape")
        await typed(visit, "/onhold garages")
        await expect(visit.last).to_contain_text("ABS001")
        assert visit.faults == []


async def typed(visit, words):
    await reach(visit.page, "", selector="#words")
    await visit.page.keyboard.type(words)
    await visit.page.keyboard.press("Escape")
    await visit.page.keyboard.press("Enter")


async def chosen(tab, name):
    """Of the buttons one of which is pressed, by the arrow keys."""
    for _ in range(20):
        if name in await tab.evaluate("document.activeElement.labels[0].innerText"):
            return await tab.keyboard.press("Space")
        await tab.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrow keys do not come to {name!r}")


async def enter(page, name):
    await reach(page, name)
    await page.keyboard.press("Enter")


async def opened(visit, name):
    async with visit.context.expect_page() as opening:
        await enter(visit.page, name)
    return await opening.value


async def reach(page, name, *, selector="a, button, input"):
    """Tab until what has the focus is called so; the last of them in a list of messages."""
    for _ in range(150):
        is_there = await page.evaluate(
            """([name, selector]) => {
                const here = document.activeElement;
                const words = here?.labels?.[0]?.innerText ?? here?.innerText ?? "";
                return Boolean(here?.matches(selector)) && words.trim().startsWith(name) && !here.closest("[inert]");
            }""",
            [name, selector],
        )
        if is_there:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not come to {name!r}")

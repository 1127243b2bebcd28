"""The demo's page in a real Chromium: what apps send is shown, never obeyed, and everything can be done by keyboard."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvicorn
from playwright.async_api import expect
from starlette.responses import JSONResponse, PlainTextResponse

from tests.chromium import IN_A_BROWSER, chromium
from tests.sandbox.slack.fixtures import actions, button, menu, modal, mrkdwn, option, plain
from tests.sandbox.slack.test_page import Demo

HOSTILE = (
    '<img src=x onerror="document.title=1">&lt;b&gt; *<https://x.test/?a=1&amp;b=2|bold link>* '
    "<javascript:alert(1)|run> `a &lt; b`"
)

pytestmark = IN_A_BROWSER


@asynccontextmanager
async def serving(app):
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def looking(demo, **context):
    """A page on the demo; it fails the test when the page's own script fails."""
    failures = []
    async with serving(demo.sandbox.app) as url, chromium(**context) as browser:
        page = await browser.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        await page.goto(url)
        yield page
    assert failures == []


@pytest.fixture
def demo():
    made = Demo()
    made.slack.install("T0ACME")
    return made


async def answered(demo, *blocks, text="words"):
    """A private answer of the app's to Priya, in her conversation with it."""
    await demo.screen()
    await demo.say("/customer", channel="D0PRIYA")
    url = demo.product.got[-1]["response_url"].removeprefix("http://127.0.0.1:9")
    assert (await demo.http.post(url, json={"text": text, "blocks": list(blocks)})).text == "ok"


async def test_what_an_app_sends_is_never_read_as_html(demo):
    await answered(demo, {"type": "section", "text": mrkdwn(HOSTILE)}, {"type": "header", "text": plain("<b>Ltd</b>")})
    async with looking(demo) as page:
        message = page.locator(".message")
        await expect(message).to_contain_text("<b>Ltd</b>")
        await expect(message.locator("img")).to_have_count(0)
        await expect(message.locator("a")).to_have_attribute("href", "https://x.test/?a=1&b=2")
        await expect(message.locator("code")).to_have_text("a < b")
        assert await page.title() == "DEMO · Sage 200 for Slack"


async def test_an_answer_is_marked_as_private(demo):
    await answered(demo, text="hush")
    async with looking(demo) as page:
        await expect(page.locator(".message")).to_contain_text("Only visible to you")


async def test_a_command_is_completed_and_sent_by_keyboard(demo):
    async with looking(demo) as page:
        await page.get_by_role("combobox", name="Message in Sage 200").press_sequentially("/sage co")
        await expect(page.get_by_role("listbox", name="Commands").get_by_role("option")).to_have_count(2)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(page.locator("#words")).to_have_value("")
        await arrived(demo, lambda got: (got.get("command"), got.get("text")) == ("/sage", "connect"))


async def test_a_button_and_a_menu_tell_the_app(demo):
    await answered(demo, actions(button("go", "Go"), menu(option("s", "Small"), option("l", "Large"))))
    async with looking(demo) as page:
        await page.get_by_role("button", name="Go").click()
        await arrived(demo, lambda got: got.get("actions", [{}])[0].get("action_id") == "go")
        await page.locator(".messages select").select_option("l")
        await arrived(demo, lambda got: got.get("actions", [{}])[0].get("selected_option") == option("l", "Large"))


async def test_a_modal_says_what_is_wrong_and_then_closes(demo):
    async with looking(demo) as page:
        await demo.say("/customer", channel="D0PRIYA")
        body = {"trigger_id": demo.product.got[-1]["trigger_id"], "view": modal()}
        token = demo.slack.install("T0ACME")
        await demo.http.post("/slack/api/views.open", json=body, headers={"Authorization": f"Bearer {token}"})
        demo.product.answer = JSONResponse({"response_action": "errors", "errors": {"code": "Not that one."}})
        await page.get_by_label("Code").fill("ZZZ999")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_contain_text("Not that one.")
        demo.product.answer = PlainTextResponse("")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390, 1400])
async def test_nothing_is_cut_off_at_any_width(demo, width):
    await answered(demo, {"type": "section", "text": mrkdwn("x" * 400)}, actions(button(text="A button of many words")))
    async with looking(demo, viewport={"width": width, "height": 700}) as page:
        await expect(page.locator(".message")).to_be_visible()
        await page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")


async def test_the_first_screen_offers_the_installation():
    async with looking(Demo()) as page:
        link = page.get_by_role("link", name="Install the app")
        await expect(link).to_have_attribute("href", "http://app.test/slack/install")
        await expect(page.locator("#words")).not_to_be_visible()


async def test_people_see_only_what_is_theirs(demo):
    await answered(demo, text="for Priya")
    async with looking(demo) as page:
        await expect(page.locator(".message")).to_contain_text("for Priya")
        await page.get_by_label("You are").select_option("U0GEORGE")
        await expect(page.locator(".message")).to_have_count(0)
        await expect(page.locator(".empty")).to_contain_text("/sage connect")


async def arrived(demo, like):
    """Until the app got something like that; the test's own time limit ends the wait."""
    while not any(like(got) for got in demo.product.got):
        await asyncio.sleep(0.01)

"""Around the conversations: the panel's place, pictures and files, the keyboard's way in, colours, widths, axe."""

from __future__ import annotations

import base64

import pytest
from playwright.async_api import expect

from tests.chromium import IN_A_BROWSER
from tests.sandbox.axe import axe_script, grave_faults
from tests.sandbox.page.play import HOME, Office, windows
from tests.sandbox.slack.fixtures import actions, asking, button, modal, section
from tests.sandbox.slack.test_native import chart, pie, table

pytestmark = IN_A_BROWSER
PIXEL = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
EXTERNAL = {"type": "external_select", "action_id": "find"}
PANEL = """export async function mount(element, api) {
  element.append(api.currentUser());
  api.on("user", (user) => element.append(` ${user}`));
  await api.switchTo("U0BEN");
  api.openChannel("C0SOUTH");
  api.compose("/customer ABS001");
}"""


@pytest.fixture
def office():
    return Office()


async def test_a_missing_panel_leaves_the_page_working(office):
    async with windows(office, "U0PRIYA") as (page,):
        await page.route("**/panel/*", lambda route: route.abort())
        await page.get_by_role("button", name="Sage 200", exact=True).first.click()
        await expect(page.locator("#toast")).to_contain_text("panel is not here")
        await expect(page.locator("#sage-panel")).to_be_hidden()
        await page.fill("#words", "still here")
        await page.press("#words", "Enter")
        await expect(page.locator(".message")).to_have_count(1)


async def test_the_panel_is_mounted_once_and_can_lead_the_page(office):
    async with windows(office, "U0PRIYA") as (page,):
        await page.route("**/panel/panel.js", lambda route: route.fulfill(body=PANEL, content_type="text/javascript"))
        press = page.get_by_role("button", name="Sage 200", exact=True).first
        await press.click()
        await expect(page.locator("#sage-panel")).to_have_text("U0PRIYA U0BEN")
        await expect(page.locator("#room-title")).to_have_text("# sales-south")
        await expect(page.locator("#words")).to_have_value("/customer ABS001")
        for _ in range(2):
            await press.click()
        await expect(page.locator("#sage-panel")).to_have_text("U0PRIYA U0BEN")


async def test_pictures_are_shown_and_files_kept(office):
    identity = await office.shared("chart.png", PIXEL)
    await office.shared("on-hold.csv", b"a,b")
    held = {"type": "image", "slack_file": {"id": identity}, "alt_text": "Aged debt"}
    await office.posted(held)
    async with windows(office, "U0GARY") as (page,):
        for name in ("chart.png", "Aged debt"):
            await expect(page.get_by_role("img", name=name)).to_have_js_property("naturalWidth", 1)
        async with page.expect_download() as got:
            await page.get_by_role("link", name="on-hold.csv").click()
        assert (await got.value).suggested_filename == "on-hold.csv"


async def test_dates_are_told_by_the_demos_clock_in_the_viewers_zone(office):
    office.slack.workspaces["T0ACME"].users["U0BEN"].tz = "Asia/Tokyo"
    moment = int(office.slack.state.clock().timestamp())
    await office.posted(section(f"<!date^{moment}^{{date_short_pretty}} {{time}}|then>"))
    async with windows(office, "U0PRIYA", "U0BEN") as pages:
        for page, time in zip(pages, ("09:00", "18:00"), strict=True):
            await expect(page.locator(".message .words")).to_have_text(f"today {time}")
            await expect(page.locator(".message .by time")).to_have_text(time)


async def test_the_first_tab_skips_to_where_one_types(office):
    async with windows(office, "U0PRIYA") as (page,):
        await page.reload()
        await page.locator("#room-title").wait_for()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#words")).to_be_focused()


async def test_the_colours_are_remembered(office):
    async with windows(office, "U0PRIYA", color_scheme="light") as (page,):
        paper = "getComputedStyle(document.body).backgroundColor"
        light = await page.evaluate(paper)
        await page.get_by_role("button", name="Colours: system").click()
        assert await page.evaluate(paper) != light
        await page.reload()
        await page.get_by_role("button", name="Colours: dark").wait_for()
        assert await page.evaluate(paper) != light


async def test_on_a_narrow_screen_the_side_slides_in(office):
    async with windows(office, "U0PRIYA", viewport={"width": 380, "height": 700}) as (page,):
        await expect(page.get_by_label("You are")).to_be_hidden()
        await page.get_by_role("button", name="Conversations").press("Enter")
        await expect(page.get_by_label("You are")).to_be_focused()
        await page.get_by_role("button", name="credit-control (private)").press("Enter")
        await expect(page.locator("#side")).to_be_hidden()
        await expect(page.locator("#room-title")).to_have_text("# credit-control")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_news_is_told_of_by_a_button_and_an_answer_comes_into_view(office):
    for number in range(30):
        await office.posted(section(f"message {number}"))
    async with windows(office, "U0PRIYA") as (page,):
        newest = page.locator("#messages .message").last
        await expect(newest).to_be_in_viewport()
        await page.locator("#messages").hover()
        await page.mouse.wheel(0, -3000)
        await expect(newest).not_to_be_in_viewport()
        await office.posted(section("news"))
        newer = page.get_by_role("button", name="New messages")
        await newer.wait_for()
        await expect(newest).not_to_be_in_viewport()
        await newer.click()
        await expect(newest).to_be_in_viewport()
        await expect(newer).to_be_hidden()
        await page.locator("#messages").hover()
        await page.mouse.wheel(0, -3000)
        await page.fill("#words", "/customer ABS001")
        await page.press("#words", "Enter")
        await office.posted(section("the answer"))
        await expect(newest).to_contain_text("the answer")
        await expect(newest).to_be_in_viewport()


async def test_days_are_told_apart(office):
    await office.posted(section("before"))
    office.slack.state.messages.every[-1].ts = f"{int(office.slack.state.clock().timestamp()) - 86_400}.000001"
    await office.posted(section("now"))
    async with windows(office, "U0PRIYA") as (page,):
        await expect(page.locator(".day")).to_have_text(["Yesterday", "Today"])


async def test_a_table_is_sorted_filtered_and_paged_by_its_reader_and_a_chart_says_its_numbers(office):
    cells = [
        [{"type": "raw_text", "text": f"A{n:02}"}, {"type": "raw_number", "value": n % 7, "text": f"£{n % 7}"}]
        for n in range(12)
    ]
    head = [{"type": "raw_text", "text": "Account"}, {"type": "raw_text", "text": "Balance"}]
    await office.posted(chart(), table(rows=[head, *cells], page_size=5))
    async with windows(office, "U0PRIYA") as (page,):
        first = page.locator("table.data tbody tr")
        await expect(first).to_have_count(5)
        await page.get_by_role("button", name="Balance").click()
        await expect(page.locator("[aria-sort=ascending]")).to_have_text("Balance")
        await expect(first.first).to_have_text("A00£0")
        await page.get_by_role("button", name="Balance").click()
        await expect(first.first).to_have_text("A06£6")
        await page.get_by_role("button", name="Further rows").click()
        await expect(page.get_by_text("6–10 of 12")).to_be_visible()
        await page.get_by_label("Filter: Accounts").fill("a1")
        await expect(first).to_have_count(2)
        await expect(page.get_by_role("img", name="Aged debt: Current -1; Old 2.5")).to_be_visible()
    assert office.clicked() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_grave(office, theme):
    axe_script()
    of_colours = theme == "dark"
    ts = await office.posted(
        section("card", accessory=EXTERNAL), actions(button(style="danger"), button("b", style="primary"))
    )
    await office.posted(chart(), table(), pie())
    await office.posted(section("a reply"), thread_ts=ts)
    await office.api("views.publish", user_id="U0PRIYA", view=HOME)
    async with windows(office, "U0PRIYA", color_scheme=theme) as (page,):
        await page.get_by_role("button", name="1 reply").click()
        faults = {"thread": await grave_faults(page, of_colours=of_colours)}
        await page.locator("#apps button").click()
        await page.get_by_role("tab", name="Home").click()
        faults["home"] = await grave_faults(page, of_colours=of_colours)
        await office.opened(modal(asking(), {**asking(), "block_id": "who", "element": EXTERNAL}))
        await page.get_by_role("dialog").wait_for()
        faults["modal"] = await grave_faults(page, of_colours=of_colours)
        assert faults == {"thread": [], "home": [], "modal": []}


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_grave_in_tour_and_panel(office, theme):
    axe_script()
    async with windows(office, "U0PRIYA", color_scheme=theme) as (page,):
        await page.get_by_role("button", name="All steps").click()
        await page.get_by_role("button", name="Sage 200", exact=True).first.click()
        await page.get_by_role("button", name="ABS001").first.click()
        assert await grave_faults(page) == []
        # The page's own switch counts for both, whatever the system has.
        other = "dark" if theme == "light" else "light"
        await page.evaluate("other => document.documentElement.dataset.theme = other", other)
        assert await grave_faults(page, of_colours=True) == []

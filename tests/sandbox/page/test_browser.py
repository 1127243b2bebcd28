"""The page as a chat client, in a real Chromium: people, threads, pickers, modals, home tab, live updates."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from starlette.responses import JSONResponse, PlainTextResponse

from tests.chromium import IN_A_BROWSER
from tests.sandbox.page.play import HOME, RELEASE, Office, windows
from tests.sandbox.slack.fixtures import actions, asking, button, modal, option, plain, section
from tests.sandbox.slack.test_browser import arrived

pytestmark = IN_A_BROWSER
EXTERNAL = {"type": "external_select", "action_id": "find", "placeholder": plain("Find a customer")}
FOUND = JSONResponse({"options": [option("ABS001", "ABS Garages Ltd"), option("BRI004", "Brighton Motors")]})


@pytest.fixture
def office():
    return Office()


async def test_each_person_sees_their_own_channels(office):
    async with windows(office, "U0PRIYA", "U0BEN", "U0GARY") as (priya, ben, guest):
        expected = {
            priya: ["general", "sales", "credit-control", "sales-north", "sales-south", "partners"],
            ben: ["general", "sales", "sales-north", "sales-south", "partners"],
            guest: ["sales"],
        }
        for page, names in expected.items():
            await expect(page.locator("#channels .channel-name")).to_have_text(names)


async def test_what_one_says_arrives_in_the_others_window_without_a_reload(office):
    async with windows(office, "U0PRIYA", "U0GEORGE") as (priya, george):
        await priya.get_by_role("combobox", name="Message in sales").press_sequentially("Morning @geo")
        await priya.keyboard.press("Enter")
        await priya.keyboard.press("Enter")
        for page in (priya, george):
            await expect(page.locator(".message .mention")).to_have_text("@George Hall")
        await expect(george.locator("#news")).to_contain_text("Priya Shah")


async def test_a_lost_stream_is_taken_up_again(office):
    async with windows(office, "U0PRIYA") as (page,):
        office.sandbox.live.close()
        await expect(page.locator("#toast")).to_contain_text("not answering")
        office.sandbox.live.is_closing = False
        await office.posted(section(), text="back")
        await expect(page.locator(".message")).to_have_count(1)
        await expect(page.locator("#toast")).to_be_hidden()


async def test_a_command_with_a_person_in_it_is_sent_with_their_id(office):
    async with windows(office, "U0PRIYA") as (page,):
        await page.get_by_role("combobox", name="Message in sales").press_sequentially("/sage handover @be")
        await expect(page.get_by_role("listbox", name="People and channels").get_by_role("option")).to_have_count(1)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await arrived(office, lambda got: got.get("text") == "handover <@U0BEN|ben>")


async def test_shift_and_enter_begin_a_new_line(office):
    async with windows(office, "U0PRIYA") as (page,):
        await page.fill("#words", "one")
        await page.press("#words", "Shift+Enter")
        await page.locator("#words").press_sequentially("two")
        await page.press("#words", "Enter")
        await expect(page.locator(".message .plain")).to_have_text("one\ntwo")


async def test_a_reply_stays_in_its_thread(office):
    ts = await office.posted(section("the card"))
    async with windows(office, "U0PRIYA") as (page,):
        await page.locator(".message").hover()
        await page.get_by_role("button", name="Reply in thread").click()
        await page.get_by_role("combobox", name="Reply in this thread").fill("chased")
        await page.keyboard.press("Enter")
        await expect(page.locator("#thread-messages .message")).to_have_count(2)
        await expect(page.locator("#messages .message")).to_have_count(1)
        await page.keyboard.press("Escape")
        await expect(page.locator("#thread")).to_be_hidden()
        await expect(page.get_by_role("button", name="1 reply")).to_be_visible()
        assert office.slack.messages[-1].thread_ts == ts


async def test_the_app_is_asked_while_one_types_into_its_menu(office):
    await office.posted(actions({**EXTERNAL, "min_query_length": 2}))
    office.product.answer = FOUND
    async with windows(office, "U0PRIYA") as (page,):
        box = page.get_by_role("combobox", name="Find a customer")
        await box.press_sequentially("br")
        await arrived(office, lambda got: (got.get("type"), got.get("value")) == ("block_suggestion", "br"))
        await page.get_by_role("option", name="Brighton Motors").wait_for()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(box).to_have_value("Brighton Motors")
        await arrived(office, lambda got: got.get("type") == "block_actions")
        assert office.clicked()[-1]["selected_option"] == option("BRI004", "Brighton Motors")


async def test_a_button_asks_first_when_the_app_says_so(office):
    await office.posted(actions(button("release", "Release", confirm=RELEASE)))
    async with windows(office, "U0PRIYA") as (page,):
        await page.get_by_role("button", name="Release").click()
        await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        await expect(page.get_by_role("button", name="Release")).to_be_focused()
        assert office.clicked() == []
        await page.keyboard.press("Enter")
        await page.get_by_role("dialog").get_by_role("button", name="Release").click()
        await arrived(office, lambda got: got.get("type") == "block_actions")


async def test_a_modal_wants_its_fields_says_what_is_wrong_and_gives_the_focus_back(office):
    several = {
        "type": "multi_static_select",
        "action_id": "kinds",
        "placeholder": plain("Kinds"),
        "options": [option("h", "Held"), option("r", "Released")],
    }
    kinds = {"type": "input", "block_id": "kinds", "label": plain("Which"), "element": several}
    async with windows(office, "U0PRIYA") as (page,):
        await page.focus("#words")
        await office.opened(modal(asking(), kinds))
        await page.get_by_role("dialog").get_by_role("button", name="Send").click()
        await expect(page.locator(".error:visible")).to_have_count(2)
        await page.get_by_label("Code").fill("ABC234")
        await page.get_by_label("Which").click()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        office.product.answer = JSONResponse({"response_action": "errors", "errors": {"code": "Not that one."}})
        await page.get_by_label("Code").press("Enter")
        await expect(page.locator(".error:visible")).to_have_text(["Not that one."])
        chosen = office.product.got[-1]["view"]["state"]["values"]["kinds"]["kinds"]["selected_options"]
        assert chosen == [option("r", "Released")]
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page.locator("#words")).to_be_focused()


async def test_another_modal_on_top_and_back(office):
    async with windows(office, "U0PRIYA") as (page,):
        await office.opened(modal(asking(), title=plain("Below")))
        pushed = modal(section("deeper"), title=plain("Above"))
        office.product.answer = JSONResponse({"response_action": "push", "view": pushed})
        await page.get_by_label("Code").fill("ABC234")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog", name="Above")).to_be_visible()
        office.product.answer = PlainTextResponse("")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog", name="Below")).to_be_visible()


async def test_what_was_typed_survives_an_update_of_the_modal(office):
    async with windows(office, "U0PRIYA") as (page,):
        view_id = await office.opened(modal())
        await page.get_by_label("Code").fill("half")
        await office.api("views.update", view_id=view_id, view=modal(section("new words"), asking()))
        await expect(page.get_by_role("dialog")).to_contain_text("new words")
        await expect(page.get_by_label("Code")).to_have_value("half")


async def test_the_home_tab_is_shown_as_published_and_its_buttons_work(office):
    async with windows(office, "U0PRIYA") as (page,):
        await page.locator("#apps button").click()
        await page.get_by_role("tab", name="Home").click()
        await expect(page.locator("#home")).to_contain_text("nothing here yet")
        await office.api("views.publish", user_id="U0PRIYA", view=HOME)
        await page.get_by_role("button", name="Settings").click()
        await arrived(office, lambda got: got.get("actions", [{}])[0].get("action_id") == "settings")


async def test_a_message_has_the_apps_shortcuts(office):
    await office.say("ABS001 wants more", user="U0GEORGE")
    async with windows(office, "U0PRIYA") as (page,):
        await page.locator(".message").hover()
        await page.get_by_role("button", name="More actions").click()
        await page.keyboard.press("Enter")
        await arrived(office, lambda got: (got.get("type"), got.get("callback_id")) == ("message_action", "check"))
        assert office.product.got[-1]["message"]["text"] == "ABS001 wants more"


async def test_suggested_prompts_are_said_at_a_click(office):
    prompts = [{"title": "Who is on hold?", "message": "who is on hold"}]
    await office.api("assistant.threads.setSuggestedPrompts", channel_id="U0PRIYA", prompts=prompts)
    async with windows(office, "U0PRIYA") as (page,):
        await page.locator("#apps button").click()
        await page.get_by_role("button", name="Who is on hold?").click()
        await arrived(office, lambda got: got.get("event", {}).get("text") == "who is on hold")

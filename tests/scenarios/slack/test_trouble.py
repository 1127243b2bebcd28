"""When something is wrong: slow, repeated, forged, unknown, hostile."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from tests.connected_app import PUBLIC_URL
from tests.scenarios.slack_app import CODE


async def test_a_slow_sage_never_costs_the_ack(office, connected):
    office.sage.faults.delay(30)
    reply = await asyncio.wait_for(office.sender.command("/customer", "ABS001", user="priya", team="T0ACME"), 3)
    assert reply.status == 200
    office.sage.faults.clear()
    assert "£2,464.16" in (await office.answer(reply)).text


async def test_sage_down_is_said_so_without_figures(office, connected):
    office.sage.faults.offline(True)
    answer = await office.command("/customer", "ABS001")
    assert "Sage 200 isn't responding" in answer.text
    assert "£" not in answer.text


async def test_a_dead_sign_in_offers_to_reconnect(office, connected):
    office.sage_id.revoke("george@example.test")
    answer = await office.command("/customer", "ABS001")
    assert "sign-in has ended" in answer.text
    assert "connect.start" in str(answer.blocks)


async def test_a_sage_id_without_companies_is_told_the_known_causes(office):
    answer = await office.connect("nobody@example.test")
    assert "opens no company" in answer.text
    assert "System Administration" in answer.text


async def test_the_same_delivery_twice_is_answered_once(office, connected):
    for _ in range(3):
        await office.sender.command("/customer", "ABS001", user="priya", team="T0ACME", trigger_id="1.2.same")
    await office.settle()
    assert len([message for message in office.slack.messages if "£2,464.16" in message.text]) == 1


async def test_an_event_delivered_again_by_slack_is_answered_once(office, connected):
    event = {
        "type": "message",
        "channel_type": "im",
        "channel": "D0PRIYA",
        "user": "U0PRIYA",
        "text": "ABS001",
        "ts": "1.1",
    }
    for retry in (None, 1, 2):
        await office.sender.event(event, event_id="Ev1", retry_num=retry)
    await office.settle()
    assert len([message for message in office.slack.messages if "£2,464.16" in message.text]) == 1


async def test_a_double_click_has_one_effect(office, connected):
    menu = await office.command("/customer", "Twin Motors")
    offered = re.search(rf"[0-9a-f]{{16}} {office.world.customer('TWI001')['id']}\b", str(menu.blocks))
    assert offered
    chosen = offered[0]
    for _ in range(2):
        await office.sender.click(menu, "customer.pick", user="priya", selected=chosen)
    await office.settle()
    assert len([message for message in office.slack.messages if "TWI001)" in message.text]) == 1


async def test_a_forged_choice_finds_nothing(office, connected):
    for number, forged in enumerate(("999999999", "-1", "1 or 1 eq 1", "", None)):
        option = {"value": forged, "text": {"type": "plain_text", "text": "x"}}
        payload = {
            "type": "block_actions",
            "user": {"id": "U0PRIYA", "team_id": "T0ACME"},
            "team": {"id": "T0ACME"},
            "trigger_id": f"forged.{number}",
            "actions": [{"type": "static_select", "action_id": "customer.pick", "selected_option": option}],
        }
        assert (await office.sender.click(payload)).status == 200
    await office.settle()
    said = [message.text for message in office.slack.messages if message.via == "chat.postMessage"]
    assert len([text for text in said if "out of date" in text or "not in your company" in text]) == 5
    assert not any("£" in text for text in said)


async def test_a_workspace_that_never_installed_is_told_how(bare_office):
    reply = await bare_office.sender.command("/customer", "ABS001", user="priya", team="T0ACME")
    assert reply.status == 200
    await bare_office.settle()
    said = reply.body + "".join(message.text for message in bare_office.slack.messages)
    assert f"{PUBLIC_URL}/slack/install" in said


@pytest.mark.parametrize(
    "words",
    [
        "x" * 10_000,
        "😀" * 40,
        "שלום",
        "O'Brien's",
        "<!channel>",
        "*x* _y_ `z`",
        "\u202eABS001",
        "a\tb\nc",
        "' or 1 eq 1",
    ],
)
async def test_odd_words_get_a_plain_answer(office, connected, words):
    answer = await office.command("/customer", words)
    assert answer.text
    assert "<!channel>" not in answer.text
    assert "Something went wrong" not in answer.text


async def test_a_customer_called_channel_wakes_nobody(office, connected):
    answer = await office.command("/customer", "MRK001")
    assert "<!channel>" not in answer.text
    assert "&lt;!channel&gt;" in answer.text


async def test_declining_at_sage_id_connects_nothing(office):
    link = office.link(await office.command("/sage", "connect"))
    back = await office.allow(await office.open_sage_id(link), "", decision="decline")
    page = await office.browser.get(back)
    assert page.status_code == 400
    assert "cancelled at Sage ID" in page.text


async def test_a_callback_without_the_cookie_or_used_or_foreign_is_a_page_that_says_so(office):
    link = office.link(await office.command("/sage", "connect"))
    back = await office.allow(await office.open_sage_id(link), "george@example.test")

    async def elsewhere(**cookies):
        transport = office.browser._transport
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, cookies=cookies) as stranger:
            return (await stranger.get(back)).status_code

    async def strangers():
        return [await elsewhere(), await elsewhere(**dict.fromkeys(office.browser.cookies, "x"))]

    assert await strangers() == [400, 400]
    # The browser may send it again, and is shown the code again; another one is not, for all that it was used.
    first, again = [await office.browser.get(back), await office.browser.get(back)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert CODE.search(first.text)[1] == CODE.search(again.text)[1]
    assert await strangers() == [400, 400]
    office.clock.forward(minutes=1)
    used, foreign = [await office.browser.get(each) for each in (back, "/sage/callback?code=x&state=foreign")]
    assert (used.status_code, foreign.status_code) == (400, 400)


async def test_cancelling_or_replaying_the_installation_installs_nothing(bare_office):
    assert (await bare_office.install(decision="cancel")).status_code == 400
    assert await bare_office.product.services.installations.bot("T0ACME") is None


@pytest.mark.parametrize("path", ["/slack/oauth_redirect", "/slack/oauth_redirect?code=x&state=y", "/sage/callback"])
async def test_a_made_up_return_is_refused(bare_office, path):
    answer = await bare_office.browser.get(path)
    assert answer.status_code == 400
    assert "Nothing was" in answer.text


async def workspace_id(office):
    return (await office.product.services.installations.bot("T0ACME")).workspace_id


async def test_the_metrics_tell_of_answers_and_of_no_one(office, connected):
    await office.command("/customer", "ABS001")
    await office.settle()
    text = (await office.browser.get("/metrics")).text
    assert 'sage200_answer_seconds_count{listener="customer",outcome="answered"}' in text
    assert 'sage200_request_seconds_count{route="slack",status="200"}' in text
    assert 'sage200_sage_request_seconds_count{outcome="ok"}' in text
    assert 'sage200_sage_id_request_seconds_count{outcome="ok"}' in text
    assert 'sage200_due_rows{kind="messages"}' in text
    for name in ("ABS", "T0ACME", "U0PRIYA", "Acme", await workspace_id(office)):
        assert name not in text
    assert all(line.count(",") < 3 for line in text.splitlines() if line.startswith("sage200_"))


async def test_an_unknown_word_is_named_and_led_to_the_help(office):
    answer = await office.command("/sage", "frobnicate now")
    assert "`/sage frobnicate` isn't a command" in answer.text
    assert "`/sage help`" in answer.text


@pytest.mark.parametrize(
    ("text", "next_step"),
    [("company 9", "`/sage company` lists them."), ("handover nobody", "`/sage handover @Ben`")],
)
async def test_the_next_step_is_one_of_what_was_asked(read_office, text, next_step):
    answer = await read_office.command("/sage", text)
    assert next_step in answer.text
    assert "/customer" not in answer.text

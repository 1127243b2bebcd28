"""Coming back from Slack or Sage ID too late, twice, or in another browser; and Slack repeating itself a day later."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.connected_app import PUBLIC_URL


async def started(office):
    """An installation as far as Slack's page; the address that Slack would send the browser back to."""
    start = await office.browser.get("/slack/install")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    return f"/slack/oauth_redirect?code=any&state={state}"


def stranger(office, **cookies):
    """Another browser."""
    return httpx.AsyncClient(transport=office.browser._transport, base_url=PUBLIC_URL, cookies=cookies)


async def test_an_installation_older_than_ten_minutes_is_refused(bare_office):
    back = await started(bare_office)
    bare_office.clock.forward(minutes=10)
    page = await bare_office.browser.get(back)
    assert (page.status_code, "older than ten minutes" in page.text) == (400, True)


@pytest.mark.parametrize("cookies", [{}, {"slack-install": "another"}, {"slack-install": ""}])
async def test_an_installation_is_finished_only_in_its_own_browser(bare_office, cookies):
    back = await started(bare_office)
    async with stranger(bare_office, **cookies) as browser:
        page = await browser.get(back)
    assert (page.status_code, "another browser" in page.text) == (400, True)
    assert not [call for call in bare_office.slack.calls if call.method == "oauth.v2.access"]


async def test_a_sign_in_older_than_ten_minutes_is_refused(office):
    link = office.link(await office.command("/sage", "connect"))
    back = await office.allow(await office.open_sage_id(link), "george@example.test")
    office.clock.forward(minutes=10)
    page = await office.browser.get(back)
    assert (page.status_code, "has expired" in page.text) == (400, True)


async def test_reloading_the_code_page_does_not_say_that_nothing_was_connected(office):
    link = office.link(await office.command("/sage", "connect"))
    back = await office.allow(await office.open_sage_id(link), "george@example.test")
    code = await office.browser.get(back)
    for spent in (back, link):
        async with stranger(office, **{"sage-connect": "mark"}) as browser:
            page = await browser.get(spent)
        assert page.status_code == 400
        assert "already been used" in page.text
        assert "Nothing was connected" not in page.text
        assert "<code>/sage connect</code>" in page.text
    assert 'id="verification-code"' in code.text


async def test_another_person_typing_the_code_connects_nobody(office):
    code = await office.code("george@example.test")
    assert "no sign-in waiting" in (await office.command("/sage", f"verify {code}", user="george")).text
    other = await office.command("/sage", f"verify {code}", user="oscar", team="T0OTHER")
    assert "no sign-in waiting" in other.text
    assert "Connected to" in (await office.command("/sage", f"verify {code}")).text


@pytest.mark.parametrize("word", ["verify", "company", ""])
@pytest.mark.parametrize("text", ["x" * 10_000, "😀", "שלום", "²", "٣", "'\"`", "<!channel>", "-1", "99999"])
async def test_odd_words_after_sage_get_a_plain_answer(office, word, text):
    await office.connect("priya@example.test")
    answer = await office.command("/sage", f"{word} {text}".strip())
    assert answer.text
    assert "<!channel>" not in answer.text
    assert "Something went wrong" not in answer.text


async def test_slacks_repeats_a_day_later_are_answered_once(office, connected):
    direct = {"type": "message", "channel_type": "im", "channel": "D0PRIYA", "user": "U0PRIYA", "text": "ABS001"}
    for hours in (0, 25):
        office.clock.forward(hours=hours)
        await office.product.tasks.clear_away()
        await office.sender.event({**direct, "ts": "1.1"}, event_id="Ev1")
        await office.sender.command("/customer", "ABS001", user="priya", team="T0ACME", trigger_id="1.2.same")
        await office.settle()
    assert len([message for message in office.slack.messages if "£2,464.16" in message.text]) == 2

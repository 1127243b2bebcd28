"""What strangers and browsers meet: addresses that are not there, a database that is away, the installation."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from bot.domain.text.slack_links import slack_links
from storage.tables.core import Row
from tests.connected_app import PUBLIC_URL
from tests.scenarios.slack_app import CODE


async def take_away(office, sqlite_url: str) -> None:
    """Let no connection to the database be made any more."""
    await office.product.services.database.close()
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    file.rename(file.with_name("elsewhere.db"))
    file.mkdir()


async def rows(office) -> dict[str, int]:
    async with office.product.services.database.reading() as tx:
        return {
            table.name: await tx.scalar(select(func.count()).select_from(table))
            for table in Row.metadata.tables.values()
        }


@pytest.mark.parametrize("path", ["/slack/install/", "/sage/callback/", "/nothing", "/health/ready/", "//evil.example"])
async def test_an_address_that_is_not_there_is_a_page_and_leads_nowhere(office, path):
    page = await office.browser.get(PUBLIC_URL + path, headers={"Host": "evil.example"})
    assert (page.status_code, page.headers.get("location")) == (404, None)
    assert "There is no page here" in page.text
    assert "evil" not in page.text + str(page.headers)


async def test_the_address_itself_says_what_this_is(office):
    page = await office.browser.get("/", headers={"Host": "evil.example"})
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    for said in ('href="/slack/install"', "Privacy", "7 days after the app is uninstalled", "Support", "/sage help"):
        assert said in page.text
    assert "evil" not in page.text
    assert (await office.browser.head("/")).status_code == 200


@pytest.mark.parametrize(
    ("app_id", "team_id", "app"),
    [
        ("A1", "T1", "slack://app?team=T1&id=A1&tab=messages"),
        ("A1", "E1", None),
        ("", "T1", None),
        ("A1", "", None),
        ('A"><b>&x', "T1", "slack://app?team=T1&id=A%22%3E%3Cb%3E%26x&tab=messages"),
    ],
)
def test_slack_is_opened_where_it_is_known(app_id, team_id, app):
    links = slack_links(app_id, team_id)
    assert (links.app if links else None) == app


async def test_another_kind_of_request_is_a_page_too(office):
    page = await office.browser.delete("/slack/install")
    assert (page.status_code, "That can't be done here" in page.text.replace("&#39;", "'")) == (405, True)
    assert "GET" in page.headers["allow"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_beginning_to_install_writes_nothing(bare_office, method):
    before = await rows(bare_office)
    for _ in range(5):
        begun = await bare_office.browser.request(method, "/slack/install")
        assert (begun.status_code, begun.headers["cache-control"]) == (302, "no-store")
    assert await rows(bare_office) == before


async def test_a_state_is_ours_whole_and_good_once(bare_office):
    begun = await bare_office.browser.get("/slack/install")
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    tampered = state[:-4] + ("AAAA" if state[-4:] != "AAAA" else "BBBB")
    for forged in (tampered, "v1.x.y", "x" * 3_000, state + "A", "v1." + "é" * 9):
        async with httpx.AsyncClient(
            transport=bare_office.browser._transport,
            base_url=PUBLIC_URL,
            headers={"Cookie": b"slack-install=" + forged.encode("latin-1")},
        ) as browser:
            page = await browser.get("/slack/oauth_redirect", params={"state": forged, "code": "x"})
        assert page.status_code == 400, forged
    assert not [call for call in bare_office.slack.calls if call.method == "oauth.v2.access"]
    assert (await bare_office.install()).status_code == 200
    async with httpx.AsyncClient(
        transport=bare_office.browser._transport, base_url=PUBLIC_URL, cookies={"slack-install": state}
    ) as browser:
        first = await browser.get("/slack/oauth_redirect", params={"state": state, "code": "x"})
        again = await browser.get("/slack/oauth_redirect", params={"state": state, "code": "x"})
        bare_office.clock.forward(minutes=1)
        late = await browser.get("/slack/oauth_redirect", params={"state": state, "code": "x"})
    assert ["already used" in page.text for page in (first, again, late)] == [False, False, True]
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert len([call for call in bare_office.slack.calls if call.method == "oauth.v2.access"]) == 2


async def test_an_installation_that_the_browser_sends_twice_is_one_and_shows_the_same_page(bare_office):
    begun = await bare_office.browser.get("/slack/install")
    back = await bare_office.allow_at_slack(begun.headers["location"])
    pages = [*await asyncio.gather(*(bare_office.browser.get(back) for _ in range(4)))]
    pages.append(await bare_office.browser.get(back))
    assert {(page.status_code, page.text) for page in pages} == {(200, pages[0].text)}
    assert "message to you" in pages[0].text
    assert len([each for each in bare_office.slack.messages if each.channel == "D0PRIYA"]) == 1
    assert len([call for call in bare_office.slack.calls if call.method == "oauth.v2.access"]) == 1
    async with httpx.AsyncClient(transport=bare_office.browser._transport, base_url=PUBLIC_URL) as thief:
        assert (await thief.get(back)).status_code == 400


async def test_a_double_click_on_the_way_to_sage_id_and_back_ends_on_one_page_with_one_code(office):
    link = office.link(await office.command("/sage", "connect"))
    assert (await office.browser.get(link)).status_code == 200
    clicks = await asyncio.gather(*(office.browser.post(link) for _ in range(3)))
    assert {click.status_code for click in clicks} == {303}
    (address,) = {click.headers["location"] for click in clicks}
    back = await office.allow(address, "george@example.test")
    pages = [*await asyncio.gather(*(office.browser.get(back) for _ in range(3))), await office.browser.get(back)]
    assert {page.status_code for page in pages} == {200}
    (code,) = {CODE.search(page.text)[1] for page in pages}
    assert [entry.outcome for entry in office.sage_id.token_log] == ["issued"]
    async with httpx.AsyncClient(transport=office.browser._transport, base_url=PUBLIC_URL) as thief:
        for page in (await thief.post(link), await thief.get(back)):
            assert (page.status_code, "verification-code" in page.text) == (400, False)
    assert "Connected" in (await office.command("/sage", f"verify {code}")).text


async def test_the_page_promises_a_message_only_where_one_was_sent(bare_office):
    assert "message to you" in (await bare_office.install()).text
    assert "message to you" not in (await bare_office.install()).text


async def test_while_the_database_is_away_pages_say_so_in_words(office, sqlite_url):
    link = office.link(await office.command("/sage", "connect"))
    begun = await office.browser.get("/slack/install")
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    await take_away(office, sqlite_url)
    callback = f"/sage/callback?state={'x' * 43}&code=x"
    for path in (link, f"/slack/oauth_redirect?code=x&state={state}", callback):
        page = await office.browser.get(path)
        assert page.status_code == (400 if path == callback and "cookie" in page.text else 503), page.text
        assert "Internal Server Error" not in page.text
        assert "<h1>" in page.text
    ready = await office.browser.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (503, "the database can't be reached")
    assert (await office.browser.get("/health/live")).status_code == 200


async def test_while_the_database_is_away_commands_say_so_in_words(office, connected, sqlite_url):
    await take_away(office, sqlite_url)
    assert "database is not available" in (await office.command("/customer", "ABS001")).text


async def test_a_command_of_a_workspace_that_must_be_read_is_answered_in_words_too(office, sqlite_url):
    office.clock.forward(minutes=2)
    await take_away(office, sqlite_url)
    reply = await office.sender.command("/customer", "ABS001", user="oscar", team="T0OTHER")
    assert (reply.status, "database is not available" in reply.body) == (200, True)
    assert "Try again in a few minutes" in reply.body


async def test_ready_names_a_worker_that_is_awaited(office):
    page = await office.browser.get("/health/ready")
    assert (page.status_code, page.json()) == (
        200,
        {"status": "ok", "awaited": "no worker is alive: start bot worker"},
    )


@pytest.mark.parametrize("view", [None, {}, {"type": "modal"}])
async def test_what_nothing_listens_to_is_answered_as_such(connected_office, view, capsys):
    person = {"team": {"id": "T0ACME"}, "user": {"id": "U0PRIYA", "team_id": "T0ACME"}, "trigger_id": "1.1"}
    kinds = ({"type": "block_suggestion", "action_id": "x", "block_id": "b"}, {"type": "message_action"})
    for payload in ({**person, **kind, "callback_id": "x", "view": view} for kind in kinds):
        assert (await connected_office.sender.click(payload)).status == 404
    assert "nothing listens to this" in capsys.readouterr().out

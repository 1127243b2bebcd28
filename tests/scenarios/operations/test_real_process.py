"""The product in its own process: figures over real sockets, nothing secret left behind, a gentle stop."""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3

import pytest

from tests.connected_app import KEY
from tests.scenarios.operations.process import running


@pytest.fixture
async def product(tmp_path):
    async with running(tmp_path) as started:
        yield started


def everything(product) -> str:
    """The whole database and every line of the log."""
    connection = sqlite3.connect(product.database)
    try:
        dump = "\n".join(connection.iterdump())
    finally:
        connection.close()
    beside = "".join(path.read_bytes().decode("latin-1") for path in product.database.parent.glob("sage.db*"))
    return dump + beside + product.log.read_text()


async def walk(office, secrets):
    """Install, connect and ask, keeping every secret that passes by."""
    seen: list[str] = []

    async def note(response):
        seen.append(response.headers.get("location", ""))
        seen.append(str(response.request.url))

    for client in (office.browser, office.outside):
        client.event_hooks["response"].append(note)
    await office.install()
    link = office.link(await office.command("/sage", "connect"))
    back = await office.allow(await office.open_sage_id(link), "george@example.test")
    secrets += [link.rpartition("/")[2], *office.browser.cookies.values()]
    page = (await office.browser.get(back)).text
    code = page.partition('id="verification-code">')[2].partition("<")[0]
    answer = await office.command("/sage", f"verify {code}")
    assert "Connected to" in answer.text
    secrets += [code, code.replace("-", "")]
    for url in seen:
        for part in url.replace("?", "&").split("&"):
            name, _, value = part.partition("=")
            if name in {"code", "state", "code_challenge"} and len(value) > 5:
                secrets.append(value)


async def test_the_whole_walk_leaves_no_secret_in_the_database_or_the_log(product):
    office, secrets = product.office, []
    await walk(office, secrets)
    assert "£2,464.16" in (await office.command("/customer", "ABS001")).text
    office.sage_id.expire_access("george@example.test")
    assert "£2,464.16" in (await office.command("/customer", "ABS001")).text
    await product.stop()
    secrets += [*office.sage_id.grants._access, *office.sage_id.grants._refresh]
    secrets += [grant.token for grant in office.slack.state.grants._grants.values()]
    secrets += ["slack-client-secret", "slack-signing-secret", "sage-client-secret", KEY]
    found = everything(product)
    assert len(secrets) > 14
    assert [secret for secret in secrets if secret in found] == []
    assert [secret for secret in secrets if base64.b64encode(secret.encode()).decode() in found] == []


async def test_forged_stale_and_malformed_requests_change_nothing(product):
    office = product.office
    await office.install()
    before = sqlite3_rows(product)
    body = b"command=%2Fsage&text=connect&user_id=U0PRIYA&team_id=T0ACME"
    good = office.sender.signed(body)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    stale = office.sender.signed(body, at=1)
    tries = [
        ({}, 401),
        ({**good, "X-Slack-Signature": "v0=" + "0" * 64}, 401),
        (stale, 401),
        ({**good, "X-Slack-Request-Timestamp": "soon"}, 401),
    ]
    for headers, status in tries:
        assert (await office.sender.raw(body, {**form, **headers})).status == status
    for broken in (b"payload=%7B", b"payload=[]", b"\xff\xfe", b"{"):
        assert (await office.sender.raw(broken, {**form, **office.sender.signed(broken)})).status == 400
    assert (await office.sender.raw(b"x" * 1_000_001, form)).status == 413
    assert sqlite3_rows(product) == before


def sqlite3_rows(product) -> str:
    connection = sqlite3.connect(product.database)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


async def test_a_stop_waits_for_the_answer_under_way(product):
    office = product.office
    await walk(office, [])
    office.sage.faults.delay(2, contains="customer_views")
    reply = await office.sender.command("/customer", "ABS001", user="priya")
    assert await product.stop() == 0
    answer = await office.sender.wait_for_answer(reply, where=lambda message: "£2,464.16" in message.text)
    assert answer.user == "U0PRIYA"


async def test_parallel_returns_from_slack_install_once_and_are_shown_what_became_of_it(product):
    office = product.office
    start = await office.browser.get("/slack/install")
    state = office.browser.cookies["slack-install"]
    assert state in start.headers["location"]
    urls = [f"/slack/oauth_redirect?state={state}&code=made-up"] * 8
    pages = [answer.text for answer in await asyncio.gather(*(office.browser.get(url) for url in urls))]
    assert sum("did not accept" in page for page in pages) == 8
    assert [call.method for call in office.slack.calls] == ["oauth.v2.access"]


def check_frozen(log):
    """A full garbage collection, for which the event loop stands still, has next to nothing of start-up to look at."""
    (started,) = (found for line in log.read_text().splitlines() if (found := json.loads(line))["event"] == "started")
    assert started["frozen_objects"] > 50_000
    assert started["others"] < started["frozen_objects"] / 100


async def test_what_start_made_is_left_out_of_garbage_collection(product):
    check_frozen(product.log)


async def test_the_log_is_one_json_object_a_line(product):
    await product.office.install()
    await product.office.command("/customer", "ABS001")  # nobody is connected
    await product.stop()
    lines = [json.loads(line) for line in product.log.read_text().splitlines()]
    [installed] = [line for line in lines if line["event"] == "installed"]
    [answered] = [line for line in lines if line["event"] == "answered with an error"]
    assert answered["workspace"] == installed["workspace"]
    assert installed["request"] != answered["request"]
    assert all(line["job_id"] for line in lines if "job" in line)

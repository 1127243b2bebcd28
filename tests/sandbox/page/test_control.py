"""The page's own API: what each may see and do, what the manifest offers, and what the app is told."""

from __future__ import annotations

import json

import pytest
from starlette.responses import JSONResponse

from sandbox.page.manifest import manifest
from sandbox.page.voice import linked_names
from tests.sandbox.page.play import HOME, Office
from tests.sandbox.slack.fixtures import actions, asking, button, modal, option, section

BASE = {"_metadata": {}, "settings": {"event_subscriptions": {"bot_events": ["app_mention", "app_home_opened"]}}}


@pytest.fixture
def office():
    return Office()


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("connect | verify CODE | help", [("connect", ""), ("verify", "CODE"), ("help", "")]),
        (
            "subscribe KINDS | reassign N @PERSON | mute N 2d",
            [("subscribe", "KINDS"), ("reassign", "N @PERSON"), ("mute", "N 2d")],
        ),
        ("ABS001 | part of a name | postcode", []),
        ("mine | region:Durham min:500 | part of a name | csv", [("mine", ""), ("csv", "")]),
        ("", []),
    ],
)
def test_a_usage_hint_says_what_one_can_begin_with(tmp_path, hint, words):
    command = {"command": "/x", "description": "about", "usage_hint": hint}
    (tmp_path / "manifest.yml").write_text(json.dumps({**BASE, "features": {"slash_commands": [command]}}))
    read = manifest(tmp_path / "manifest.yml")
    assert list(read.commands[0].words) == words
    assert read.command("/y") is None


async def test_the_page_offers_what_the_manifest_says(office):
    known = (await office.http.get("/control/frame")).json()
    assert [each["command"] for each in known["commands"]] == [each.name for each in manifest().commands]
    assert known["has_home"] == manifest().has_home


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("roles @ben sales", "roles <@U0BEN|ben> sales"),
        ("subscribe #sales-north", "subscribe <#C0NORTH|sales-north>"),
        ("@nobody #nowhere", "@nobody #nowhere"),
        ("ben@acme.test", "ben@acme.test"),
        ("<@U0BEN|ben>", "<@U0BEN|ben>"),
        ("@ben.", "<@U0BEN|ben>."),
    ],
)
def test_names_are_sent_by_id(office, typed, sent):
    assert linked_names(typed, office.slack.workspaces["T0ACME"], labels=True) == sent


async def test_only_a_command_that_asks_for_it_gets_ids(office):
    for command in ("/customer @ben", "/sage handover @ben"):
        await office.say(command)
    assert [got["text"] for got in office.product.got] == ["@ben", "handover <@U0BEN|ben>"]


@pytest.mark.parametrize(
    ("user", "channel", "status"),
    [
        ("U0CLARE", "C0CREDIT", 200),
        ("U0BEN", "C0CREDIT", 400),
        ("U0GARY", "C0GENERAL", 400),
        ("U0SAM", "C0PARTNERS", 200),
        ("U0SAM", "C0SALES", 400),
        ("U0GARY", "D0PRIYA", 400),
    ],
)
async def test_nobody_speaks_where_they_are_not(office, user, channel, status):
    await office.screen()
    assert (await office.say("hello", channel=channel, user=user)).status_code == status


async def test_nobody_touches_what_is_anothers(office):
    view_id = await office.opened(modal(asking()))
    await office.say("/customer ABS001")
    blocks = [actions(button("go"))]
    await office.http.post(office.product.got[-1]["response_url"], json={"text": "private", "blocks": blocks})
    ts, before = office.slack.messages[-1].ts, len(office.product.got)
    tried = [
        await office.do("submit", user="U0BEN", view_id=view_id, values={}),
        await office.do("close", user="U0BEN", view_id=view_id),
        await office.do("click", user="U0BEN", ts=ts, action_id="go"),
        await office.do("shortcut", user="U0BEN", ts=ts, callback_id="check"),
    ]
    assert [answer.status_code for answer in tried] == [400] * 4
    assert len(office.product.got) == before


async def test_a_thread_takes_no_commands(office):
    ts = await office.posted(section())
    await office.do("say", user="U0PRIYA", channel="C0SALES", text="/customer ABS001", thread_ts=ts)
    assert office.product.got == []
    assert "not supported in threads" in office.slack.messages[-1].text


async def test_what_the_app_offers_comes_with_its_words(office):
    ts = await office.posted(actions({"type": "external_select", "action_id": "find"}))
    office.product.answer = JSONResponse({"options": [option("ABS001", "ABS Garages Ltd")]})
    answer = await office.do("suggest", user="U0PRIYA", ts=ts, action_id="find", value="abs")
    assert answer.json() == {"options": [option("ABS001", "ABS Garages Ltd")]}
    assert office.product.got[-1]["value"] == "abs"


async def test_a_click_in_a_modal_brings_what_is_typed_around_it(office):
    view_id = await office.opened(modal(section(accessory=button("check")), asking()))
    values = {"code": "half"}
    await office.do("click", user="U0PRIYA", view_id=view_id, action_id="check", values=values)
    assert office.product.got[-1]["view"]["state"]["values"]["code"]["typed"]["value"] == "half"


@pytest.mark.parametrize(
    ("kind", "selected", "field", "told"),
    [
        ("multi_users_select", ["U0BEN"], "selected_users", ["U0BEN"]),
        ("users_select", "U0BEN", "selected_user", "U0BEN"),
        ("conversations_select", "C0NORTH", "selected_conversation", "C0NORTH"),
        ("datepicker", "2026-03-02", "selected_date", "2026-03-02"),
    ],
)
async def test_each_kind_of_choice_is_told_as_slack_tells_it(office, kind, selected, field, told):
    ts = await office.posted(actions({"type": kind, "action_id": "pick"}))
    await office.do("click", user="U0PRIYA", ts=ts, action_id="pick", selected=selected)
    assert office.clicked()[-1][field] == told


async def test_an_app_that_asked_hears_that_its_modal_was_closed(office):
    view_id = await office.opened(modal(asking(), notify_on_close=True))
    await office.do("close", user="U0PRIYA", view_id=view_id)
    assert (office.product.got[-1]["type"], office.product.got[-1]["view"]["id"]) == ("view_closed", view_id)


async def test_the_home_tab_is_its_owners(office):
    await office.api("views.publish", user_id="U0PRIYA", view=HOME)
    assert (await office.screen())["home"]["content"]["type"] == "home"
    assert (await office.screen("U0GEORGE"))["home"] is None


@pytest.mark.parametrize(("user", "status"), [("U0PRIYA", 200), ("U0GARY", 200), ("U0NOBODY", 404)])
async def test_a_file_is_kept_by_those_who_see_it(office, user, status):
    identity = await office.shared("on-hold.csv", b"a,b")
    answer = await office.http.get(f"/control/file/{identity}", params={"user": user})
    assert answer.status_code == status
    if status == 200:
        assert (answer.content, answer.headers["content-disposition"]) == (
            b"a,b",
            "attachment; filename*=UTF-8''on-hold.csv",
        )


async def test_a_file_in_a_private_channel_is_not_for_others(office):
    office.slack.workspaces["T0ACME"].channels["C0CREDIT"].members.add("U0BOTACME")
    identity = await office.shared("owed.csv", b"a,b", channel="C0CREDIT")
    statuses = [
        (await office.http.get(f"/control/file/{identity}", params={"user": user})).status_code
        for user in ("U0CLARE", "U0BEN")
    ]
    assert statuses == [200, 404]


async def test_the_stream_begins_with_the_screen_and_ends_when_told(office):
    lines = []
    async for line in office.sandbox.live.stream(lambda: {"drawn": True}).body_iterator:
        lines.append(line)
        if line.startswith("data: "):
            office.sandbox.live.close()
    assert lines[0].startswith("retry:")
    assert json.loads(lines[1].removeprefix("data: "))["drawn"] is True
    assert (await office.http.get("/control/live", params={"user": "U0NOBODY"})).status_code == 404


async def test_mrkdwn_of_a_person_is_only_words(office):
    await office.say("*hi* <!channel> & <@U0BEN>")
    assert office.slack.messages[-1].text == "*hi* &lt;!channel&gt; &amp; &lt;@U0BEN&gt;"

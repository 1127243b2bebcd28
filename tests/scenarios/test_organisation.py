"""An organisation that installed the app for all its workspaces: every way in works as in one workspace."""

from __future__ import annotations

import json

import pytest

from sandbox.slack.payloads import Payloads
from tests.scenarios.test_reach import newest, opened_by, shown

GRACE = {"user": "grace", "team": "T0GRID"}
MENTION = {"type": "app_mention", "user": "U0GRACE", "channel": "C0SALES", "ts": "1772442000.000100"}


@pytest.fixture
async def grid(bare_office):
    """Installed by Grace for Grid Holdings; she is in Grid Branch."""
    await bare_office.install("E0GRID")
    await bare_office.connect(**GRACE)
    place = bare_office.slack.workspaces["T0GRID"]
    place.channels["C0SALES"].members.add(place.bot_user_id)
    place.channels["C0SALES"].members.add("U0BOTGRID")
    yield bare_office
    await bare_office.settle()


async def test_a_direct_message_and_a_mention_are_answered(grid):
    await grid.sender.direct_message("ABS001", user="grace", team="T0GRID")
    await grid.settle()
    assert "£2,464.16" in grid.slack.messages[-1].text
    event = {**MENTION, "text": "<@U0BOTGRID> what does ABS001 owe?", "event_ts": MENTION["ts"]}
    await grid.sender.event(event, team="T0GRID")
    await grid.settle()
    assert "£2,464.16" in grid.slack.messages[-1].text
    assert grid.slack.messages[-1].user in {"U0GRACE", ""}


async def test_home_its_forms_and_the_typing_menus_work(grid):
    opened = {"type": "app_home_opened", "user": "U0GRACE", "tab": "home", "channel": "D0GRACE"}
    await grid.sender.event(opened, team="T0GRID")
    await grid.settle()
    home = next(each for each in grid.slack.views.values() if each.content["type"] == "home")
    assert "Sage ID" in shown(home)
    assert "couldn't confirm" not in shown(home)
    form = await opened_by(grid, home, "home.channels", user="grace")
    reply = await grid.sender.submit(form, {"place": "C0SALES", "class": "band"})
    assert reply.body in {"", "{}"}, reply.body
    await grid.settle()
    assert "<#C0SALES>: band" in (await grid.command("/sage", "settings", **GRACE)).text


async def test_the_subscription_form_is_taken(grid):
    reply = await grid.sender.command("/sage", "subscribe", **GRACE)
    assert reply.status == 200
    form = await newest(grid)
    assert form.as_slack_shows()["team_id"] == "T0GRID"
    answer = await grid.sender.submit(form, {"kinds": ["holds"], "place": "C0SALES"}, user="grace")
    assert "full members" not in answer.body
    await grid.settle()


@pytest.mark.parametrize("missing", [{"is_enterprise_install": True}, {}])
async def test_an_event_that_names_no_workspace_finds_the_organisation(grid, missing):
    opened = {"type": "message", "channel_type": "im", "user": "U0GRACE", "channel": "D0GRACE", "ts": "1.1"}
    payload = grid.sender.payload({**opened, "text": "ABS001", "event_ts": "1.1"}, team="T0GRID")
    payload["authorizations"] = [{"enterprise_id": "E0GRID", "team_id": None, **missing}]
    payload["team_id"] = None
    assert (await grid.sender.deliver(payload)).status == 200
    await grid.settle()
    assert "£2,464.16" in grid.slack.messages[-1].text


async def test_a_view_carries_the_organisations_id(grid):
    await grid.sender.command("/sage", "subscribe", **GRACE)
    form = await newest(grid)
    person = grid.slack.workspaces["T0GRID"].person("grace")
    sent = Payloads(grid.slack.state, "T0GRID").submission(form, {}, user=person, trigger_id="1.1")
    assert json.dumps(sent["view"]["app_installed_team_id"]) == '"E0GRID"'

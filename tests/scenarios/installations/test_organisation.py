"""An organisation that installed the app for all its workspaces: every way in works as in one workspace."""

from __future__ import annotations

import json

import pytest

from sandbox.slack.people import UserGroup
from sandbox.slack.sending.actions import action_on, state_values
from sandbox.slack.sending.payloads import Payloads
from tests.scenarios.customers.test_reach import newest, opened_by, shown
from tests.scenarios.furnished import read_ledger

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
    assert "£2,464.16" in grid.latest.text
    event = {**MENTION, "text": "<@U0BOTGRID> what does ABS001 owe?", "event_ts": MENTION["ts"]}
    await grid.sender.event(event, team="T0GRID")
    await grid.settle()
    assert "£2,464.16" in grid.latest.text
    assert grid.latest.user in {"U0GRACE", ""}


async def test_an_assistant_asks_where_the_workspace_is_named(grid):
    asked = {"name": "customer", "arguments": {"reference": "ABS001"}, **GRACE}
    assert "£2,464.16" in (await grid.sender.tool(**asked, enterprise="E0GRID")).body
    assert "only for full members" in (await grid.sender.tool(**asked, enterprise="E0ANOTHER")).body
    assert "only for full members" in (await grid.sender.tool(**asked)).body


async def test_home_its_forms_and_the_typing_menus_work(grid):
    opened = {"type": "app_home_opened", "user": "U0GRACE", "tab": "home", "channel": "D0GRACE"}
    await grid.sender.event(opened, team="T0GRID")
    await grid.settle()
    home = next(each for each in grid.slack.views.values() if each.content["type"] == "home")
    assert "Sage ID" in shown(home)
    assert "only for full members" not in shown(home)
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


def nameless(payload):
    """A click, form or request for options as Slack sends it where only the organisation is named."""
    named = {"id": "E0GRID", "name": "Grid Holdings"}
    view = {**payload["view"], "team_id": "E0GRID", "app_installed_team_id": "E0GRID"} if "view" in payload else None
    return {**payload, "team": None, "enterprise": named, **({"view": view} if view else {})}


def outline(grid, **more):
    """The payloads of Grid Branch, and Grace."""
    payloads = Payloads(grid.slack.state, "T0GRID")
    trigger = grid.slack.state.triggers.new(user="U0GRACE", team="T0GRID")
    return payloads, {"user": payloads.place.person("grace"), "trigger_id": trigger, **more}


async def test_clicks_forms_and_menus_that_name_only_the_organisation_are_answered(grid):
    await read_ledger(grid)
    card = await grid.command("/customer", "ABS001", **GRACE)
    hook = grid.sender._hook("T0GRID", "C0SALES", "U0GRACE", original=card)
    payloads, who = outline(grid, response_url=grid.sender._url_of("actions", hook))
    aged = action_on(card.blocks, "customer.aged", at="1.1", value=None, selected=None)
    await grid.sender.click(nameless(payloads.click(card, aged, **who)))
    await grid.settle()
    assert "£2,464.16" in next(each.text for each in grid.slack.messages if each.hook == hook.id)
    payloads, who = outline(grid)
    await grid.sender.click(nameless(payloads.shortcut("customer.find", **who)))
    picker = await newest(grid)
    asked = nameless(payloads.suggestion(picker, "picker.customer", "hexham gar", user=who["user"]))
    offered = (await grid.sender.click(asked)).json()["options"]
    assert [each["text"]["text"] for each in offered] == ["ABS Garages (Hexham) Ltd (ABS002)"]
    await grid.sender.command("/sage", "subscribe", **GRACE)
    form = await newest(grid)
    payloads, who = outline(grid)
    filled = state_values(form.content["blocks"], {"kinds": ["holds"], "place": "C0SALES", "delivery": "at_once"})
    reply = await grid.sender.click(nameless(payloads.submission(form, filled, **who)))
    assert (reply.status, reply.body) == (200, "")
    await grid.settle()
    assert "<#C0SALES>" in (await grid.command("/sage", "subscriptions", **GRACE)).text


@pytest.mark.parametrize("team", ["T0GRID", None])
async def test_the_opened_conversation_is_offered_prompts_and_home_is_published(grid, team):
    for tab in ("messages", "home"):
        opened = {"type": "app_home_opened", "user": "U0GRACE", "tab": tab, "channel": "D0GRACE", "event_ts": "1.1"}
        payload = grid.sender.payload(opened, team="T0GRID")
        assert (await grid.sender.deliver({**payload, "team_id": team})).status == 200
        await grid.settle()
    assert grid.slack.state.prompts["D0GRACE"][0]["message"] != "Connect my Sage ID"
    home = next(each for each in grid.slack.views.values() if each.content["type"] == "home")
    assert "Sage ID" in shown(home)
    assert "only for full members" not in shown(home)


@pytest.mark.parametrize("team", ["T0GRID", None])
async def test_a_user_group_of_a_workspace_has_its_role_whatever_an_event_names(grid, team):
    groups = grid.slack.workspaces["T0GRID"].usergroups
    groups["S0DESK"] = UserGroup("S0DESK", "credit-desk", ["U0GUS"])
    given = await grid.command("/sage", "roles @credit-desk controller", **GRACE)
    assert "Everybody in <!subteam^S0DESK> is now a controller" in given.text
    payloads = Payloads(grid.slack.state, "T0GRID")
    gus, channel = payloads.place.person("gus"), payloads.place.direct_channel("U0GUS").id
    payload = payloads.event(payloads.direct_message("ABS001", user=gus, channel=channel, ts="1.1"), event_id="Ev1")
    assert (await grid.sender.deliver({**payload, "team_id": team})).status == 200
    await grid.settle()
    assert "£2,464.16" in grid.latest.text


@pytest.mark.parametrize("missing", [{"is_enterprise_install": True}, {}])
async def test_an_event_that_names_no_workspace_finds_the_organisation(grid, missing):
    opened = {"type": "message", "channel_type": "im", "user": "U0GRACE", "channel": "D0GRACE", "ts": "1.1"}
    payload = grid.sender.payload({**opened, "text": "ABS001", "event_ts": "1.1"}, team="T0GRID")
    payload["authorizations"] = [{"enterprise_id": "E0GRID", "team_id": None, **missing}]
    payload["team_id"] = None
    assert (await grid.sender.deliver(payload)).status == 200
    await grid.settle()
    assert "£2,464.16" in grid.latest.text


async def test_a_view_carries_the_organisations_id(grid):
    await grid.sender.command("/sage", "subscribe", **GRACE)
    form = await newest(grid)
    person = grid.slack.workspaces["T0GRID"].person("grace")
    sent = Payloads(grid.slack.state, "T0GRID").submission(form, {}, user=person, trigger_id="1.1")
    assert json.dumps(sent["view"]["app_installed_team_id"]) == '"E0GRID"'

"""From nothing to the seed's figures: install, connect, verify, ask. Everything over HTTP."""

from __future__ import annotations

import json

import pytest

from tests.scenarios.slack_app import office as open_office

FACTS = ["ABS001", "ABS Garages Ltd", "£2,464.16", "£4,000.00", "Not on hold"]


async def test_install_connect_verify_and_ask(database_url):
    async with open_office(database_url) as office:
        assert (await office.install()).status_code == 200
        assert "Connected to ABS Motor Factors Ltd" in (await office.connect()).text
        answer = await office.command("/customer", "abs001")
        assert [fact for fact in FACTS if fact not in answer.text] == []
        assert answer.user == "U0PRIYA"
        assert answer.warnings == []


async def test_the_installer_is_welcomed_once(office):
    await office.install()
    welcomes = [message for message in office.slack.messages if "is installed in" in message.text]
    assert [(message.team, message.via) for message in welcomes] == [
        ("T0ACME", "chat.postMessage"),
        ("T0OTHER", "chat.postMessage"),
    ]


async def test_several_companies_wait_for_a_pick_by_number(office):
    picker = await office.connect("priya@example.test")
    assert "2 companies" in picker.text
    chosen = await office.command("/sage", "company 2")
    assert "ABS Motor Factors Ltd" in chosen.text
    assert "£2,464.16" in (await office.command("/customer", "ABS001")).text


async def test_several_companies_can_be_picked_from_the_menu(office):
    picker = await office.connect("priya@example.test")
    value = "standard|5b1f4c1e-7a43-4d0e-9f5e-2b1c0a6d9e01|1"
    await office.sender.click(picker, "company.pick", user="priya", selected=value)
    await office.settle()
    assert "ABS Motor Factors Ltd" in (await office.command("/sage", "status")).text


async def test_the_modal_takes_the_code_and_says_beside_the_field_when_it_is_wrong(office):
    code = await office.code("george@example.test")
    offered = await office.command("/sage", "status")
    link = next(message for message in reversed(office.slack.messages) if "/sage/connect/" in message.text)
    assert offered.text.startswith("*You haven't connected your Sage ID yet.*")
    await office.sender.click(link, "connect.enter_code", user="priya")
    await office.settle()
    view = office.modals[-1]
    wrong = await office.sender.submit(view, {"code": {"typed": "AAAAAA"}}, user="priya")
    assert "isn't the code" in wrong.body
    right = await office.sender.submit(view, {"code": {"typed": code}}, user="priya")
    assert right.body in ("", "{}")
    await office.settle()
    assert "Connected to" in office.latest.text


async def test_an_organisation_installs_once_for_all_its_workspaces(bare_office):
    assert (await bare_office.install("E0GRID")).status_code == 200
    await bare_office.connect(user="grace", team="T0GRID")
    answer = await bare_office.command("/customer", "ABS001", user="grace", team="T0GRID")
    assert "£2,464.16" in answer.text


async def test_the_other_workspace_and_the_other_person_are_not_connected_by_it(office, connected):
    for who in ({"user": "george"}, {"user": "oscar", "team": "T0OTHER"}):
        answer = await office.command("/customer", "ABS001", **who)
        assert "haven't connected" in answer.text
        assert "£" not in answer.text


@pytest.mark.parametrize("user", ["gary", "sol", "sam"])
async def test_guests_and_strangers_get_no_figures_and_no_link(office, connected, user):
    for command, text in (("/customer", "ABS001"), ("/sage", "connect")):
        answer = await office.command(command, text, user=user)
        assert "only for full members" in answer.text
        assert "£" not in answer.text


async def test_a_person_who_cannot_be_looked_up_is_refused(office, connected):
    office.slack.workspaces["T0ACME"].users["U0PRIYA"].deleted = True
    office.clock.forward(minutes=6)
    answer = await office.command("/customer", "ABS001", user="george")
    assert "£" not in answer.text


async def test_a_direct_message_is_answered_like_the_command(office, connected):
    await office.sender.direct_message("ABS001", user="priya")
    await office.settle()
    answer = office.latest
    assert answer.channel.startswith("D")
    assert "£2,464.16" in answer.text


async def test_disconnecting_and_uninstalling_leave_nothing(office, connected):
    assert "deleted" in (await office.command("/sage", "disconnect anyway")).text
    assert "haven't connected" in (await office.command("/customer", "ABS001")).text
    assert not office.sage_id.is_signed_in("george@example.test")


@pytest.mark.parametrize("events", [["app_uninstalled", "tokens_revoked"], ["tokens_revoked", "app_uninstalled"]])
async def test_uninstalling_erases_in_either_order(office, connected, events):
    office.slack.uninstall("T0ACME")
    for kind in events:
        event = {"type": kind, **({"tokens": {"bot": ["U0BOTACME"]}} if kind == "tokens_revoked" else {})}
        assert (await office.sender.event(event, team="T0ACME")).status == 200
    assert await office.product.services.installations.bot("T0ACME") is None
    assert await office.product.services.installations.bot("T0OTHER") is not None


@pytest.mark.parametrize("says_org_wide", [True, False])
async def test_an_organisations_uninstall_is_its_own_even_if_slack_does_not_say_so(bare_office, says_org_wide):
    office = bare_office
    for place in ("E0GRID", "T0ACME"):
        await office.install(place)
    office.slack.uninstall("E0GRID")
    body = {"type": "event_callback", "event_id": "Ev9", "team_id": "T0GRID", "enterprise_id": "E0GRID"}
    allowed = {"enterprise_id": "E0GRID", "team_id": "T0GRID", "is_enterprise_install": True}
    body |= {"event": {"type": "app_uninstalled"}, "authorizations": [allowed] if says_org_wide else []}
    raw = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **office.sender.signed(raw)}
    assert (await office.sender.raw(raw, headers)).status == 200
    assert await office.product.services.installations.bot("E0GRID") is None
    assert await office.product.services.installations.bot("T0ACME") is not None


async def test_revoked_user_tokens_are_not_the_end(office):
    await office.sender.event({"type": "tokens_revoked", "tokens": {"oauth": ["U0GEORGE"], "bot": []}}, team="T0ACME")
    assert await office.product.services.installations.bot("T0ACME") is not None

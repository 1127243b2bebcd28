"""Slack's notices come late, twice and out of order: none of them takes anything from what was made since."""

from __future__ import annotations

import pytest

from tests.scenarios.slack_app import office as open_office

UNINSTALLED = {"type": "app_uninstalled"}
REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOTACME"]}}


async def told(office, event, *, team="T0ACME", at=None, **more):
    """Deliver an event that happened then, now."""
    now, office.clock.now = office.clock.now, at or office.clock.now
    payload = office.sender.payload(event, team=team, event_id=more.pop("event_id", None))
    office.clock.now = now
    reply = await office.sender.deliver(payload, **more)
    assert reply.status == 200, reply.body


async def figures(office, *, user="priya", team="T0ACME"):
    return (await office.command("/customer", "ABS001", user=user, team=team)).text


@pytest.mark.parametrize("seconds", [30, 3600])
@pytest.mark.parametrize("notices", [[UNINSTALLED], [REVOKED], [UNINSTALLED, REVOKED]])
async def test_the_retry_of_an_old_uninstall_takes_nothing_from_the_new_installation(
    office, connected, notices, seconds
):
    old = office.clock.now
    office.slack.uninstall("T0ACME")
    for number, each in enumerate(notices):
        await told(office, each, event_id=f"Ev0OLD{number}")
    office.clock.forward(seconds=seconds)
    await office.install()
    await office.connect()
    await office.connect("priya@example.test", user="george")
    for number, each in enumerate(notices):
        await told(office, each, at=old, event_id=f"Ev0OLD{number}", retry_num=3)
    assert "£2,464.16" in await figures(office)
    assert "haven't connected" not in await figures(office, user="george")
    assert await office.product.services.installations.bot("T0ACME") is not None


async def test_an_uninstall_that_nobody_came_back_from_is_done_however_late(office, connected):
    old = office.clock.now
    office.slack.uninstall("T0ACME")
    office.clock.forward(hours=20)
    await told(office, UNINSTALLED, at=old, retry_num=3)
    assert await office.product.services.installations.installed_at("T0ACME") is None


async def test_a_notice_that_does_not_say_when_is_checked_at_slack(office, connected):
    payload = office.sender.payload(UNINSTALLED, team="T0ACME")
    del payload["event_time"]
    assert (await office.sender.deliver(payload)).status == 200
    assert "£2,464.16" in await figures(office)
    office.slack.uninstall("T0ACME")
    assert (await office.sender.deliver({**payload, "event_id": "Ev0NEXT"})).status == 200
    assert await office.product.services.installations.bot("T0ACME") is None


async def test_while_slack_cannot_be_asked_nothing_is_erased_and_slack_tells_it_again(office, connected):
    office.slack.refuse_next("internal_error", method="auth.test")
    reply = await office.sender.event(UNINSTALLED, event_id="Ev0DOUBT")
    assert reply.status == 500
    assert "£2,464.16" in await figures(office)
    office.slack.uninstall("T0ACME")
    await told(office, UNINSTALLED, event_id="Ev0DOUBT", retry_num=1)
    assert await office.product.services.installations.bot("T0ACME") is None


async def test_an_unknown_workspaces_notice_is_not_its_organisations(bare_office):
    await bare_office.install("E0GRID")
    await bare_office.connect(user="grace", team="T0GRID")
    for event in (UNINSTALLED, REVOKED):
        payload = {**bare_office.sender.payload(event, team="T0GRID"), "authorizations": []}
        assert (await bare_office.sender.deliver(payload)).status == 200
    assert "£2,464.16" in await figures(bare_office, user="grace", team="T0GRID")


async def test_the_second_notice_of_a_purged_workspace_leaves_the_organisation_alone(sqlite_url):
    async with open_office(sqlite_url, RETENTION_DAYS="0") as office:
        for place in ("E0GRID", "T0GRID"):
            await office.install(place)
        payloads = [office.sender.payload(each, team="T0GRID") for each in (UNINSTALLED, REVOKED)]
        own = {"enterprise_id": "E0GRID", "team_id": "T0GRID", "is_enterprise_install": False}
        office.slack.uninstall("T0GRID")
        for payload in payloads:
            assert (await office.sender.deliver({**payload, "authorizations": [own]})).status == 200
            office.clock.forward(seconds=1)
            await office.product.tasks.clear_away()
        installations = office.product.services.installations
        assert not await installations.knows("T0GRID")
        assert await installations.bot("E0GRID") is not None


async def test_a_late_deactivation_does_not_stop_a_sign_in_that_is_back(office, connected):
    person = office.slack.workspaces["T0ACME"].users["U0PRIYA"]
    gone = {"type": "user_change", "user": {"id": "U0PRIYA", "team_id": "T0ACME", "deleted": True}}
    back = {"type": "user_change", "user": {"id": "U0PRIYA", "team_id": "T0ACME", "deleted": False}}
    await told(office, gone)
    assert "£2,464.16" in await figures(office)
    person.deleted = True
    await told(office, gone)
    await told(office, back)
    status = await office.product.services.workspace_connections.is_paused(
        workspace_id=(await office.product.services.installations.bot("T0ACME")).workspace_id, user_id="U0PRIYA"
    )
    assert status is True
    person.deleted = False
    await told(office, back)
    office.clock.forward(seconds=16)
    assert "£2,464.16" in await figures(office)


async def test_an_event_that_nothing_takes_is_received_and_not_sent_again(office, capsys):
    await told(office, {"type": "pin_added", "user": "U0PRIYA"})
    assert "nothing listens to this" in capsys.readouterr().out


async def test_that_slack_holds_events_back_is_received(office):
    notice = {"type": "app_rate_limited", "team_id": "T0ACME", "minute_rate_limited": 1772442000, "api_app_id": "A1"}
    assert (await office.sender.deliver(notice)).status == 200

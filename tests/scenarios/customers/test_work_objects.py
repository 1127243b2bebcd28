"""A shared customer and an alert are objects: the card shows a name and a state, the pane each viewer's own figures."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.scenarios.alerts.test_news_posted import look
from tests.scenarios.customers.test_on_hold import read_ledger
from tests.scenarios.customers.test_reach import BOT, newest, opened_by, send, shown
from tests.scenarios.slack_app import office as open_office


@pytest.fixture
async def acme(sqlite_url, _connected_office, tmp_path):
    """Priya's sign-in answers, Anna is a controller, and the operator has switched objects on."""
    shutil.copy(_connected_office.database, tmp_path / "sage.db")
    async with open_office(sqlite_url, SLACK_WORK_OBJECTS="true") as office:
        _connected_office.copy_to(office)
        office.slack.workspaces["T0ACME"].channels["C0SALES"].members.add(BOT)
        await office.command("/sage", "roles <@U0ANNA|anna> controller")
        await read_ledger(office)
        await look(office)
        yield office
        await office.settle()


async def shared(acme):
    """ABS001, shared with #sales by Priya."""
    form = await opened_by(acme, await acme.command("/customer", "ABS001"), "customer.share")
    [message] = await send(acme, form, "C0SALES")
    return message


async def pane(acme, message, user, **more):
    found = await acme.sender.open_object(message, user=user, **more)
    await acme.settle()
    assert found is not None
    return found


def entity_of(message):
    [entity] = message.metadata["entities"]
    return entity


async def test_one_card_shows_a_controller_figures_and_a_guest_none(acme):
    message = await shared(acme)
    entity = entity_of(message)
    assert "ABS Garages Ltd" in json.dumps(entity)
    assert [each["value"] for each in entity["entity_payload"]["custom_fields"]] == ["Not on hold"]
    assert "£" not in json.dumps(entity, ensure_ascii=False)

    controller = await pane(acme, message, "anna")
    assert controller.fields["Balance"] == "£2,464.16"
    assert controller.fields["Credit limit"] == "£4,000.00"
    assert "£1,232.08" in controller.fields["Overdue"]
    assert controller.details["external_ref"] == entity["external_ref"]

    guest = await pane(acme, message, "gary")
    assert "only for full members" in guest.error["custom_message"]
    assert (guest.details, guest.auth_url) == ({}, "")

    # The workspace's settings let a member without a sign-in see nothing: their own link is in the pane.
    member = await pane(acme, message, "george")
    assert f"{acme.public_url}/sage/connect/" in member.auth_url
    assert member.details == {}

    recorded = (await acme.command("/sage", "audit refused")).text
    assert "in a side pane" in recorded, recorded


async def test_a_member_who_may_see_the_state_alone_sees_no_figure(acme):
    await acme.command("/sage", "settings status-for-everyone on")
    message = await shared(acme)
    member = await pane(acme, message, "george", refers=False)
    assert member.fields["Status"] == "Not on hold"
    assert "£" not in json.dumps(member.details, ensure_ascii=False)
    assert "customer.aged" not in [each["action_id"] for each in member.actions]


async def test_buttons_of_the_pane_go_the_usual_ways(acme):
    message = await shared(acme)
    opened = await pane(acme, message, "priya")
    assert [each["text"] for each in opened.actions] == ["Aged debt", "Put on hold", "Open invoices"]
    assert (await acme.sender.press_in_pane(opened, "customer.aged")).status == 200
    await acme.settle()
    told = acme.slack.seen_by("U0PRIYA", team="T0ACME")[-1]
    assert (told.channel, "Total: £2,464.16" in told.text) == ("D0PRIYA", True)
    hold = next(each["action_id"] for each in opened.actions if each["text"] == "Put on hold")
    assert (await acme.sender.press_in_pane(opened, hold)).status == 200
    assert "Put on hold" in shown(await newest(acme))


async def test_an_alert_is_an_object_too_and_its_later_form_says_the_new_state(acme):
    await acme.command("/sage", "subscribe holds releases in <#C0SALES|sales>")
    states, references = [], set()
    for change in (lambda: acme.world.put_on_hold("ABS001", "£9 owed"), lambda: acme.world.release("ABS001", "Paid")):
        acme.clock.forward(minutes=10)
        change()
        await read_ledger(acme)
        for _ in range(3):
            await look(acme)
        card = next(
            each
            for each in reversed(acme.slack.messages)
            if each.channel == "C0SALES" and not each.is_gone and (each.metadata or {}).get("entities")
        )
        entity = entity_of(card)
        states.append((entity["entity_payload"]["custom_fields"][0]["value"], card.is_edited))
        references.add(entity["external_ref"]["id"])
        assert "£" not in json.dumps(entity, ensure_ascii=False)
        assert card.metadata["event_type"]  # by which a message in doubt is found again
    assert states == [("On hold", False), ("Not on hold", True)]
    assert len(references) == 1
    assert (await pane(acme, card, "anna")).fields["Status"] == "Not on hold"


async def test_where_slack_refuses_objects_the_card_is_posted_without_and_asked_once(acme):
    acme.slack.workspaces["T0ACME"].refuses_objects = True
    for _ in range(2):
        message = await shared(acme)
        assert message.metadata is None
        assert "ABS Garages Ltd" in message.text
        acme.clock.forward(seconds=5)
    refused = [call for call in acme.slack.calls if call.error == "invalid_metadata_schema"]
    assert len(refused) == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"external_ref": {"id": "99-27828", "type": "customer"}},  # ABS001's id, in a company that isn't theirs
        {"external_ref": {"id": "1-999999999", "type": "customer"}},
        {"external_ref": {"id": "1 or 1=1", "type": "customer"}},
        {"external_ref": "1-1"},
        {"external_ref": None, "entity_url": "https://elsewhere.test/customers/1-27828"},
    ],
)
async def test_a_forged_object_shows_nothing(acme, forged):
    message = await shared(acme)
    entity = entity_of(message)
    trigger = acme.slack.state.triggers.new(user="U0PRIYA", team="T0ACME", entity=entity)
    event = {"type": "entity_details_requested", "user": "U0PRIYA", "trigger_id": trigger, "entity_url": "", **forged}
    assert (await acme.sender.event(event)).status == 200
    await acme.settle()
    [found] = acme.slack.state.panes
    assert found.details == {}
    assert found.error["status"] in {"custom", "not_found"}


async def test_an_objects_address_tells_of_no_customer(acme):
    message = await shared(acme)
    known = await acme.browser.get(entity_of(message)["url"])
    unknown = await acme.browser.get("/customers/99-99")
    assert (known.status_code, known.text) == (200, unknown.text)
    assert "ABS" not in known.text


async def test_they_are_off_unless_switched_on(connected_office):
    connected_office.slack.workspaces["T0ACME"].channels["C0SALES"].members.add(BOT)
    await read_ledger(connected_office)
    assert (await shared(connected_office)).metadata is None
    assert (await connected_office.browser.get("/customers/1-1")).status_code == 404

"""What is pressed under a request, an alert, a digest or a subscription is done in its company, whichever is in use."""

from __future__ import annotations

import re

import pytest

from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.furnished import read_ledger
from tests.scenarios.holds.test_doing import ANNA, GEORGE, direct, form, work

NOT_OPENED = "Your Sage ID doesn't open that company."
USING = "You are using ABS Fleet Services Ltd"


async def furnish(office):
    """George, a controller, uses ABS Fleet Services; Anna asks for a release in ABS Motor Factors, the workspace's."""
    await office.connect("priya@example.test")
    await office.command("/sage", "company 2")
    office.sage_id.people["george@example.test"].companies.append(office.world.companies[1].key)
    await office.connect("george@example.test", user="george")
    await office.command("/sage", "company 2", user="george")
    await read_ledger(office)
    await office.command("/sage", f"roles {GEORGE} controller")
    await office.command("/sage", f"roles {ANNA} sales")
    await office.command("/sage", "settings sales-see all")
    await office.command("/sage", "subscribe holds to me", user="george")
    await office.command("/sage", "subscribe digest to me weekdays 08:30", user="george")
    await office.command("/customer", "ABS001 hold Overdue")
    await work(office)
    await office.command("/customer", "ABS001 request-release Cheque arrived", user="anna")
    await work(office)
    assert "ABS Fleet Services" in (await office.command("/sage", "company 1", user="george")).text


@pytest.fixture
def acme(furnished_office):
    return furnished_office


def asked(acme):
    [message] = [m for m in direct(acme, "U0GEORGE", "asks to release") if not m.is_gone]
    return message


def alerted(acme):
    [message] = [m for m in direct(acme, "U0GEORGE", "ABS Garages") if "alert.view" in str(m.blocks)]
    return message


def asked_of_motor_factors(acme):
    return [seen for seen in acme.sage.requests if seen.headers["x-company"] == "1"]


def closed_to_george(acme):
    """Sage opens ABS Motor Factors to George no more; he has just looked at his companies."""
    acme.sage_id.people["george@example.test"].companies.remove(acme.world.companies[0].key)
    return acme.command("/sage", "company", user="george")


async def test_a_request_is_approved_in_its_own_company(acme):
    view = await form(acme, asked(acme), "release.approve", user="george")
    acme.sage.requests.clear()
    await acme.sender.submit(view, {"reason": "Seen in the bank"}, user="george")
    await acme.settle()
    row = acme.world.customer("ABS001")
    assert (row["on_hold"], row["status_reason"]) == (False, "Seen in the bank (George, Slack)")
    assert [seen.method for seen in asked_of_motor_factors(acme)].count("PUT") == 1
    assert USING not in (await acme.command("/customer", "ABS001", user="george")).text


async def test_a_request_is_declined_asked_back_and_approved_by_a_typed_line_too(acme):
    view = await form(acme, asked(acme), "release.ask_back", user="george")
    await acme.sender.submit(view, {"reason": "How much?"}, user="george")
    await work(acme)
    assert "How much?" in direct(acme, "U0ANNA", "How much?")[-1].text
    view = await form(acme, asked(acme), "release.decline", user="george")
    assert view.content["callback_id"] == "release.decide"
    await acme.command("/sage", "approve 1 Seen in the bank", user="george")
    assert acme.world.customer("ABS001")["on_hold"] is False


@pytest.mark.parametrize(("message", "action"), [(asked, "release.view"), (alerted, "alert.view")])
async def test_the_account_of_a_request_or_an_alert_is_shown_as_its_company_has_it(acme, message, action):
    card = await press(acme, message(acme), action, user="george")
    assert card.text.startswith("ABS Garages Ltd (ABS001): 🛑 On hold")
    assert "£2,464.16" in card.text
    assert USING in card.text
    record = (await acme.command("/sage", "audit reads")).text
    assert "ABS001 ABS Garages Ltd, ABS Motor Factors Ltd" in record


async def test_a_release_is_requested_from_an_alert_of_another_company(acme):
    await acme.command("/sage", f"roles {GEORGE} sales")
    await acme.command("/sage", "withdraw 1", user="anna")
    acme.clock.forward(hours=2)
    view = await form(acme, alerted(acme), "alert.request", user="george")
    await acme.sender.submit(view, {"reason": "Paid today"}, user="george")
    await work(acme)
    assert "ABS001" in direct(acme, "U0PRIYA", "Paid today")[-1].text
    assert "ABS Motor Factors Ltd" in direct(acme, "U0PRIYA", "Paid today")[-1].text


async def test_a_digests_menu_shows_an_account_of_its_company(acme):
    acme.clock.forward(days=1)
    await acme.product.finders.digests()
    await work(acme)
    [digest] = [m for m in direct(acme, "U0GEORGE", "ABS001") if "alert.choose" in str(m.blocks)]
    value = re.search(r"'value': '(\d+:27828)'", str(digest.blocks))[1]
    card = await press(acme, digest, "alert.choose", selected=value, user="george")
    assert "£2,464.16" in card.text


@pytest.mark.parametrize(
    ("message", "action"),
    [(asked, "release.view"), (asked, "release.approve"), (alerted, "alert.view"), (alerted, "alert.request")],
)
async def test_whose_sage_id_does_not_open_the_company_gets_no_figure_and_asks_sage_nothing(acme, message, action):
    """George has a role here, and so the workspace's own sign-in would answer him if he had none of his own."""
    await closed_to_george(acme)
    acme.sage.requests.clear()
    answer = await press(acme, message(acme), action, user="george")
    assert NOT_OPENED in answer.text
    assert "£" not in answer.text + str(answer.blocks)
    assert asked_of_motor_factors(acme) == []
    assert acme.world.customer("ABS001")["on_hold"] is True


async def test_a_form_that_was_open_while_sage_closed_the_company_releases_nothing(acme):
    view = await form(acme, asked(acme), "release.approve", user="george")
    await closed_to_george(acme)
    acme.sage.requests.clear()
    await acme.sender.submit(view, {"reason": "Seen in the bank"}, user="george")
    await acme.settle()
    assert NOT_OPENED in acme.latest.text
    assert asked_of_motor_factors(acme) == []
    assert acme.world.customer("ABS001")["on_hold"] is True


async def test_without_a_role_nothing_of_a_request_is_done_or_shown_there(acme):
    await acme.command("/sage", f"roles remove {GEORGE}")
    for action in ("release.view", "release.approve", "release.decline"):
        answer = await press(acme, asked(acme), action, user="george")
        assert "Only people with a role may ask for a release." in answer.text
        assert "£" not in answer.text


async def test_a_company_that_is_nobodys_here_shows_nothing(acme):
    message = alerted(acme)
    elements = [each for block in message.blocks for each in block.get("elements", ())]
    [button] = [each for each in elements if each.get("action_id") == "alert.view"]
    company_pk, customer_id = button["value"].split(":")
    button["value"] = f"{int(company_pk) + 90}:{customer_id}"
    answer = await press(acme, message, "alert.view", user="george")
    assert NOT_OPENED in answer.text


FOR_MOTOR_FACTORS = "about ABS Motor Factors Ltd"


async def test_a_subscription_is_edited_in_its_own_company(acme):
    listed = await acme.command("/sage", "subscriptions", user="george")
    await acme.sender.click(listed, "subscription.edit.1", user="george")
    await acme.settle()
    view = acme.modals[-1]
    filled = {"kinds": ["releases"], "own": ["me"], "delivery": "at_once", "filter": "Region:Scotland"}
    reply = await acme.sender.submit(view, filled, user="george")
    assert reply.body == ""
    await acme.settle()
    assert "*Subscription 1:* Released; Region is Scotland" in acme.latest.text
    assert FOR_MOTOR_FACTORS in acme.latest.text
    assert "*1* Released" in (await acme.command("/sage", "subscriptions", user="george")).text


async def test_a_subscription_that_was_ended_is_made_again_in_its_own_company(acme):
    gone = await acme.command("/sage", "unsubscribe 1", user="george")
    assert FOR_MOTOR_FACTORS in (await press(acme, gone, "subscription.undo", user="george")).text


async def test_joining_a_channel_and_keeping_a_list_subscribe_for_the_company_they_were_asked_in(acme):
    await acme.command("/sage", "company 2", user="george")
    offered = await acme.command("/sage", "subscribe holds in here", user="george")
    listed = await acme.command("/onhold", "min:1", user="george")
    owed = await acme.command("/overdue", "", user="george")
    await acme.command("/sage", "company 1", user="george")
    assert FOR_MOTOR_FACTORS in (await press(acme, offered, "subscription.join", user="george")).text
    for each in (listed, owed):
        assert FOR_MOTOR_FACTORS in (await press(acme, each, "list.posted", user="george")).text


async def test_whose_sage_id_does_not_open_the_company_edits_nothing_there(acme):
    listed = await acme.command("/sage", "subscriptions", user="george")
    await closed_to_george(acme)
    acme.sage.requests.clear()
    await acme.sender.click(listed, "subscription.edit.1", user="george")
    await acme.settle()
    assert NOT_OPENED in acme.latest.text or NOT_OPENED in str([view.content for view in acme.modals])
    assert asked_of_motor_factors(acme) == []


async def test_who_decides_sees_the_figures_of_a_company_that_they_open_and_do_not_use(acme):
    await acme.command("/sage", "subscribe holds in me", user="george")  # so that a copy of the company is kept
    await read_ledger(acme)
    await acme.command("/customer", "ABS001 hold Overdue", user="george")
    await work(acme)
    await acme.command("/customer", "ABS001 request-release Cheque arrived", user="george")
    await work(acme)
    [message] = [m for m in direct(acme, "U0PRIYA", "asks to release") if "Fleet" in m.text and not m.is_gone]
    assert "Balance: £" in message.text


async def test_a_request_in_a_channel_has_its_figures_whichever_company_its_asker_uses_by_then(acme):
    acme.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    await acme.command("/sage", "subscribe holds to me", user="george")
    await read_ledger(acme)
    for typed in ("channel requests", "channel figures"):
        assert "<#C0SALES>" in (await acme.command("/sage", f"{typed} for ABS Fleet Services Ltd")).text
    await acme.command("/customer", "FLE002 request-release Cheque arrived", user="george")
    await acme.command("/sage", "company 2", user="george")
    await work(acme)
    [posted] = [m for m in acme.slack.messages if m.channel == "C0SALES" and "asks to release" in m.text]
    assert "Balance: £" in posted.text

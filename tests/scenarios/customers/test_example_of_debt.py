"""One customer's debt from Sage to Slack: the card, the list and the order check agree, by the items of one example."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.scenarios.assistant.test_talk import tell
from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.holds.test_doing import form, work

TODAY = datetime(2026, 3, 16, 9, tzinfo=UTC)


def owe_the_example(world, today):
    """Nothing of the credit is allocated, and the invoice of £250.00 is in query."""
    world.add(reference="EXA001", name="Example Motors", credit_limit=9000)
    # Sage allocates what it is paid at once, so the receipt is there before the invoices.
    world.post_receipt("EXA001", 300)
    world.post_credit("EXA001", 50)
    for amount, days in ((1000, 110), (600, 30), (400, 0)):
        due = today - timedelta(days=days)
        world.post_invoice("EXA001", amount, due=due, dated=due)
    world.post_invoice("EXA001", 700, due=today + timedelta(days=15))
    due = today - timedelta(days=60)
    world.amend(world.post_invoice("EXA001", 250, due=due, dated=due - timedelta(days=14)), query="D")


@pytest.fixture
async def acme(connected_office):
    office = connected_office
    office.clock.forward(seconds=(TODAY - office.clock()).total_seconds())
    owe_the_example(office.world, TODAY.date())
    for _ in range(2):
        await work(office)
    return office


async def test_the_card_the_list_and_the_order_check_say_the_same(acme):
    card = (await acme.command("/customer", "EXA001")).text
    assert "Balance: £2,600.00" in card
    assert "Overdue: £1,250.00, oldest 110 days (£350.00 not allocated). In query £250.00." in card
    listed = (await acme.command("/overdue", "example")).text
    assert "*EXA001* Example Motors · £1,250.00, oldest 110 days · in query £250.00" in listed
    assert "Total overdue: £1,250.00" in listed
    verdict = (await acme.command("/customer", "EXA001 order 100")).text
    assert "*Stop" in verdict
    assert "£1,250.00" in verdict
    said = await tell(acme, "how much is EXA001 overdue?")
    assert "£1,250.00 is overdue, the oldest by 110 days (£350.00 not allocated). In query £250.00." in said.text
    chased = await tell(acme, "who should I chase today?")
    assert "accounts to chase in" in chased.text
    history = await tell(acme, "how often was EXA001 on hold this year?")
    assert "Never on hold, as far as is known" in history.text
    late = await tell(acme, "is EXA001 a slow payer?")
    assert "no invoice was paid in the last 12 months: too few for an average" in late.text


async def test_what_is_suggested_is_put_on_hold_by_the_usual_form_or_snoozed(acme):
    listed = await acme.command("/overdue", "suggested example")
    view = await form(acme, listed, "customer.hold.1", user="priya")
    (field,) = [each for each in view.content["blocks"] if each.get("block_id") == "reason"]
    reason = field["element"]["initial_value"]
    assert reason == "Overdue £1,250.00, oldest 110 days"
    assert not acme.world.customer("EXA001")["on_hold"]
    option = next(
        option["value"]
        for block in listed.blocks
        for element in block.get("elements", ())
        if element.get("action_id") == "overdue.snooze.1"
        for option in element["options"]
    )
    answer = await press(acme, listed, "overdue.snooze.1", selected=option)
    assert "Example Motors (EXA001) isn't suggested again before 23 March 2026." in answer.text
    assert "1 snoozed is left out." in answer.text
    await acme.sender.submit(view, {"reason": reason}, user="priya")
    await acme.settle()
    assert acme.world.customer("EXA001")["status_reason"] == f"{reason} (Priya, Slack)"

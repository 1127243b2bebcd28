"""A promise, a dispute and a note, typed and by form, and what is told once Sage has received the money."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.jobs.tasks import Finders
from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.furnished import read_ledger
from tests.scenarios.holds.test_doing import direct, form

ANNA, GEORGE = "<@U0ANNA|anna>", "<@U0GEORGE|george>"


@pytest.fixture
async def acme(connected_office):
    """Priya is the app's first admin, Anna a rep with her own customers; ABS001 owes 700.00 more, late for 40 days."""
    office = connected_office
    await office.command("/sage", f"roles {ANNA} sales")
    await office.command("/sage", f'roles {ANNA} customers "sales rep":George')
    today = office.clock().date()
    office.late = office.world.post_invoice("ABS001", 700, due=today - timedelta(days=40))
    await read_ledger(office)
    return office


async def work(acme):
    """Do what is due, as the worker would."""

    class Now:
        async def defer(self, *jobs):
            for job in jobs:
                await acme.product.tasks.run(job)

    finders = Finders(acme.product.services, Now())
    acme.clock.forward(seconds=400)
    for look in (finders.syncs, finders.promises, finders.outbox, finders.outbox, finders.outbox):
        await look()
        acme.clock.forward(seconds=1)


async def test_a_promise_is_noted_shown_kept_and_told(acme):
    noted = await acme.command("/customer", "ABS001 promise 500 by Friday Jane <!channel>", user="anna")
    assert "Promise noted: ABS Garages Ltd (ABS001) pays £500.00 by Friday 6 March 2026" in noted.text
    assert "by the end of Tuesday 10 March 2026" in noted.text
    card = await acme.command("/customer", "ABS001")
    assert "Promised £500.00 by 6 March 2026 (Jane &lt;!channel&gt;)" in card.text
    assert "promised £500.00 by 6 March 2026" in (await acme.command("/overdue", "promised")).text
    acme.world.post_receipt("ABS001", 500)
    await work(acme)
    [told] = direct(acme, "U0ANNA", "Promise kept")
    assert "£500.00 by 6 March 2026" in told.text
    assert "Promised" not in (await acme.command("/customer", "ABS001")).text
    await work(acme)
    assert len(direct(acme, "U0ANNA", "Promise")) == 1


async def test_a_promise_is_withdrawn_by_its_button_and_typed(acme):
    noted = await acme.command("/customer", "ABS001 promise £1,200.50 by 20 March")
    gone = await press(acme, noted, "promise.withdraw")
    assert "Promise withdrawn" in gone.text
    assert "£1,200.50" in gone.text
    await acme.command("/customer", "ABS001 promise by tomorrow 80")
    assert "Promise withdrawn" in (await acme.command("/customer", "ABS001 promise off")).text
    assert "No promise of that customer is open" in (await acme.command("/customer", "ABS001 promise off")).text


async def test_what_is_wrong_is_answered_with_the_command_to_type(acme):
    for typed, right in (
        ("promise 500 by 1 March", "/customer ABS001 promise 500 by Friday"),
        ("promise by Friday", "/customer ABS001 promise 500 by Friday"),
        ("promise €500 by Friday", "/customer ABS001 promise 500 by Friday"),
        ("dispute", "/customer ABS001 dispute INV12 REASON"),
        ("note", "/customer ABS001 note TEXT"),
    ):
        assert f"`{right}`" in (await acme.command("/customer", f"ABS001 {typed}")).text, typed


async def test_a_rep_raises_a_dispute_and_an_admin_accepts_it_from_the_message(acme):
    raised = await acme.command("/customer", f"ABS001 dispute INV{acme.late} wrong price", user="anna")
    assert "is raised as a dispute" in raised.text
    await work(acme)
    [asked] = direct(acme, "U0PRIYA", "is in dispute")
    assert "wrong price" in asked.text
    assert "In query £" not in (await acme.command("/customer", "ABS001")).text
    assert "is in dispute" in (await press(acme, asked, "dispute.accept")).text
    assert "In query £700.00" in (await acme.command("/customer", "ABS001")).text
    assert "ABS001" in (await acme.command("/overdue", "disputed")).text
    await work(acme)
    assert direct(acme, "U0ANNA", "accepted the dispute")
    assert "is closed" in (await acme.command("/customer", f"ABS001 resolve INV{acme.late}")).text
    assert "In query £" not in (await acme.command("/customer", "ABS001")).text


async def test_the_cards_menu_opens_a_form_for_each(acme):
    card = await acme.command("/customer", "ABS001")
    menu = next(
        each for block in card.blocks for each in block.get("elements", ()) if each.get("action_id") == "customer.more"
    )
    filled = {
        "promise": ({"amount": "300", "day": "2026-03-13", "said_by": "Jane"}, "pays £300.00 by Friday 13 March 2026"),
        "dispute": ({"document": f"INV{acme.late}", "words": "wrong price"}, "is in dispute"),
        "note": ({"words": "Rang Tom, who is away"}, "Noted on"),
        "limit": ({"amount": "6000", "words": "They grow"}, "Nobody else can decide"),
        "order": ({"document": "0000012345", "words": "Needed today"}, "Nobody else can decide"),
    }
    for option in menu["options"]:
        kind = option["value"].partition(" ")[0]
        view = await form(acme, card, "customer.more", selected=option["value"])
        values, said = filled.pop(kind)
        acme.clock.forward(seconds=5)
        await acme.sender.submit(view, values)
        await acme.settle()
        assert any(said in each.text for each in acme.slack.messages), kind
    assert filled == {}
    card = await acme.command("/customer", "ABS001")
    assert "Rang Tom, who is away" in card.text


async def test_a_rep_may_not_promise_for_a_customer_of_others(acme):
    refused = await acme.command("/customer", "NOR001 promise 500 by Friday", user="anna")
    assert "isn't one of your customers" in refused.text

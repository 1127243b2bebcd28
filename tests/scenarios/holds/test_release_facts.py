"""Whoever decides about a release is told what is owed, late and paid; nobody else is; and nothing written is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.holds.test_doing import ANNA, GEORGE, form, work


async def furnish(office):
    """ABS001, £1,250.00 overdue, was put on hold; George is a controller with his own Sage ID, Anna sells."""
    await office.connect("priya@example.test")
    await office.command("/sage", "company 2")
    await office.connect("george@example.test", user="george")
    await office.command("/sage", f"roles {GEORGE} controller")
    await office.command("/sage", f"roles {ANNA} sales")
    await office.command("/sage", f'roles {ANNA} customers "sales rep":George')
    office.world.add(reference="LATE01", name="Late Motors", payment_terms_days=30, credit_limit=3000, **REP)
    office.world.add(reference="MARY01", name="Mary Motors", analysis_code_2="Mary")
    today = office.clock().date()
    office.world.post_invoice("LATE01", 1250, due=today - timedelta(days=110))
    office.world.post_invoice("LATE01", 700, due=today + timedelta(days=10))
    await again(office)
    await office.command("/customer", "LATE01 hold Overdue")
    await again(office)


@pytest.fixture
def acme(furnished_office):
    return furnished_office


REP = {"analysis_code_2": "George"}


async def again(office):
    """The mirror reads what has changed, and people are told."""
    for _ in range(3):
        await work(office)


async def asked(acme):
    await acme.command("/customer", "LATE01 request-release Cheque arrived", user="anna")
    await work(acme)
    return {m.channel: m for m in acme.slack.messages if "asks to release" in m.text and not m.is_gone}


async def test_who_decides_is_told_balance_limit_overdue_then_and_now_and_what_was_paid(acme):
    acme.world.post_receipt("LATE01", 250)
    await again(acme)
    message = (await asked(acme))["D0GEORGE"]
    for words in (
        "Balance: £1,700.00",
        "Credit limit: £3,000.00",
        "Open orders: £0.00",
        "Overdue now: £1,000.00, oldest 110 days",
        "Overdue when held: £1,250.00",
        "Paid since held: £250.00",
        "Once released, it would be suggested for a hold again.",
    ):
        assert words in message.text
    (fields,) = [block["fields"] for block in message.blocks if block.get("fields")]
    assert fields[4]["text"] == "*Overdue when held*\n£1,250.00"
    view = await form(acme, message, "release.approve", user="george")
    assert "£1,000.00, oldest 110 days" in str(view.content)
    listed = await acme.command("/sage", "requests", user="george")
    assert "Overdue now: £1,000.00, oldest 110 days" in listed.text
    assert "release.approve" in str(listed.blocks)


async def test_whoever_promised_to_pay_is_not_suggested_again(acme):
    await acme.command("/customer", "LATE01 promise 500 by 20 March")
    message = (await asked(acme))["D0GEORGE"]
    assert "Promised: £500.00 by 20 March 2026" in message.text
    assert "suggested for a hold again" not in message.text


async def test_the_account_is_one_press_away(acme):
    message = (await asked(acme))["D0GEORGE"]
    card = await press(acme, message, "release.view", user="george")
    assert card.text.startswith("Late Motors (LATE01): 🛑 On hold")
    (mine,) = [m for m in acme.slack.messages if "asks to release" in m.text and m.channel == "D0PRIYA"]
    await acme.command("/sage", "company 1")
    assert (await press(acme, mine, "release.view")).text.startswith("Late Motors (LATE01): 🛑 On hold")


async def test_a_rep_sees_the_figures_of_their_own_customers_alone(acme):
    await asked(acme)
    assert "Overdue now: £1,250.00" in (await acme.command("/sage", "requests", user="anna")).text
    await acme.command("/sage", f'roles {ANNA} customers "sales rep":Mary')
    listed = await acme.command("/sage", "requests", user="anna")
    assert "You asked to release it: Cheque arrived" in listed.text
    assert "£" not in listed.text + str(listed.blocks)
    assert "release.approve" not in str(listed.blocks)


async def test_a_controller_without_a_sage_id_gets_the_link_before_anything_is_written(acme):
    await acme.command("/sage", "disconnect", user="george")
    message = (await asked(acme))["D0GEORGE"]
    view = await form(acme, message, "release.approve", user="george")
    assert "Continue to Sage ID" in str(view.content)
    assert "under your name" in str(view.content)
    typed = (await acme.command("/sage", "approve 1 Seen in the bank", user="george")).text
    assert "Then type this again: `/sage approve 1 Seen in the bank`" in typed
    assert (await form(acme, message, "release.decline", user="george")).content["callback_id"] == "release.decide"


async def test_a_sign_in_that_ends_while_the_form_is_open_loses_nothing_that_was_written(acme):
    message = (await asked(acme))["D0GEORGE"]
    view = await form(acme, message, "release.approve", user="george")
    await acme.command("/sage", "disconnect", user="george")
    answer = await acme.sender.submit(view, {"reason": "Seen in the bank"}, user="george")
    assert answer.json()["response_action"] == "push"  # on top of the form, where all that was written stays
    assert "/sage/connect/" in str(answer.json()["view"])
    await acme.connect("george@example.test", user="george")
    acme.clock.forward(minutes=1)
    await acme.sender.submit(view, {"reason": "Seen in the bank"}, user="george")
    await acme.settle()
    assert acme.world.customer("LATE01")["status_reason"] == "Seen in the bank (George, Slack)"

"""A rep asks for a customer, presses the card's buttons, and goes on asking while Sage is away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.customers.test_reach import opened_by


@pytest.fixture
def acme(read_office):
    return read_office


async def test_from_the_card_to_its_debt_and_invoices_and_through_an_outage(acme):
    card = await acme.command("/customer", "ABS001")
    assert card.warnings == []
    assert "Live from" in card.text

    table = await press(acme, card, "customer.aged")
    assert table.is_ephemeral
    for fact in ("Aged debt by transaction date", "Total: £2,464.16", "Live from"):
        assert fact in table.text
    assert [block["type"] for block in table.blocks][2:4] == ["data_visualization", "data_table"]

    by_due = await press(acme, table, "customer.aged.duedate")
    assert "by due date" in by_due.text
    invoices = await press(acme, card, "customer.invoices")
    assert "open invoice" in invoices.text
    assert "£2,464.16 outstanding" in invoices.text
    assert "open orders" in (await press(acme, card, "customer.orders")).text.lower()
    contact = await press(acme, card, "customer.contact")
    assert "Telephone: " in contact.text

    acme.sage.faults.offline()
    acme.clock.forward(minutes=12)
    copy = await acme.command("/customer", "ABS001")
    assert "12 minutes old" in copy.text
    assert "£2,464.16" in copy.text
    order = await acme.command("/customer", "ABS001 order 1500")
    assert order.text.startswith("*Stop*")
    assert "these figures are not live" in order.text
    debt = await press(acme, card, "customer.aged")
    assert "Sage 200 isn't responding" in debt.text
    assert "£" not in debt.text

    acme.clock.forward(hours=24)
    for text in ("ABS001", "abs garages", "ABS001 order 1500"):
        old = await acme.command("/customer", text)
        assert "are not shown" in old.text
        assert "£" not in json.dumps([old.text, old.blocks], ensure_ascii=False)

    acme.sage.faults.clear()
    fresh = await press(acme, copy, "customer.refresh")
    assert "Live from" in fresh.text
    assert "£2,464.16" in fresh.text


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (
            "ABS001 order 1500",
            "*Stop*: order of £1,500.00 for ABS Garages Ltd (ABS001)\n£1,232.08 is overdue, the oldest by 110 days",
        ),
        ("abs001 order £1,500", "= Headroom after it: £71.84"),
        ("ABS Garages Ltd order 1.5k", "Overdue: £1,232.08, oldest 110 days"),
        ("ABS001 order 1,571.85", "The order goes over the credit limit"),
        ("HOL001 order 1", "*Stop*"),
        ("ABS001 order 1,50", "That isn't an amount"),
        ("ABS001 order €5", "another currency"),
        ("Twin Motors order 5", "Which one?"),
        ("garages order", "No customer"),
        ("ABS001 order lots", "`£1,500.00` or `1.5k`"),
        ("ABS001 sooner Cheque bounced", "ABS001: I don't know “sooner Cheque bounced”."),
        ("abs001 relaese paid", "Did you mean `/customer ABS001 release REASON`"),
        ("ABS001 frobnicate", "`/customer ABS001 order 1500`"),
        ("NOWHERE9 frobnicate", "No customer"),
    ],
)
async def test_can_i_take_this_order(acme, text, fact):
    answer = await acme.command("/customer", text)
    assert fact in answer.text
    assert answer.is_ephemeral


async def test_a_word_like_no_other_is_answered_with_what_can_be_typed_alone(acme):
    answer = await acme.command("/customer", "ABS001 frobnicate")
    assert "After a customer you can type: `/customer ABS001 history`" in answer.text
    assert "Did you mean" not in answer.text
    assert "Did you mean" not in (await acme.command("/sage", "frobnicate")).text


async def test_a_name_in_quotation_marks_takes_every_word(acme):
    noted = await acme.command("/customer", '"ABS Garages Ltd" note Rang about the invoice')
    assert noted.text.startswith("*Noted on ABS Garages Ltd (ABS001):* Rang about the invoice")
    several = await acme.command("/customer", '"Twin Motors Ltd" hold Not paid')
    assert "Which one?" in several.text
    part = await acme.command("/customer", '"Overton" hold Not paid')
    assert part.text.startswith("Overton Motors Ltd (OVE001): ✅ Not on hold")
    assert not acme.world.customer("OVE001").get("on_hold")


@pytest.mark.parametrize(
    ("text", "usage"),
    [("order 1500 ABS001", "order 1500"), ("hold Not paid", "hold REASON"), ("request-limit 6000", "request-limit")],
)
async def test_what_is_to_be_done_typed_before_the_customer_is_no_name(acme, text, usage):
    answer = await acme.command("/customer", text)
    assert answer.text.startswith(f"“{text}” isn't understood: the customer comes first.")
    assert f"`/customer ABS001 {usage}" in answer.text


async def test_an_order_typed_without_its_value_opens_a_form_for_it(acme):
    await acme.sender.command("/customer", "ABS001 order", user="priya", team="T0ACME")
    await acme.settle()
    [view] = acme.modals
    refused = await acme.sender.submit(view, {"amount": "lots"}, user="priya")
    assert "amount" in json.loads(refused.body)["errors"]
    await acme.sender.submit(view, {"amount": "1500"}, user="priya")
    await acme.settle()
    [view] = acme.modals
    assert "= Headroom after it: £71.84" in str(view.content)
    acme.slack.refuse_next("expired_trigger_id", method="views.open")
    assert "`/customer ABS001 order 1500`" in (await acme.command("/customer", "ABS001 order")).text


async def test_the_card_says_what_is_overdue_by_the_copy_while_that_fits_the_balance(acme):
    def items_asked():
        return sum("sales_transaction_views" in str(each) for each in acme.sage.requests)

    before = items_asked()
    for words in ("ABS001", "ABS Garages Ltd"):
        assert "Overdue: £1,232.08, oldest 110 days\n" in (await acme.command("/customer", words)).text
    assert items_asked() == before
    acme.sage.world.companies[0].row("ABS001")["balance"] += Decimal(100)
    unsure = await acme.command("/customer", "ABS001")
    assert "Unconfirmed: the balance differs from the open items by £100.00." in unsure.text
    assert items_asked() == before + 1


async def test_a_card_without_figures_says_nothing_of_debt(acme):
    await acme.command("/sage", "settings status-for-everyone on")
    card = await acme.command("/customer", "ABS001", user="george")
    assert "Not on hold" in card.text
    assert "verdue" not in json.dumps([card.text, card.blocks])


async def test_the_policy_of_the_workspace_decides_what_is_too_late(acme):
    await acme.command("/sage", "settings overdue-stop off")
    assert (await acme.command("/customer", "ABS001 order 1500")).text.startswith(
        "*Check with credit control*: order of"
    )
    await acme.command("/sage", "settings overdue-ask 365d")
    answer = await acme.command("/customer", "ABS001 order 1500")
    assert answer.text.startswith("*OK*: order of £1,500.00")
    assert "Overdue: £1,232.08, oldest 110 days\n" in answer.text


async def test_an_order_is_for_credit_control_where_sage_gives_no_transactions(acme):
    acme.sage.faults.next(403, times=9, contains="sales_transaction_views")
    answer = await acme.command("/customer", "ABS001 order 1500")
    assert answer.text.startswith("*Check with credit control*")
    assert "Overdue: not known: Sage 200 gives no transactions here" in answer.text


async def test_who_presses_it_is_asked_afresh(acme):
    card = await acme.command("/customer", "ABS001")
    for action in ("customer.aged", "customer.invoices", "customer.orders", "customer.contact", "customer.refresh"):
        refused = await press(acme, acme.as_if_shown(card, "george"), action, user="george")
        assert "haven't connected" in refused.text
        assert "£" not in refused.text
        forged = await press(acme, card, action, value="999999999 1 ABS001")
        assert "not in your company" in forged.text
        assert "out of date" in (await press(acme, card, action, value="1 or 1 eq 1")).text


async def test_nothing_takes_the_place_of_a_message_that_others_read(acme):
    card = await acme.command("/customer", "ABS001")
    for action in ("customer.aged", "customer.invoices", "customer.orders", "customer.contact", "customer.refresh"):
        posted = replace(card, user="")
        answer = await press(acme, posted, action)
        assert "ABS001" in answer.text
        assert (answer.user, posted.is_gone) == ("U0PRIYA", False), action


async def test_a_card_names_the_first_live_orders_and_does_without_where_sage_refuses_them(acme):
    for day in (9, 4, 7, 8):
        acme.world.place_order("ORD001", 50, promised=date(2026, 4, day))
    card = await acme.command("/customer", "ORD001")
    assert "first promised for 4 April 2026" in card.text
    assert card.text.count("• order ") == 3
    acme.sage.faults.answer_instead(contains="sop_orders")
    bare = await acme.command("/customer", "ORD001")
    assert "Balance: £900.00" in bare.text
    assert "• order " not in bare.text


async def test_a_card_that_a_button_draws_again_is_the_whole_card(acme):
    for day in (9, 4, 7, 8):
        acme.world.place_order("ORD001", 50, promised=date(2026, 4, day))
    card = await acme.command("/customer", "ORD001")
    whole = sections(card)

    async def redrawn(card, action):
        await acme.sender.click(card, action, user="priya")
        await acme.settle()
        [found] = [each for each in acme.slack.messages if each.ts == card.ts and not each.is_gone]
        assert found is not card
        assert sections(found) == whole, action
        return found

    for action in ("customer.refresh", "customer.watch", "customer.unwatch"):
        card = await redrawn(card, action)
    view = await opened_by(acme, card, "customer.hold")
    await acme.sender.submit(view, {"reason": "Cheque bounced"}, user="priya")
    await acme.settle()
    [held] = [each for each in acme.slack.messages if each.ts == card.ts and not each.is_gone]
    assert "On hold" in held.text
    assert held.text.count("• order ") == 3


def sections(card):
    """What a card says, without the buttons and the line of its time."""
    return [
        {name: value for name, value in block.items() if name not in {"accessory", "block_id"}}
        for block in card.blocks
        if block["type"] in {"header", "section", "rich_text"}
    ]

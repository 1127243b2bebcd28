"""What is behind a card's buttons, through the gate; hostile names included."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.domain.debt.debts import DebtItem, ItemKind
from bot.domain.money import Currency
from bot.domain.source import Away, Copied, Source, in_words
from bot.features.account_detail.model import (
    AgeBy,
    AgedDebt,
    Bucket,
    Contact,
    OpenInvoices,
    OpenOrders,
    Order,
)
from bot.features.account_detail.views import aged_debt, documents
from bot.features.card.model.order_check import amount, check_order
from bot.features.card.views import card as customers
from bot.features.card.views import order_check
from bot.features.customers.model.lookup import NoCustomer, SeveralCustomers
from tests.builders import NOTHING_LATE, NOW, card, customer, names
from tests.slack.gate import passes
from tests.slack.hostile import whatever_things_are_called

LIVE = Source("ABS Motor Factors Ltd", NOW)
COPIED = Copied(Away.SILENT, NOW + timedelta(minutes=12))
BUCKETS = (Bucket("Current", Decimal("1232.08")), Bucket("Over 90 days", Decimal("1232.08")), Bucket("x", Decimal(-5)))


def named(words):
    return customer(
        reference=words[:20] or "?",
        name=words,
        contact_name=words,
        contact_email=words,
        currency=Currency("", words[:4]),
    )


def every(who, words):
    source = replace(LIVE, company_name=words)
    item = DebtItem(
        1,
        ItemKind.INVOICE,
        Decimal("10.00"),
        reference=words[:20],
        second_reference=words,
        due=date(2026, 1, 1),
    )
    order = Order(1, words[:20], Decimal(5), customers_number=words, is_on_hold=True, promised=date(2026, 4, 1))
    shown = card(who, company_name=words or "x", copied=COPIED)
    return [
        aged_debt.aged_debt(AgedDebt(who, AgeBy.DUE_DATE, (Bucket(words[:40], Decimal(1)), *BUCKETS), source)),
        documents.invoices(OpenInvoices(who, (item,) * 40, Decimal(-9), date(2026, 3, 2), source), page=2),
        documents.orders(OpenOrders(who, (order,) * 40, source), page=2),
        documents.contact(Contact(who, (words, words), source)),
        order_check.order_answer(check_order(who, amount("5")), shown),
        customers.customer_card(shown),
        customers.lookup_answer(NoCustomer(words, (), words, source)),
    ]


@whatever_things_are_called
def test_words_of_any_kind_do_no_harm(words):
    for message in every(named(words), words):
        passes(message)


def test_aged_debt_says_every_age_the_total_and_that_the_balance_differs():
    message = aged_debt.aged_debt(AgedDebt(customer(), AgeBy.DUE_DATE, BUCKETS, LIVE))
    for fact in ("by due date", "Current: £1,232.08", "x: −£5.00", "Total: £2,459.16", "£2,464.16", "Live from"):
        assert fact in message.text
    same = aged_debt.aged_debt(AgedDebt(customer(balance=Decimal("2459.16")), AgeBy.DUE_DATE, BUCKETS, LIVE))
    assert "not add up" not in same.text


def test_aged_debt_is_a_chart_above_its_table_and_slack_can_draw_ages_of_any_name():
    long = tuple(Bucket(f"Older than the quarter before {number}", Decimal(number)) for number in range(8))
    for buckets in (BUCKETS, long, (Bucket("x", Decimal(0)), Bucket("x", Decimal("0.01")))):
        message = aged_debt.aged_debt(AgedDebt(customer(), AgeBy.DUE_DATE, buckets, LIVE))
        passes(message)
        chart, table = (block for block in message.blocks if block["type"].startswith("data_"))
        [series] = chart["chart"]["series"]
        assert [point["value"] for point in series["data"]] == [float(each.amount) for each in buckets]
        assert [point["label"] for point in series["data"]] == chart["chart"]["axis_config"]["categories"]
        assert [row[1]["value"] for row in table["rows"][1:-1]] == [float(each.amount) for each in buckets]
    assert chart["chart"]["axis_config"]["categories"] == ["x", "x (2)"]


def test_invoices_are_counted_with_those_overdue_and_paged():
    items = tuple(
        DebtItem(
            n,
            ItemKind.INVOICE,
            Decimal(10),
            reference=f"INV{n}",
            due=date(2026, 2, 20) + timedelta(days=n),
            query="D" if n == 1 else "",
        )
        for n in range(1, 33)
    )
    found = OpenInvoices(customer(), items, Decimal(-5), date(2026, 3, 2), LIVE)
    first, last = documents.invoices(found), documents.invoices(found, page=99)
    for fact in ("32 open invoices", "£320.00 outstanding", "9 overdue, £90.00", "−£5.00", "9 days overdue", "queried"):
        assert fact in first.text
    assert "Page 1 of 3" in first.text
    assert ("INV32" in first.text, "INV32" in last.text, "Page 3 of 3" in last.text) == (False, True, True)
    assert "No open invoices" in documents.invoices(OpenInvoices(customer(), (), Decimal(0), NOW.date(), LIVE)).text


def test_held_orders_are_marked():
    found = OpenOrders(customer(), (Order(2, "70002", Decimal(7), is_on_hold=True), Order(1, "70001", None)), LIVE)
    text = documents.orders(found).text
    for fact in ("2 open orders", "1 on hold", "70002", "£7.00", "🛑 on hold", "value unknown"):
        assert fact in text
    assert "No open orders" in documents.orders(OpenOrders(customer(), (), LIVE)).text


def test_a_verdict_comes_first_and_the_sum_after_it():
    message = order_check.order_answer(check_order(customer(), amount("1.5k"), lateness=NOTHING_LATE), card())
    passes(message)
    for fact in (
        "*OK*",
        "£4,000.00",
        "− Balance: £2,464.16",
        "+ Open orders (returns): £36.00",
        "= Headroom after it: £71.84",
    ):
        assert fact in message.text
    assert message.text.index("OK") < message.text.index("£4,000.00")


def test_a_copy_is_marked_above_its_figures():
    for message in (
        customers.customer_card(card(copied=COPIED)),
        order_check.order_answer(check_order(customer(), amount("1")), card(copied=COPIED)),
    ):
        passes(message)
        assert "12 minutes old" in message.text
        assert "12 minutes old" in str(message.blocks[1])
    source = Source("ABS", NOW, COPIED)
    assert "12 minutes old" in customers.lookup_answer(SeveralCustomers("x", names(2), False, "ABS", source)).text


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (0, "less than a minute"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (3900, "1 hour 5 minutes"),
        (7200, "2 hours"),
        (172800, "2 days"),
    ],
)
def test_ages_in_words(age, words):
    assert in_words(timedelta(seconds=age)) == words


@pytest.mark.parametrize(
    "value", ["", None, "1", "1 1", "1 1 ", "-1 1 ABS001", "1e3 1 ABS001", "٣ 1 A", "9" * 30 + " 1 A", "xyz:1 1 A"]
)
def test_a_forged_button_is_not_ours(value):
    assert documents.detail_request({"value": value}) is None
    for key in ("0123456789abcdef", ""):
        value = documents.detail_value(customer(), key, 3)
        assert documents.detail_request({"value": value}) == documents.DetailButton(key, 27828, 3, "ABS001")


def test_a_list_says_how_many_rows_it_could_not_read():
    found = OpenInvoices(customer(), (), Decimal(0), NOW.date(), LIVE, 1)
    assert "1 document in Sage 200 can't be read, so nothing here counts it." in documents.invoices(found).text

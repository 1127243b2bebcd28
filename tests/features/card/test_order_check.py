"""Can I take this order? The rule, the amounts, and the words it is asked with."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.money import Currency
from bot.errors import BadQuestion
from bot.features.card.model.customer_command import Word, parse
from bot.features.card.model.order_check import Amount, Verdict, Why, amount, check
from tests.builders import customer

ROOM = Decimal("1571.84")  # 4000.00 − 2464.16 − −36.00


@pytest.mark.parametrize(
    ("changes", "order", "verdict", "why"),
    [
        ({}, "1500", Verdict.GO, Why.WITHIN),
        ({}, str(ROOM), Verdict.GO, Why.WITHIN),
        ({}, "1571.85", Verdict.ASK, Why.BEYOND),
        ({"on_hold": True}, "1", Verdict.STOP, Why.ON_HOLD),
        ({"on_hold": True, "credit_limit": None}, "1", Verdict.STOP, Why.ON_HOLD),
        ({"on_hold": True, "credit_limit": Decimal(0)}, "1", Verdict.STOP, Why.ON_HOLD),
        ({"balance": Decimal("4000.01")}, "1", Verdict.STOP, Why.OVER),
        ({"balance": Decimal("4000.00"), "open_orders": Decimal(0)}, "1", Verdict.ASK, Why.BEYOND),
        ({"hidden": True}, "1", Verdict.ASK, Why.HIDDEN),
        ({"credit_limit": Decimal(0)}, "1", Verdict.ASK, Why.NO_LIMIT),
        ({"credit_limit": None}, "1", Verdict.ASK, Why.UNKNOWN),
        ({"balance": None}, "1", Verdict.ASK, Why.UNKNOWN),
        ({"open_orders": None}, "1", Verdict.ASK, Why.UNKNOWN),
        ({"open_orders": Decimal(2000)}, "1", Verdict.ASK, Why.BEYOND),
        ({"balance": Decimal(-500)}, "4536.00", Verdict.GO, Why.WITHIN),
    ],
)
def test_the_verdict_is_the_gravest_that_holds(changes, order, verdict, why):
    found = check(customer(**changes), amount(order))
    assert (found.verdict, found.why) == (verdict, why)


def test_the_arithmetic_adds_up():
    found = check(customer(), amount("1500"))
    assert found.headroom == found.limit - found.balance - found.open_orders == ROOM
    assert found.after == found.headroom - found.order == Decimal("71.84")


def test_what_sage_left_out_is_not_taken_for_nothing():
    found = check(customer(open_orders=None), amount("1"))
    assert (found.headroom, found.after) == (None, None)


@pytest.mark.parametrize(
    ("changes", "verdict", "why"),
    [({}, Verdict.ASK, Why.COPIED), ({"on_hold": True}, Verdict.STOP, Why.ON_HOLD)],
)
def test_a_copy_never_says_go(changes, verdict, why):
    found = check(customer(**changes), amount("1"), is_copy=True)
    assert (found.verdict, found.why) == (verdict, why)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1500", "1500.00", ""),
        ("£1,500", "1500.00", "GBP"),
        ("1.5k", "1500.00", ""),
        ("£1.5K", "1500.00", "GBP"),
        ("1500.00", "1500.00", ""),
        ("eur 1,234,567.89", "1234567.89", "EUR"),
        ("99 usd", "99.00", "USD"),
        ("$0.01", "0.01", "$"),
        ("2m", "2000000.00", ""),
    ],
)
def test_amounts_as_people_type_them(text, value, currency):
    assert amount(text) == Amount(Decimal(value), currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-5",
        "1,50",
        "1.505",
        "1.2345678k",
        "15,00.00",
        "twelve",
        "1e9",
        "£5€",
        "9" * 13,
        "9" * 90,
        "٣",
        "1 500",
        "nan",
    ],
)
def test_what_is_no_amount_is_said_so(text):
    with pytest.raises(BadQuestion):
        amount(text)


@pytest.mark.parametrize(
    ("currency", "typed", "fits"),
    [
        (Currency("GBP", "£"), "£5", True),
        (Currency("EUR", "€"), "£5", False),
        (Currency("EUR", "€"), "5", True),
        (Currency("USD", "$"), "$5", True),
        (Currency("AUD", "A$"), "$5", True),
        (Currency("GBP", "£"), "$5", False),
        (Currency("", "zł"), "£5", False),
        (Currency(), "£5", True),
    ],
)
def test_the_currency_is_the_customers(currency, typed, fits):
    if fits:
        assert check(customer(currency=currency), amount(typed)).currency == currency
    else:
        with pytest.raises(BadQuestion, match="another currency"):
            check(customer(currency=currency), amount(typed))


@pytest.mark.parametrize(
    ("text", "subject", "word", "rest", "sure"),
    [
        ("ABS001 order 1500", "ABS001", Word.ORDER, "1500", True),
        ("  abs   garages ORDER £1,500 ", "abs garages", Word.ORDER, "£1,500", True),
        ("ABS001 order £ 1500", "ABS001", Word.ORDER, "£ 1500", True),
        ("ABS001 hold Cheque bounced", "ABS001", Word.HOLD, "Cheque bounced", False),
        ("ABS001 release Paid", "ABS001", Word.RELEASE, "Paid", False),
        ("ABS001 request-release Paid today", "ABS001", Word.REQUEST_RELEASE, "Paid today", False),
        ("ABS001 request\u2013release Paid", "ABS001", Word.REQUEST_RELEASE, "Paid", False),
        ("ABS001 Watch", "ABS001", Word.WATCH, "", False),
        ("ABS001 unwatch", "ABS001", Word.UNWATCH, "", False),
        ("garages order", "", None, "", False),
        ("order 1500", "", None, "", False),
        ("Mail Order Supplies", "", None, "", False),
        ("ABS001 hold", "ABS001", Word.HOLD, "", False),
        ("ABS001 watch this", "", None, "", False),
        ("hold", "", None, "", False),
        ("ABS001", "", None, "", False),
        ("", "", None, "", False),
    ],
)
def test_words_after_a_customer(text, subject, word, rest, sure):
    found = parse(text)
    assert (found.subject, found.word, found.rest, found.is_sure) == (subject, word, rest, sure)
    assert found.whole == " ".join(text.split())

"""Can I take this order? The rule, the amounts, and the words it is asked with."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.domain.debt.debts import DebtItem, ItemKind, debt_on, set_off
from bot.domain.debt.lateness import NOT_ASKED, DebtUnknown, Lateness
from bot.domain.money import Currency
from bot.domain.text.folding import folded
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Policy
from bot.features.card.model.customer_command import CustomerWord, parse_customer_command
from bot.features.card.model.order_check import Amount, OrderReason, OrderVerdict, amount
from bot.features.card.model.order_check import check_order as check_with_debt
from tests.builders import NOTHING_LATE, customer

TODAY = date(2026, 3, 16)


def check_order(who, asked, **how):
    return check_with_debt(who, asked, **{"lateness": NOTHING_LATE, **how})


def late(*owed, undated=0, **known):
    """Return the lateness of (amount, days late) pairs."""
    items = [
        DebtItem(n, ItemKind.INVOICE, Decimal(each), due=TODAY - timedelta(days=days))
        for n, (each, days) in enumerate(owed, start=1)
    ]
    items += [DebtItem(99, ItemKind.INVOICE, Decimal(undated))] if undated else []
    return Lateness(debt_on(TODAY, set_off(items)), **known)


ROOM = Decimal("1571.84")  # 4000.00 − 2464.16 − −36.00


@pytest.mark.parametrize(
    ("changes", "order", "decision", "why"),
    [
        ({}, "1500", OrderVerdict.GO, OrderReason.WITHIN),
        ({}, str(ROOM), OrderVerdict.GO, OrderReason.WITHIN),
        ({}, "1571.85", OrderVerdict.ASK, OrderReason.BEYOND),
        ({"on_hold": True}, "1", OrderVerdict.STOP, OrderReason.ON_HOLD),
        ({"on_hold": True, "credit_limit": None}, "1", OrderVerdict.STOP, OrderReason.ON_HOLD),
        ({"on_hold": True, "credit_limit": Decimal(0)}, "1", OrderVerdict.STOP, OrderReason.ON_HOLD),
        ({"balance": Decimal("4000.01")}, "1", OrderVerdict.STOP, OrderReason.OVER),
        ({"balance": Decimal("4000.00"), "open_orders": Decimal(0)}, "1", OrderVerdict.ASK, OrderReason.BEYOND),
        ({"hidden": True}, "1", OrderVerdict.ASK, OrderReason.HIDDEN),
        ({"credit_limit": Decimal(0)}, "1", OrderVerdict.ASK, OrderReason.NO_LIMIT),
        ({"credit_limit": None}, "1", OrderVerdict.ASK, OrderReason.UNKNOWN),
        ({"balance": None}, "1", OrderVerdict.ASK, OrderReason.UNKNOWN),
        ({"open_orders": None}, "1", OrderVerdict.ASK, OrderReason.UNKNOWN),
        ({"open_orders": Decimal(2000)}, "1", OrderVerdict.ASK, OrderReason.BEYOND),
        ({"balance": Decimal(-500)}, "4536.00", OrderVerdict.GO, OrderReason.WITHIN),
    ],
)
def test_the_verdict_is_the_gravest_that_holds(changes, order, decision, why):
    found = check_order(customer(**changes), amount(order))
    assert (found.decision, found.why) == (decision, why)


STOP, ASK, GO = OrderVerdict.STOP, OrderVerdict.ASK, OrderVerdict.GO
SOON = date(2026, 3, 17)


@pytest.mark.parametrize(
    ("lateness", "policy", "decision", "reasons"),
    [
        (late(), {}, GO, [OrderReason.WITHIN]),
        (late((500, 30)), {}, STOP, [OrderReason.LATE_STOP]),
        (late((500, 29)), {}, ASK, [OrderReason.LATE]),
        (late((500, 7)), {}, ASK, [OrderReason.LATE]),
        (late((500, 6)), {}, GO, [OrderReason.WITHIN]),
        (late(("49.99", 200)), {}, GO, [OrderReason.WITHIN]),
        (late(("49.99", 200)), {"overdue_least": Decimal(0)}, STOP, [OrderReason.LATE_STOP]),
        (late((25, 1)), {}, GO, [OrderReason.WITHIN]),
        (late((500, 200)), {"overdue_stop_days": None}, ASK, [OrderReason.LATE]),
        (late((500, 45), promised=Decimal(500), promised_by=SOON), {}, ASK, [OrderReason.LATE_PROMISED]),
        (late((500, 45), promised=Decimal(499), promised_by=SOON), {}, STOP, [OrderReason.LATE_STOP]),
        (late((500, 45), broken_since=TODAY), {}, STOP, [OrderReason.LATE_STOP, OrderReason.BROKEN]),
        (late((500, 3), broken_since=TODAY), {}, ASK, [OrderReason.BROKEN]),
        (late((100, 3), undated=150), {}, ASK, [OrderReason.UNDATED]),
        (late((100, 3), undated=49), {}, GO, [OrderReason.WITHIN]),
        (late((100, 3), why=DebtUnknown.DIFFERS, difference=Decimal(20)), {}, ASK, [OrderReason.DEBT_UNSURE]),
        (Lateness(None, DebtUnknown.FORWARD), {}, ASK, [OrderReason.DEBT_UNKNOWN]),
        (NOT_ASKED, {}, ASK, [OrderReason.DEBT_UNKNOWN]),
    ],
)  # fmt: skip
def test_late_debt_decides_too(lateness, policy, decision, reasons):
    found = check_order(customer(), amount("1500"), lateness=lateness, policy=Policy(**policy))
    assert (found.decision, list(found.reasons)) == (decision, reasons)


def disputed(*owed, days):
    items = [DebtItem(1, ItemKind.INVOICE, Decimal(400), due=TODAY - timedelta(days=days), query="D")]
    items += [DebtItem(2, ItemKind.INVOICE, Decimal(each), due=TODAY - timedelta(days=at)) for each, at in owed]
    return Lateness(debt_on(TODAY, set_off(items)))


@pytest.mark.parametrize(
    ("lateness", "counts", "decision", "overdue"),
    [
        (disputed(days=45), False, GO, 0),
        (disputed(days=45), True, STOP, 400),
        (disputed((100, 3), days=10), True, ASK, 500),
        (disputed((100, 40), days=10), True, STOP, 500),
        (disputed(days=-5), True, GO, 0),
    ],
)
def test_debt_in_query_counts_where_the_workspace_says_so(lateness, counts, decision, overdue):
    found = check_order(customer(), amount("1500"), lateness=lateness, policy=Policy(disputes_count=counts))
    assert (found.decision, found.lateness.debt.overdue) == (decision, overdue)


def test_every_reason_is_named_the_gravest_first():
    found = check_order(customer(on_hold=True), amount("9000"), lateness=late((500, 40)))
    assert list(found.reasons) == [OrderReason.ON_HOLD, OrderReason.LATE_STOP, OrderReason.BEYOND]


def test_the_arithmetic_adds_up():
    found = check_order(customer(), amount("1500"))
    assert found.headroom == found.limit - found.balance - found.open_orders == ROOM
    assert found.after == found.headroom - found.order == Decimal("71.84")


def test_what_sage_left_out_is_not_taken_for_nothing():
    found = check_order(customer(open_orders=None), amount("1"))
    assert (found.headroom, found.after) == (None, None)


@pytest.mark.parametrize(
    ("changes", "decision", "why"),
    [({}, OrderVerdict.ASK, OrderReason.COPIED), ({"on_hold": True}, OrderVerdict.STOP, OrderReason.ON_HOLD)],
)
def test_a_copy_never_says_go(changes, decision, why):
    found = check_order(customer(**changes), amount("1"), is_copy=True)
    assert (found.decision, found.why) == (decision, why)


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
        assert check_order(customer(currency=currency), amount(typed)).currency == currency
    else:
        with pytest.raises(BadQuestion, match="another currency"):
            check_order(customer(currency=currency), amount(typed))


@pytest.mark.parametrize(
    ("text", "subject", "word", "rest", "sure"),
    [
        ("ABS001 order 1500", "ABS001", CustomerWord.ORDER, "1500", True),
        ("  abs   garages ORDER £1,500 ", "abs garages", CustomerWord.ORDER, "£1,500", True),
        ("ABS001 order £ 1500", "ABS001", CustomerWord.ORDER, "£ 1500", True),
        ("ABS001 hold Cheque bounced", "ABS001", CustomerWord.HOLD, "Cheque bounced", False),
        ("ABS001 release Paid", "ABS001", CustomerWord.RELEASE, "Paid", False),
        ("ABS001 request-release Paid today", "ABS001", CustomerWord.REQUEST_RELEASE, "Paid today", False),
        ("ABS001 request\u2013release Paid", "ABS001", CustomerWord.REQUEST_RELEASE, "Paid", False),
        ("ABS001 Watch", "ABS001", CustomerWord.WATCH, "", False),
        ("ABS001 unwatch", "ABS001", CustomerWord.UNWATCH, "", False),
        ("garages order", "garages", CustomerWord.ORDER, "", False),
        ("order 1500", "order", None, "1500", False),
        ("Mail Order Supplies", "Mail", CustomerWord.ORDER, "Supplies", False),
        ("ABS001 hold", "ABS001", CustomerWord.HOLD, "", False),
        ("ABS001 hold Order 1500 not paid", "ABS001", CustomerWord.HOLD, "Order 1500 not paid", False),
        ("ABS001 release order 1500", "ABS001", CustomerWord.RELEASE, "order 1500", False),
        ("ABS001 note rang about order 1500", "ABS001", CustomerWord.NOTE, "rang about order 1500", False),
        ("Night Watch order 1500", "Night Watch", CustomerWord.ORDER, "1500", True),
        ("ABS001 watch this", "ABS001", None, "watch this", False),
        ('"ABS Garages Ltd" promise 500 by Friday', "ABS Garages Ltd", CustomerWord.PROMISE, "500 by Friday", False),
        ("“House Hold” hold Not paid", "House Hold", CustomerWord.HOLD, "Not paid", False),
        ('"ABS Garages Ltd" order 1500', "ABS Garages Ltd", CustomerWord.ORDER, "1500", True),
        ('"House Hold" hold order 1500 unpaid', "House Hold", CustomerWord.HOLD, "order 1500 unpaid", False),
        ('"ABS001" watch', "ABS001", CustomerWord.WATCH, "", False),
        ('"ABS Garages Ltd"', "", None, "", False),
        ("hold", "", None, "", False),
        ("ABS001", "", None, "", False),
        ("", "", None, "", False),
    ],
)
def test_words_after_a_customer(text, subject, word, rest, sure):
    found = parse_customer_command(text)
    assert (found.subject, found.word, found.rest, found.is_sure) == (subject, word, rest, sure)
    assert found.whole == folded(text)
    assert found.or_else is None or not found.is_quoted


def test_an_order_of_a_customer_called_like_a_command_is_one_if_that_is_no_reference():
    found = parse_customer_command("House Hold order 1500")
    assert (found.subject, found.word) == ("House", CustomerWord.HOLD)
    order = found.or_else
    assert order is not None
    assert (order.subject, order.word, order.rest) == ("House Hold", CustomerWord.ORDER, "1500")

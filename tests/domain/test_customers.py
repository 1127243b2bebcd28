from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from bot.domain.customer import Customer
from bot.domain.money import percent_shown


def customer(**figures):
    money = {name: Decimal(value) if isinstance(value, str) else value for name, value in figures.items()}
    return Customer(id=1, reference="ABS001", name="ABS Garages Ltd", on_hold=False, **money)


@pytest.mark.parametrize(
    ("limit", "has_limit"), [(None, False), ("0", False), ("0.00", False), ("-0.00", False), ("0.01", True)]
)
def test_a_limit_of_nought_is_no_limit(limit, has_limit):
    assert customer(credit_limit=limit).has_limit is has_limit


@pytest.mark.parametrize(
    ("balance", "limit", "orders", "headroom"),
    [
        ("2464.16", "4000.00", "-36.00", "1571.84"),
        ("2464.16", "4000.00", "1500.00", "35.84"),
        ("2464.16", "4000.00", None, "1535.84"),
        ("4100.00", "4000.00", "0", "-100.00"),
        ("-100.00", "4000.00", "0", "4100.00"),
        ("2464.16", "0", "0", None),
        ("2464.16", None, "0", None),
        (None, "4000.00", "0", None),
    ],
)
def test_headroom_is_limit_less_balance_less_open_orders(balance, limit, orders, headroom):
    figures = customer(balance=balance, credit_limit=limit, open_orders=orders)
    assert figures.headroom == (None if headroom is None else Decimal(headroom))


@pytest.mark.parametrize(
    ("balance", "limit", "percent"),
    [
        ("2464.16", "4000.00", 62),
        ("20.00", "4000.00", 1),
        ("19.99", "4000.00", 0),
        ("4000.00", "4000.00", 100),
        ("9000.00", "4000.00", 225),
        ("-400.00", "4000.00", None),
        ("0", "4000.00", 0),
        ("2464.16", "0", None),
        ("2464.16", None, None),
        (None, "4000.00", None),
    ],
)
def test_use_of_the_limit_is_a_whole_percentage(balance, limit, percent):
    assert percent_shown(customer(balance=balance, credit_limit=limit).percent_used) == percent


@pytest.mark.parametrize(
    ("balance", "limit", "orders", "over"),
    [
        ("4000.01", "4000.00", None, True),
        ("4000.00", "4000.00", None, False),
        ("3999.00", "4000.00", "5000.00", False),
        ("4000.00", "0", None, False),
        ("4000.00", None, None, False),
        (None, "4000.00", None, False),
        ("-1.00", "4000.00", None, False),
    ],
)
def test_over_the_limit_is_sages_own_rule(balance, limit, orders, over):
    assert customer(balance=balance, credit_limit=limit, open_orders=orders).over_limit is over


def test_a_customer_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        customer().on_hold = True

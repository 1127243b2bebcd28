from __future__ import annotations

from decimal import Decimal, localcontext

import pytest

from bot.domain.money import STERLING, Currency, read_amount

EUROS, DOLLARS, OLD, UNKNOWN = Currency("EUR", "€"), Currency("USD", "$"), Currency("", "kr"), Currency()


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [
        (STERLING, "2464.16", "£2,464.16"),
        (STERLING, "4000", "£4,000.00"),
        (STERLING, "0", "£0.00"),
        (STERLING, "-36.00", "−£36.00"),
        (STERLING, "-1234567.8", "−£1,234,567.80"),
        (STERLING, "-0.00", "£0.00"),
        (STERLING, "-0.004", "£0.00"),
        (STERLING, "0.005", "£0.01"),
        (STERLING, "2.675", "£2.68"),
        (STERLING, "-2.675", "−£2.68"),
        (STERLING, "999.995", "£1,000.00"),
        (STERLING, "1E+3", "£1,000.00"),
        (EUROS, "1.5", "€1.50"),
        (DOLLARS, "-1.5", "−USD 1.50"),
        (OLD, "1.5", "kr1.50"),
        (UNKNOWN, "1.5", "1.50"),
        (UNKNOWN, "-1.5", "−1.50"),
        (Currency("GBP", ""), "1", "£1.00"),
    ],
)
def test_an_amount_is_shown_the_british_way(currency, amount, shown):
    assert currency.show(Decimal(amount)) == shown


def test_halves_are_rounded_away_from_nought_whatever_the_context_says():
    with localcontext(rounding="ROUND_DOWN"):
        assert STERLING.show(Decimal("0.125")) == "£0.13"


def test_currencies_are_values():
    assert Currency("GBP", "£") == STERLING
    assert len({Currency("GBP", "£"), STERLING, EUROS}) == 2


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("500", "500"),
        ("£1,500", "1500"),
        ("€1500.5", "1500.5"),
        ("$999,999,999.99", "999999999.99"),
        ("1000000000", None),
        ("1,000,000,000", None),
        ("1,50", None),
        ("15,00,000", None),
        ("1.555", None),
        (".50", None),
        ("-5", None),
        ("£", None),
        ("£ 5", None),
        ("5k", "5000"),
        ("£1.5K", "1500"),
        ("2m", "2000000"),
        ("5kk", None),
        ("1000m", None),
        ("٥٠٠", None),
        ("", None),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed, amount):
    assert read_amount(typed) == (None if amount is None else Decimal(amount))

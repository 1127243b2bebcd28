"""Text from Sage and Slack made harmless, whichever way it is looked at."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.money import Currency
from bot.slack.views.text import money, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Abbey  Components Ltd", "Abbey Components Ltd"),
        ("Café 24 · £2,464.16", "Café 24 · £2,464.16"),
        ("Abbey\u115f Components", "Abbey Components"),  # a letter that prints as nothing
        ("Abbey\u202e Components", "Abbey Components"),
        ("Abbey\r\nComponents\x07", "Abbey Components"),
        ("Abbey\u2028Components\ud800", "Abbey Components"),
        ("Abbey\u00a0Components", "Abbey Components"),
        ("x" * 151, "x" * 149 + "…"),
    ],
)
def test_one_line_of_what_can_be_seen(text, shown):
    assert plain(text) == shown


@pytest.mark.parametrize("symbol", ["x" * 200, "<!channel>", "&" * 200])
def test_an_odd_currency_mark_never_cuts_the_figure(symbol):
    shown = money(Currency("", symbol), Decimal("9999999999.99"))
    assert shown.endswith("9,999,999,999.99")
    assert "<" not in shown

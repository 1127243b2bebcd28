"""Text from Sage and Slack made harmless, whichever way it is looked at."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.money import Currency
from bot.slack.views.text import cut, money, plain


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


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x" * 10, "x" * 10),
        ("x" * 11, "x" * 9 + "…"),
        ("1234567&amp;", "1234567…"),
        ("12&amp;6789012", "12&amp;67…"),
        ("12345 <@U0PRIYA> said", "12345…"),
    ],
)
def test_a_text_is_cut_beside_what_slack_reads_as_one(text, kept):
    assert cut(text, most=10) == kept

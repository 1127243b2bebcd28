"""The weekly list of overdue debt: a table of who is named, and a chart of who moved most."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.domain.debt.lateness import DebtUnknown
from bot.domain.money import STERLING, Currency
from bot.features.alerts.model.messages import DebtsDigest, OverdueMover, OverdueTotal, Shown
from bot.features.alerts.views.debts import debts_message
from tests.builders import NOW
from tests.slack.gate import passes
from tests.slack.hostile import WORDS

EUROS = Currency("EUR", "€")


def mover(words, number, now, before, currency=STERLING):
    oldest_days = 110 if now else 0
    return OverdueMover(f"{words[:18]}{number}", words, currency, Decimal(now), Decimal(before), oldest_days)


def digest(words="ABS Garages Ltd", **unlike):
    usual = {
        "since": date(2026, 2, 23),
        "late_by": timedelta(),
        "as_of": NOW,
        "totals": (
            OverdueTotal(STERLING, Decimal(900), 9, Decimal(700), new=3, cleared=2),
            OverdueTotal(EUROS, Decimal(5), 1, Decimal(5)),
        ),
        "new": tuple(mover(words, number, 100 + number, 0) for number in range(3)),
        "cleared": tuple(mover(words, number, 0, 50 + number) for number in range(10, 12)),
        "moved": (
            *(mover(words, number, 300, 250 + number) for number in range(20, 25)),
            mover(words, 30, 5, 9, EUROS),
        ),
        "promises_due": 2,
        "suggested": 1,
    }
    return DebtsDigest(words, NOW, **{**usual, **unlike})


def native(message):
    return {block["type"]: block for block in message.blocks if block["type"].startswith("data_")}


@pytest.mark.parametrize("shown", Shown)
@pytest.mark.parametrize("kind", WORDS)
def test_it_passes_whatever_things_are_called(kind, shown):
    for news in (
        digest(WORDS[kind]),
        digest(WORDS[kind], since=None),
        digest(WORDS[kind], unknown=DebtUnknown.OLD),
        digest(WORDS[kind], new=(), cleared=(), moved=()),
    ):
        passes(debts_message(news, shown))


def test_figures_are_charted_in_the_currency_of_most_accounts_and_listed_in_all():
    found = native(debts_message(digest(), Shown.FIGURES))
    chart = found["data_visualization"]["chart"]
    assert [each["name"] for each in chart["series"]] == ["A week ago", "Now"]
    assert len(chart["axis_config"]["categories"]) == 5
    rows = [[cell["text"] for cell in row] for row in found["data_table"]["rows"]]
    assert rows[0] == ["Account", "Name", "What", "By", "Now", "Oldest"]
    assert [row[2] for row in rows[1:]] == ["newly overdue"] * 3 + ["cleared"] * 2 + ["rose"] * 5 + ["fell"]
    assert rows[4][3:] == ["£60.00", "nothing", "–"]
    assert {row[5] for row in rows[1:4]} == {"110 days"}
    text = debts_message(digest(), Shown.FIGURES).text
    assert "oldest 110 days; " in text
    assert "oldest" not in debts_message(digest(), Shown.BAND).text


@pytest.mark.parametrize("shown", [Shown.STATUS, Shown.BAND])
def test_where_no_figure_is_shown_none_is_drawn(shown):
    message = debts_message(digest(), shown)
    found = native(message)
    assert [cell["text"] for cell in found["data_table"]["rows"][0]] == ["Account", "Name", "What"]
    assert "data_visualization" not in found
    assert "£" not in f"{message.text} {message.blocks}"

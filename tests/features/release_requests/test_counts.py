"""Who decided how many requests, and how fast; and what the counts of holds by reason come to."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.hold_reasons import HOLD_REASONS
from bot.domain.money import STERLING, Currency
from bot.features.customers.model.listing import NotKnown, Unknown
from bot.features.on_hold.model.ranking import ReasonCount, ReasonCounts, counted
from bot.features.on_hold.views.rankings import reasons
from bot.features.release_requests.model import Decider, State, deciders
from bot.features.release_requests.views import span_words, who_decided
from tests.builders import NOW
from tests.slack.gate import passes

EURO = Currency("EUR", "€")


def test_the_median_is_of_all_that_a_person_decided():
    hours = [(1, State.APPROVED), (2, State.DECLINED), (30, State.APPROVED)]
    found = [("U0GEORGE", state, timedelta(hours=span)) for span, state in hours]
    found.append(("U0PRIYA", State.APPROVED, timedelta(minutes=5)))
    assert deciders(found) == (
        Decider("U0GEORGE", 2, 1, timedelta(hours=2)),
        Decider("U0PRIYA", 1, 0, timedelta(minutes=5)),
    )
    said = who_decided(deciders(found))
    passes(said)
    assert "<@U0GEORGE>: 2 approved, 1 declined, median 2 h 0 min" in said.text
    passes(who_decided(()))
    passes(who_decided((Decider("", 1, 0, timedelta(0)),)))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(minutes=5, seconds=59), "5 min"),
        (timedelta(hours=2, minutes=10), "2 h 10 min"),
        (timedelta(days=1, hours=4), "1 day 4 h"),
    ],
)
def test_a_span_in_words(span, words):
    assert span_words(span) == words


def test_holds_are_counted_by_reason_and_their_balances_by_currency():
    found = [
        ("Overdue: 3 invoices", STERLING, 2, Decimal(100), 3),
        ("overdue (George, Slack)", EURO, 1, Decimal(50), 0),
        ("Cheque bounced", STERLING, 0, Decimal(0), 4),
    ]
    rows = counted(found, HOLD_REASONS)
    assert rows == (
        ReasonCount("overdue", 3, ((STERLING, Decimal(100)), (EURO, Decimal(50))), 3),
        ReasonCount("other", 0, (), 4),
    )
    said = reasons(ReasonCounts(rows, "Acme", NOW))
    passes(said)
    assert "overdue: 3 now (£100.00, €50.00), 3 in 12 months" in said.text
    passes(reasons(ReasonCounts((), "Acme", NOW, is_narrowed=True)))
    passes(reasons(NotKnown(Unknown.READING, "Acme")))

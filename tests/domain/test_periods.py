"""Periods of past days as people type them, in the record, in lists and in sentences."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.text.periods import ANY_TIME, Period, period_in, period_typed
from bot.errors import BadQuestion

TODAY = date(2026, 11, 28)  # a Saturday


def day(month, number, year=2026):
    return date(year, month, number)


@pytest.mark.parametrize(
    ("typed", "first", "last", "rest"),
    [
        ("since Monday", day(11, 23), None, ""),
        ("since last week", day(11, 16), None, ""),
        ("since 5/11", day(11, 5), None, ""),
        ("since May", day(5, 1), None, ""),
        ("since the start of the month", day(11, 1), None, ""),
        ("since a week ago", day(11, 21), None, ""),
        ("from 1 Nov onwards", day(11, 1), None, ""),
        ("released this week", day(11, 23), day(11, 29), "released"),
        ("last week mine", day(11, 16), day(11, 22), "mine"),
        ("in the last 7 days", day(11, 21), None, ""),
        ("past fortnight", day(11, 14), None, ""),
        ("last three months", day(8, 28), None, ""),
        ("this month", day(11, 1), day(11, 30), ""),
        ("last quarter", day(7, 1), day(9, 30), ""),
        ("last year", day(1, 1, 2025), day(12, 31, 2025), ""),
        ("in December", day(12, 1, 2025), day(12, 31, 2025), ""),
        ("in June 2025", day(6, 1, 2025), day(6, 30, 2025), ""),
        ("in 2025", day(1, 1, 2025), day(12, 31, 2025), ""),
        ("yesterday", day(11, 27), day(11, 27), ""),
        ("this morning", day(11, 28), day(11, 28), ""),
        ("3 days ago", day(11, 25), day(11, 25), ""),
        ("on Fri", day(11, 27), day(11, 27), ""),
        ("Saturday", day(11, 28), day(11, 28), ""),
        ("last Saturday", day(11, 21), day(11, 21), ""),
        ("garages between 1 Nov and 7 Nov", day(11, 1), day(11, 7), "garages"),
        ("today and yesterday", day(11, 27), day(11, 28), ""),
        ("1 Nov to yesterday", day(11, 1), day(11, 27), ""),
        ("before 1 Nov", None, day(10, 31), ""),
        ("up to last month", None, day(10, 31), ""),
    ],
)
def test_what_is_a_period(typed, first, last, rest):
    period, left = period_typed(typed, TODAY, hint="")
    assert (period, " ".join(left.split())) == (Period(first, last), rest)
    assert sorted(f"{period_in(typed).said} {rest}".split()) == sorted(typed.split())


@pytest.mark.parametrize(
    "typed", ["", "garages", '"since Monday"', "region:today", "sun", "May Motors", "March", "sat on", "1500", "mine"]
)
def test_what_is_a_name_and_no_period(typed):
    assert period_typed(typed, TODAY, hint="") == (None, typed)
    assert period_in(typed) == ("", typed)


@pytest.mark.parametrize("typed", ["since whenever", "since 31 Nov", "7 Nov to 1 Nov", "1 Nov since garages"])
def test_what_the_calendar_does_not_have(typed):
    with pytest.raises(BadQuestion):
        period_typed(typed, TODAY, hint="")


def test_a_period_begins_and_ends_with_the_days_of_the_workspace():
    london = ZoneInfo("Europe/London")
    period = Period(day(7, 1), day(7, 2))
    assert period.begin(london) == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert period.end(london) == datetime(2026, 7, 2, 23, tzinfo=UTC)
    assert (ANY_TIME.begin(london), ANY_TIME.end(london)) == (None, None)

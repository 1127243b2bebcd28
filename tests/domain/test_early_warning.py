"""What counts as having got worse: each point with what it was, and none without something to compare with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.domain.debt.early_warning import (
    Mark,
    WarningKind,
    WarningPoint,
    marks_from,
    points_from,
    used_of,
    warning_points,
    with_mark,
)

JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 3)
LATER, MORE, BROKE = WarningKind.PAYS_LATER, WarningKind.USES_MORE, WarningKind.BREAKS_PROMISES


@pytest.mark.parametrize(
    ("marks", "now", "points"),
    [
        ([], (60, 30, 95, 0), []),
        ([Mark(JUNE, 41, 60)], (48, 30, 60, 0), [(LATER, 48, 41, JUNE)]),
        ([Mark(JUNE, 41, 60)], (47, 30, 60, 0), []),
        ([Mark(JUNE, 15, 60)], (25, 30, 60, 0), []),  # later than before, and still within terms
        ([Mark(JUNE, 15, 60)], (25, None, 60, 0), [(LATER, 25, 15, JUNE)]),
        ([Mark(JUNE, None, 10), Mark(JULY, 30, 10)], (45, 30, 10, 0), [(LATER, 45, 30, JULY)]),
        ([Mark(JUNE, 41, 55)], (41, 30, 75, 0), [(MORE, 75, 55, JUNE)]),
        ([Mark(JUNE, 41, 56)], (41, 30, 75, 0), []),
        ([Mark(JUNE, 41, 20)], (41, 30, 74, 0), []),
        ([Mark(JUNE, 41, None)], (41, 30, 99, 0), []),
        ([Mark(JUNE, 41, 20)], (None, 30, None, 0), []),
        ([], (None, None, None, 2), [(BROKE, 2, 0, None)]),
        ([Mark(JUNE, 30, 20)], (50, 30, 90, 1), [(LATER, 50, 30, JUNE), (MORE, 90, 20, JUNE), (BROKE, 1, 0, None)]),
    ],
)
def test_what_has_got_worse(marks, now, points):
    days, terms, used, broken = now
    found = warning_points(marks, days_to_pay=days, terms=terms, used=used, broken=broken)
    assert [(each.kind, each.now, each.before, each.since) for each in found] == points
    assert points_from([each.as_stored() for each in found]) == found


def test_a_month_has_one_mark_and_the_oldest_are_forgotten():
    marks = with_mark((), Mark(JUNE, 41, 60))
    assert with_mark(marks, Mark(date(2026, 6, 2), 99, 99)) == marks
    for month in range(7, 13):
        marks = with_mark(marks, Mark(date(2026, month, 1), month, None))
    assert (len(marks), marks[0].day) == (7, JUNE)
    assert with_mark(marks, Mark(date(2027, 1, 4), 1, 1))[0].day == JULY
    assert marks_from([mark.as_stored() for mark in marks]) == marks


@pytest.mark.parametrize(
    ("balance", "limit", "used"),
    [
        (900, 1000, 90),
        (1500, 1000, 150),
        (-5, 1000, 0),
        (5, 0, None),
        (5, None, None),
        (None, 5, None),
        (799, 1000, 79),
    ],
)
def test_how_much_of_a_limit_is_used(balance, limit, used):
    made = [None if each is None else Decimal(each) for each in (balance, limit)]
    assert used_of(*made) == used


def test_points_keep_their_kind():
    assert WarningPoint(BROKE, 2).as_stored() == ["breaks promises", 2, 0, None]

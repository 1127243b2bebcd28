"""What is typed behind `/overdue`."""

from __future__ import annotations

import pytest

from bot.domain.customer_filter import Codes
from bot.features.overdue.model.query import DebtKind, OverdueWords, overdue_typed, parse_overdue_query

LABELS, VALUES = {3: "Region"}, {3: ["North", "South"]}


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("", OverdueWords("")),
        ("mine", OverdueWords("mine")),
        ("page 2", OverdueWords("", 2)),
        ("30+ page 3", OverdueWords("30+", 3)),
        ("garages csv", OverdueWords("garages", 1, True)),
        ("csv region:North 60+", OverdueWords("region:North 60+", 1, True)),
        ("Page Motors", OverdueWords("Page Motors")),
        ("csvs", OverdueWords("csvs")),
    ],
)
def test_pages_and_files_may_stand_anywhere(text, taken):
    assert overdue_typed(text) == taken


@pytest.mark.parametrize(
    ("text", "kind", "days", "words"),
    [
        ("", DebtKind.LATE, 1, ()),
        ("30+", DebtKind.LATE, 30, ()),
        (">60", DebtKind.LATE, 1, (">60",)),
        ("90 days", DebtKind.LATE, 1, ("90",)),
        ("90days", DebtKind.LATE, 90, ()),
        ("90+ days garages", DebtKind.LATE, 90, ("garages",)),
        ("Disputed", DebtKind.DISPUTED, 1, ()),
        ("suggested 45+", DebtKind.SUGGESTED, 45, ()),
        ("promised", DebtKind.PROMISED, 1, ()),
        ("0+", DebtKind.LATE, 1, ()),
    ],
)
def test_ages_and_kinds_of_debt(text, kind, days, words):
    found = parse_overdue_query(text, LABELS, VALUES, mine=())
    assert (found.kind, found.days, found.customers.words) == (kind, days, words)


def test_filters_are_those_of_the_list_of_holds():
    found = parse_overdue_query("region:north 30+ garages", LABELS, VALUES, mine=())
    assert found.customers.filter.codes == (Codes(3, ("North",)),)
    assert found.describe(LABELS) == "30 days or more overdue, Region is North, name or reference has “garages”"

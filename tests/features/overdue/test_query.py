"""What is typed behind `/overdue`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.filters.customer_filter import Codes
from bot.domain.filters.customer_states import State, StateIs
from bot.features.customers.model.listing import ListTyped, list_typed
from bot.features.overdue.model.query import DebtKind, parse_overdue_query

HELD, OVER = StateIs(State.HELD), StateIs(State.OVER)
LABELS, VALUES = {3: "Region"}, {3: ["North", "South"]}


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("", ListTyped("")),
        ("mine", ListTyped("mine")),
        ("page 2", ListTyped("", 2)),
        ("30+ page 3", ListTyped("30+", 3)),
        ("garages csv", ListTyped("garages", 1, True)),
        ("csv region:North 60+", ListTyped("region:North 60+", 1, True)),
        ("Page Motors", ListTyped("Page Motors")),
        ("csvs", ListTyped("csvs")),
        ("page 99999999999999999999", ListTyped("", 999_999_999)),
        ("page two", ListTyped("", 2)),
        ("mine Page Twenty csv", ListTyped("mine", 20, True)),
        ("Page Twomey", ListTyped("Page Twomey")),
        ("all", ListTyped("")),
        ("Everyone page 2", ListTyped("", 2)),
        ("everybody csv", ListTyped("", 1, True)),
        ("all saints", ListTyped("all saints")),
        ('"all"', ListTyped('"all"')),
    ],
)
def test_pages_and_files_may_stand_anywhere(text, taken):
    assert list_typed(text) == taken


@pytest.mark.parametrize(
    ("text", "kind", "days", "words"),
    [
        ("", DebtKind.LATE, 1, ()),
        ("30+", DebtKind.LATE, 30, ()),
        (">60", DebtKind.LATE, 60, ()),
        ("> 60", DebtKind.LATE, 60, ()),
        (">= 60 days", DebtKind.LATE, 60, ()),
        ("60", DebtKind.LATE, 60, ()),
        ("60 garages", DebtKind.LATE, 1, ("60", "garages")),
        ("00012", DebtKind.LATE, 1, ("00012",)),
        ('"60"', DebtKind.LATE, 1, ("60",)),
        (">60+", DebtKind.LATE, 60, ()),
        ("90 days", DebtKind.LATE, 90, ()),
        ("over 90 days", DebtKind.LATE, 90, ()),
        ("at least 60 days garages", DebtKind.LATE, 60, ("garages",)),
        ("more than 45d", DebtKind.LATE, 45, ()),
        ("Over Motors", DebtKind.LATE, 1, ("Over", "Motors")),
        ("chase", DebtKind.CHASE, 1, ()),
        ("24 seven", DebtKind.LATE, 1, ("24", "seven")),
        ("90days", DebtKind.LATE, 90, ()),
        ("90+ days garages", DebtKind.LATE, 90, ("garages",)),
        ("Disputed", DebtKind.DISPUTED, 1, ()),
        ("suggested 45+", DebtKind.SUGGESTED, 45, ()),
        ("promised", DebtKind.PROMISED, 1, ()),
        ("0+", DebtKind.LATE, 1, ()),
        ("9999+", DebtKind.LATE, 9999, ()),
        ("more than 123456789 days", DebtKind.LATE, 9999, ()),
    ],
)
def test_ages_and_kinds_of_debt(text, kind, days, words):
    found = parse_overdue_query(text, LABELS, VALUES, mine=())
    assert (found.kind, found.days, found.customers.words) == (kind, days, tuple((word,) for word in words))


@pytest.mark.parametrize(
    ("text", "kinds", "least", "said"),
    [
        ("min:1000", (), 1000, "at least £1,000.00 overdue"),
        ("min:1,000 30+", (), 1000, "30 days or more overdue, at least £1,000.00 overdue"),
        ("disputed min:50", (DebtKind.DISPUTED,), 50, "at least £50.00 in query"),
        ("currency:EUR min:50", (), 50, "at least €50.00 overdue, currency EUR"),
        (
            "promised disputed",
            (DebtKind.PROMISED, DebtKind.DISPUTED),
            None,
            "with debt in query",
        ),
        (
            "mine promised 30+",
            (DebtKind.PROMISED,),
            None,
            "30 days or more overdue, own customers only",
        ),
    ],
)
def test_all_of_it_may_be_asked_for_at_once(text, kinds, least, said):
    found = parse_overdue_query(text, LABELS, VALUES, mine=(Codes(3, ("North",)),))
    assert (found.kinds, found.least) == (kinds, least)
    assert found.customers.filter.minimum_balance is None
    assert found.describe(LABELS) == said


@pytest.mark.parametrize(
    ("text", "most", "most_days", "said"),
    [
        ("<60", None, 60, "at most 60 days overdue"),
        ("< 60", None, 60, "at most 60 days overdue"),
        ("30-60", None, 60, "30 days or more overdue, at most 60 days overdue"),
        ("30-60 days promised", None, 60, "30 days or more overdue, at most 60 days overdue"),
        ("under 5k", 5000, None, "at most £5,000.00 overdue"),
        ("over 500 under £5,000", 5000, None, "at least £500.00 overdue, at most £5,000.00 overdue"),
        ("30+ <60d", None, 60, "30 days or more overdue, at most 60 days overdue"),
        ("<60 days garages", None, 60, "at most 60 days overdue, name or reference has “garages”"),
        ("max:5,000", 5000, None, "at most £5,000.00 overdue"),
        ("disputed min:5 max:50", 50, None, "at least £5.00 in query, at most £50.00 in query"),
        ("not leeds", None, None, "without “leeds” in its name or reference"),
        ("leeds or york", None, None, "name or reference has “leeds” or “york”"),
    ],
)
def test_upper_bounds_and_who_is_left_out(text, most, most_days, said):
    found = parse_overdue_query(text, LABELS, VALUES, mine=())
    assert (found.most, found.most_days, found.most_balance) == (most, most_days, None)
    assert found.describe(LABELS) == said
    assert found.as_alerts(is_narrowed=False) == ""


def test_filters_are_those_of_the_list_of_holds():
    found = parse_overdue_query("region:north 30+ garages", LABELS, VALUES, mine=())
    assert found.customers.filter.codes == (Codes(3, ("North",)),)
    assert found.describe(LABELS) == "30 days or more overdue, Region is North, name or reference has “garages”"


@pytest.mark.parametrize(
    ("text", "states", "words", "said"),
    [
        ("on hold", (HELD,), (), "on hold"),
        ("on-stop 30+", (HELD,), (), "30 days or more overdue, on hold"),
        ("not on hold", (replace(HELD, wanted=False),), (), "not on hold"),
        ("not-on-hold over their limit", (replace(HELD, wanted=False), OVER), (), ""),
        ("not promised", (StateIs(State.PROMISED, wanted=False),), (), "without a promise to pay"),
        ("not disputed", (StateIs(State.DISPUTED, wanted=False),), (), "without debt in query"),
        ("promised overdue", (StateIs(State.LATE),), (), "overdue"),
        ("not-30+ promised", (StateIs(State.LATE, wanted=False, days=30),), (), ""),
        ("region:North over limit", (OVER,), (), "Region is North, over the credit limit"),
        ("not region:North on hold", (HELD,), (), "Region is not North, on hold"),
        # In quotation marks, and as a part of a longer word, it is a name's.
        ('"on hold" garages', (), ("on hold", "garages"), ""),
        ("Overdue-Motors", (), ("Overdue-Motors",), ""),
    ],
)
def test_how_an_account_stands(text, states, words, said):
    asked = parse_overdue_query(text, LABELS, VALUES, mine=())
    assert (asked.customers.states, asked.customers.words) == (states, tuple((word,) for word in words))
    assert said in asked.describe(LABELS)
    assert not states or asked.as_alerts(is_narrowed=False) == ""
    again = parse_overdue_query(" ".join(each.typed for each in states), LABELS, VALUES, mine=())
    assert again.customers.states == states


def test_a_code_may_be_called_like_a_state():
    asked = parse_overdue_query("On-hold:x", {4: "On-hold"}, {4: ["x"]}, mine=())
    assert (asked.customers.states, asked.customers.filter.codes) == ((), (Codes(4, ("x",)),))


@pytest.mark.parametrize(
    ("text", "codes", "words"),
    [
        ("Sales rep:George 30+", (Codes(2, ("George",)),), ()),
        ("30+ Region:Tyne & Wear", (Codes(3, ("Tyne & Wear",)),), ()),
        ("garages Sales rep:George", (Codes(2, ("George",)),), (("garages",),)),
        ("Region:Tyne & Wear garages", (Codes(3, ("Tyne & Wear",)),), (("garages",),)),
        ("sales garages", (), (("sales",), ("garages",))),
    ],
)
def test_labels_and_values_of_several_words_need_no_quotation_marks(text, codes, words):
    labels, values = {2: "Sales rep", 3: "Region"}, {2: ["George"], 3: ["North", "Tyne & Wear"]}
    found = parse_overdue_query(text, labels, values, mine=())
    assert (found.filter.codes, found.words) == (codes, words)

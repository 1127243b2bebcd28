"""What is suggested for a mistyped word is what may have been meant; nothing is where nothing is like it."""

from __future__ import annotations

import pytest

from bot.domain.text.parsing import nearest

WORDS = ("history", "hold", "note", "order", "promise", "release", "request-release", "resolve", "snooze", "watch")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("relaese", "release"),
        ("hodl", "hold"),
        ("Holds", "hold"),
        ("ordr", "order"),
        ("promises", "promise"),
        ("hist", "history"),
        ("notes", "note"),
        ("not", "note"),
        ("unwatch", "watch"),
        ("resolved", "resolve"),
    ],
)
def test_a_slip_or_a_part_of_a_word_suggests_it_first(typed, meant):
    assert nearest(typed, WORDS)[0] == meant


@pytest.mark.parametrize("typed", ["frobnicate", "xyz", "", "o", "thank", "invoice", "???", "statements"])
def test_what_is_like_no_word_suggests_none(typed):
    assert nearest(typed, WORDS) == ()


def test_a_value_of_several_words_is_found_by_one_of_them_and_the_best_comes_first():
    regions = ("County Durham", "Tyne & Wear", "North East", "North West", "London")
    assert nearest("duram", regions) == ("County Durham",)
    assert nearest("tyne wear", regions) == ("Tyne & Wear",)
    assert nearest("norht west", regions)[0] == "North West"
    assert nearest("Berlin", regions) == ()

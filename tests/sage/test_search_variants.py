from __future__ import annotations

import pytest

from bot.sage.search_variants import by_reference, by_words


def alternatives(words):
    likely = by_words(words)
    return [] if likely is None else likely.text.split(" or ")


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("abs001", "reference eq 'ABS001' or reference eq 'abs001'"),
        ("ABS001", "reference eq 'ABS001'"),
        ("o'b", "reference eq 'O''B' or reference eq 'o''b'"),
    ],
)
def test_a_reference_is_asked_for_in_capitals_and_as_typed(typed, asked):
    wanted = by_reference(typed)
    assert wanted is not None
    assert wanted.text == asked


def test_a_reference_longer_than_any_is_not_asked_for():
    assert by_reference("x" * 21) is None


def test_words_are_tried_in_every_usual_spelling():
    assert alternatives("abs garages") == [
        "startswith(reference,'ABS GARAGES')",
        "contains(name,'abs garages')",
        "contains(name,'ABS GARAGES')",
        "contains(name,'Abs Garages')",
        "contains(name,'Abs garages')",
        "contains(name,'ABS Garages')",
    ]


@pytest.mark.parametrize("typed", ["st42th", "ST4 2TH", "St4 2th", "s t42 TH"])
def test_a_uk_postcode_is_asked_for_spaced_and_unspaced(typed):
    assert {"post_code eq 'ST4 2TH'", "post_code eq 'ST42TH'"} <= set(alternatives(typed))


def test_an_irish_or_foreign_postcode_is_asked_for_as_it_stands():
    assert {"post_code eq 'D02 AF30'", "post_code eq 'd02 af30'"} <= set(alternatives("d02 af30"))


def test_a_short_name_is_asked_for_only_where_it_fits():
    assert "short_name eq 'Abs Gara'" in alternatives("abs gara")
    assert not [one for one in alternatives("abs garag") if "short_name" in one]


def test_an_apostrophe_does_not_break_out_or_spoil_the_capitals():
    assert "contains(name,'O''brien')" in alternatives("o'brien")
    assert "contains(name,'O''Brien')" in alternatives("O'Brien")


@pytest.mark.parametrize("words", ["", "x" * 61])
def test_words_that_can_name_nobody_are_not_asked(words):
    assert by_words(words) is None

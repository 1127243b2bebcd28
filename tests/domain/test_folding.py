"""One spelling for comparison: what people type and what Sage holds, on both sides."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.changes import Snapshot
from bot.domain.customer import CustomerName
from bot.domain.filters.customer_filter import Codes, Filter, Matcher
from bot.domain.text.folding import folded, same, straightened
from bot.features.customers.model.lookup import NameBook, asked_words, exactly
from bot.slack.views.text import plain
from tests.builders import customer

PAIRS = {
    "quotes": ("O'Brien's Autos", "O’Brien‘s Autos"),
    "primes": ("O'Brien 5\" Pipes", "OʼBrien 5″ Pipes"),
    "normal forms": ("Garage Müller", unicodedata.normalize("NFD", "Garage Müller")),
    "dashes": ("A-B Motors", "A–B Motors"),
    "minus": ("A-B Motors", "A−B Motors"),
    "spaces": ("Tyne & Wear", "Tyne\u00a0&\u2009 Wear"),
    "zero width": ("ABS Garages", "A\u200bBS\u2060 Gar\ufeffages"),
    "direction": ("ABS Garages", "\u2068ABS\u2069 \u202aGarages\u202c"),
    "soft hyphen": ("ABS Garages", "ABS Gar\u00adages"),
    "case": ("STRASSE", "straße"),
    "variation": ("ABS", "AB\ufe0fS"),
    "joiner": ("Café", "Cafe\u034f\u0301"),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_both_spellings_are_the_same_on_either_side(kind):
    for typed, sages in (PAIRS[kind], PAIRS[kind][::-1]):
        assert same(typed) == same(sages)
        chosen = Filter(codes=(Codes(3, (typed,)),), customers=(typed,))
        assert Matcher(chosen).fits(Snapshot.of(customer(name=sages, analysis={3: sages})))
        found = CustomerName(1, "X1", sages)
        assert exactly(asked_words(typed), [found]) == found
        assert NameBook([found]).fitting(asked_words(typed), most=5) == [found]


@given(st.text(max_size=60))
def test_folding_once_is_enough(text):
    for fold in (straightened, folded, same):
        assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "typed",
    [
        "ABS001.",
        '"ABS001"',
        "ABS001\u200b",
        "\u2068ABS001\u2069",
        " ABS001 ?",
        "‘ABS001’",
        "*ABS001*",
        "`ABS001`",
        "*_ABS001_*!",
        "(ABS001).",
        "<ABS001>",
        "[ABS001]",
        "#ABS001",
        "ＡＢＳ００１",
        "\u200eABS001\u200f",
    ],
)
def test_marks_around_a_reference_are_no_part_of_it(typed):
    assert asked_words(typed).strip() == "ABS001"


@pytest.mark.parametrize("name", ["(UK) Motors", "O'Neil's", "Smith & Co (Leeds)", "Star*", "'s-Hertogenbosch BV"])
def test_marks_that_belong_to_a_name_are_left_in_it(name):
    assert asked_words(name) == name


def test_lines_stay_lines_and_nothing_unseen_is_left():
    assert straightened("one\r\ntwo\tthree\u2028four") == "one \ntwo three\nfour"
    assert plain("ABS\u200b001\u2060\u202e") == "ABS001"

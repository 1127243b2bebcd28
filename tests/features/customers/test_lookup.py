from __future__ import annotations

import pytest

from bot.domain.customer import CustomerName
from bot.errors import BadQuestion
from bot.features.customers.model.lookup import asked_words, looks_like_reference, nearest

LEDGER = [
    CustomerName(1, "ABS001", "ABS Garages Ltd"),
    CustomerName(2, "ABS002", "ABS Garages (Hexham) Ltd"),
    CustomerName(3, "NOR001", "Northern Garages plc"),
    CustomerName(4, "HOL001", "Holdfast Haulage"),
    CustomerName(5, "APO001", "O'Brien's Autos"),
    CustomerName(6, "ARA001", "شركة النور للسيارات"),
]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("ABS001", "ABS001"),
        ("  abs \t garages\n", "abs garages"),
        ("NE4\u00a07JB", "NE4 7JB"),
        ("x" * 100, "x" * 100),
        (" " * 500 + "a", "a"),
    ],
)
def test_white_space_is_folded(typed, words):
    assert asked_words(typed) == words


@pytest.mark.parametrize("typed", ["", " ", "\n\t", "\u00a0"])
def test_nothing_is_not_a_question(typed):
    with pytest.raises(BadQuestion, match="Which customer should be looked up"):
        asked_words(typed)


def test_too_many_words_are_refused_with_the_limit_named():
    with pytest.raises(BadQuestion, match="100 characters"):
        asked_words("x" * 101)


@pytest.mark.parametrize(
    ("words", "is_one"), [("ABS001", True), ("x" * 20, True), ("x" * 21, False), ("ABS 001", False), ("O'Brien", True)]
)
def test_a_reference_is_short_and_has_no_spaces(words, is_one):
    assert looks_like_reference(words) is is_one


@pytest.mark.parametrize(
    ("typed", "reference"),
    [
        ("ABS0O1", "ABS001"),
        ("abs003", "ABS001"),
        ("holdfst", "HOL001"),
        ("norhtern garages", "NOR001"),
        ("obriens", "APO001"),
        ("haulage holdfast", "HOL001"),
        ("النور", "ARA001"),
    ],
)
def test_typing_errors_are_forgiven(typed, reference):
    assert reference in {name.reference for name in nearest(typed, LEDGER)[:2]}


@pytest.mark.parametrize("typed", ["zzzz", "???", "qwxyz 99"])
def test_nothing_alike_gives_no_names(typed):
    assert nearest(typed, LEDGER) == ()


def test_at_most_three_names_come_back_each_once():
    found = nearest("ABS Garages", LEDGER)
    assert len(found) == len({name.id for name in found}) <= 3


def test_equally_near_names_come_in_the_order_of_their_references():
    twins = [CustomerName(n, f"TWI00{n}", "Twin Motors Ltd") for n in (3, 1, 2)]
    assert [name.id for name in nearest("Twin Motors Ltd", twins)] == [1, 2, 3]


def test_an_empty_ledger_has_nobody_near():
    assert nearest("ABS001", []) == ()

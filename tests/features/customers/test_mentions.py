"""Which customers a message speaks of."""

from __future__ import annotations

import pytest

from bot.domain.customer import CustomerName
from bot.features.customers.model.mentions import LONGEST_TEXT, core, in_order, read_mentions

KNOWN = [
    CustomerName(1, "ABS001", "ABS Garages Ltd"),
    CustomerName(2, "CASH", "Cash Sales"),
    CustomerName(3, "A-01/B", "The Tyre Shop plc"),
    CustomerName(4, "X1", "Compass"),
    CustomerName(5, "X2", "Bo Ltd"),
    CustomerName(6, "X3", ""),
    CustomerName(7, "X4", "MÜNCHEN GmbH"),
    CustomerName(8, "X5", "One Two Three Four Five Six Seven Limited"),
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("is ABS001 on hold?", [1]),
        ("abs001", [1]),
        ("(*ABS001*), and `A-01/B`!", [1, 3]),
        ("ABS0011 or XABS001", []),
        ("we take cash", []),
        ("put it on CASH", [2]),
        ("cash sales are up", [2]),
        ("what of abs   garages\nplease", [1]),
        ("ABS-Garages Ltd.", [1]),
        ("abs and garages", []),
        ("the tyre shop rang", [3]),
        ("Compass rang", [4]),
        ("my compass broke", []),
        ("Bo rang", []),
        ("München GmbH, dann ABS001", [7, 1]),
        ("one two three four five six and no more", [8]),
        ("ABS001 ABS001 abs garages", [1]),
        ("", []),
        ("<@U1> <!channel> &&&", []),
    ],
)
def test_references_as_written_and_names_by_their_words(text, ids):
    assert [name.id for name in in_order(read_mentions(text), KNOWN)] == ids


def test_the_legal_form_is_no_part_of_a_name():
    assert core("ABS Garages Co Ltd") == ("abs", "garages")
    assert core("Ltd") == ("ltd",)
    assert core("& — !") == ()


def test_what_is_kept_grows_with_the_text_and_ends():
    read_long = read_mentions("A1 " * 100_000)
    assert len(read_long.references) == 1
    different = read_mentions(" ".join(f"word{number} X{number}" for number in range(50_000)))
    assert len(different.references) <= 200
    assert len(different.first_words) <= 400
    assert len(different.runs) <= 6 * LONGEST_TEXT


def test_a_name_beyond_the_part_that_is_read_is_not_found():
    assert in_order(read_mentions("x" * LONGEST_TEXT + " ABS001"), KNOWN) == []

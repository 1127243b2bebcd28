"""The self-test's report tells what rows are like, and nothing that stands in them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.operations.live_shapes import kinds, newest, shape_of, shapes, signs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROWS = [
    {"name": "ABS Garages Ltd", "transaction_type": "EnumInvoice", "value": 12.5, "at": "2026-03-02T08:30:00.123Z"},
    {"name": "", "transaction_type": "EnumInvoice", "value": Decimal(-3), "at": "2026-03-01T08:30:00Z"},
    {"name": None, "transaction_type": "tom@abs.example", "value": 0, "at": "soon"},
    {},
]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (None, "nothing"),
        (True, "true or false"),
        (7, "a whole number"),
        (2464.16, "a number"),
        (Decimal("2464.16"), "a number"),
        ("", "an empty text"),
        ("ABS Garages Ltd", "a text"),
        ("2016-06-30", "9999-99-99"),
        ("2016-06-30T01:02:03.456Z", "9999-99-99T99:99:99.999Z"),
        ("2016-06-30T01:02:03+01:00", "9999-99-99T99:99:99+99:99"),
        ("2016-06-30 to Tom", "a text"),
        ([1], "a list"),
        ({}, "an object"),
    ],
)
def test_a_value_is_told_by_its_shape(value, shape):
    assert shape_of(value) == shape


def test_fields_kinds_and_signs_are_counted():
    assert shapes(ROWS, ["name"]) == {"name": "a text 1, an empty text 1, nothing 1, missing 1"}
    assert kinds(ROWS, "transaction_type") == "EnumInvoice 2, a text 1, nothing 1"
    assert signs(ROWS, "transaction_type", "value") == {
        "EnumInvoice": "above 1, below 1",
        "a text": "at nought 1",
        "nothing": "nothing 1",
    }


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ROWS, "behind this machine's clock by less than an hour and a half"),
        ([{"at": "2026-03-02T10:00:00"}], "ahead of this machine's clock by less than an hour and a half"),
        ([{"at": "2026-02-01T10:00:00Z"}], "behind this machine's clock by days"),
        ([{"at": "soon"}], "no times"),
    ],
)
def test_a_local_time_that_is_called_utc_is_noticed(rows, said):
    assert newest(rows, "at", now=NOW) == said

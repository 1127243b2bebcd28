"""A field of many rows is read as that of each row, whatever the others are."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SageUnreadable
from bot.sage.decoding import columns, fields

KINDS = {
    "text": (columns.texts, fields.text),
    "short text": (partial(columns.texts, most=4), partial(fields.text, most=4)),
    "amount": (columns.amounts, fields.money),
    "whole": (columns.wholes, fields.whole),
    "number": (columns.numbers, fields.number_of),
    "flag": (columns.flags, fields.flag),
    "moment": (columns.moments, fields.moment),
    "day": (columns.days, fields.day),
}
AS_USUAL = [
    st.sampled_from(["Acme", " Acme\t", "", "é", "fi\u00a0ve", "\x85x", "a\x00b", "\ud800", "x" * 400]),
    st.decimals(allow_nan=False, places=2),
    st.integers(-9, 9),
    st.booleans(),
    st.sampled_from(["2016-07-08T15:28:48.66", "2016-07-08", "", "1753-01-01", "2016-07-08T15:28:48+01:00"]),
]
ODD = st.sampled_from(
    [
        None,
        True,
        0,
        2**63,
        -(2**63),
        10**15,
        Decimal("1e15"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("30.0"),
        "x",
        "31/02/2026",
        "9999-12-31T23:59:59-05:00",
        0.5,
        [],
        {},
    ]
)
ABSENT = object()


def told(read, *given):
    """What a reader returns with the types of it, or that it can't."""
    try:
        found = read(*given)
    except SageUnreadable:
        return "unreadable"
    return [(type(each), each) for each in found]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_field_of_many_rows_is_read_as_that_of_each(kind, data):
    many, one = KINDS[kind]
    usual = st.one_of(data.draw(st.sampled_from(AS_USUAL)), st.sampled_from([None, ABSENT]))
    values = data.draw(st.lists(usual, max_size=6)) + data.draw(st.lists(st.one_of(usual, ODD), max_size=1))
    rows = [{} if value is ABSENT else {"it": value} for value in values]
    assert told(many, rows, "it") == told(lambda: [one(row, "it") for row in rows])


def test_a_time_that_no_calendar_of_utc_has_is_unreadable():
    assert columns.moments([{"at": "9999-12-31T23:59:59"}], "at") == [datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)]
    with pytest.raises(SageUnreadable):
        columns.moments([{"at": "9999-12-31T23:59:59-05:00"}], "at")

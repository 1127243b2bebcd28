from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadQuestion
from bot.sage.odata import after, any_of, contains, encode, eq, literal, starts_with

printable = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("ABS001", "'ABS001'"),
        ("O'Brien", "'O''Brien'"),
        ("'", "''''"),
        ("", "''"),
        (True, "true"),
        (False, "false"),
        (27828, "27828"),
        (Decimal("-36.00"), "-36.00"),
        (Decimal("1E+3"), "1000"),
        (date(2016, 2, 23), "2016-02-23"),
        (datetime(2016, 2, 24, 9, 52, 11, 452999, UTC), "2016-02-24T09:52:11.452Z"),
        (datetime(2016, 7, 1, 1, 0, tzinfo=timezone(timedelta(hours=1))), "2016-07-01T00:00:00.000Z"),
    ],
)
def test_a_value_is_written_as_sage_takes_it(value, written):
    assert literal(value) == written


@pytest.mark.parametrize("text", ["a\nb", "a\x00", "\x7f", "\x85", "\ud800"])
def test_text_that_could_break_a_request_is_never_sent(text):
    with pytest.raises(BadQuestion):
        literal(text)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), datetime(2016, 2, 24)])  # noqa: DTZ001
def test_a_value_without_a_meaning_is_never_sent(value):
    with pytest.raises(ValueError, match=r"finite|zone"):
        literal(value)


def test_filters_read_like_odata():
    either = any_of(eq("reference", "ABS001"), contains("name", "O'B"), starts_with("reference", "AB"))
    assert either.text == "reference eq 'ABS001' or contains(name,'O''B') or startswith(reference,'AB')"
    assert after("id", 5).text == "id gt 5"


def test_the_same_alternative_is_asked_once():
    assert any_of(eq("id", 1), eq("id", 2), eq("id", 1)).text == "id eq 1 or id eq 2"


def test_a_space_is_never_a_plus_and_a_plus_is_never_a_space():
    assert encode({"$filter": "name eq 'A+B & C'", "$top": "2"}) == ("$filter=name%20eq%20%27A%2BB%20%26%20C%27&$top=2")


@given(printable)
def test_any_text_survives_the_way_to_sage(text):
    name, _, value = encode({"$filter": eq("name", text).text}).partition("=")
    assert (name, unquote(value)) == ("$filter", f"name eq {literal(text)}")
    assert not set(value) & set("+&=#'\" ")


@given(printable)
def test_any_text_stays_inside_its_quotes(text):
    inside = literal(text)[1:-1]
    assert inside.replace("''", "").count("'") == 0
    assert inside.replace("''", "'") == text

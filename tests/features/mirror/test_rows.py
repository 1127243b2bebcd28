"""A customer's row in the mirror keeps everything that Sage gives of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.customer import Customer
from bot.features.mirror.service.rows import CompanyKey, customer_of, differs, row_of
from tests.builders import NOW, customer

BOOKS = CompanyKey("W1", 1)
OURS = {
    Decimal | None: st.none() | st.decimals(-(10**15), 10**15, places=2),
    datetime | None: st.none() | st.datetimes(timezones=st.just(UTC)),
}
FIELDS = {name: OURS[kind] if kind in OURS else st.from_type(kind) for name, kind in get_type_hints(Customer).items()}


def kept(one: Customer) -> dict[str, Any]:
    """The row as the database gives it back."""
    row = row_of(one, BOOKS, reason=one.status_reason, fired_thresholds=(), now=NOW)
    return {**row, "details": json.loads(json.dumps(row["details"]))}


@settings(deadline=None)
@given(st.builds(Customer, **FIELDS))
def test_every_field_of_a_customer_comes_back(one):
    assert customer_of(kept(one)) == one


def test_a_reading_that_says_nothing_new_is_no_change():
    assert not differs(kept(customer()), kept(customer()))
    assert differs(kept(customer()), kept(customer(promised_payment=False)))
    assert differs(kept(customer()), kept(customer(town="Durham")))


def test_what_sage_leaves_out_takes_no_room():
    assert kept(Customer(1, "A1", "A", on_hold=False))["details"] == {}

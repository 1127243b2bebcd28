"""A customer's row in the mirror keeps everything that Sage gives of them."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_type_hints

import pytest

from bot.domain.changes import Snapshot
from bot.domain.customer import Customer, values_of
from bot.domain.json_column import JsonColumn
from bot.domain.money import STERLING, Currency
from bot.features.mirror.service.rows import CompanyKey, customer_of, differs, rows_of, snapshot_of
from tests.builders import NOW, customer

COMPANY = CompanyKey("W1", 1)
LEAST = Customer(1, "A1", "A", on_hold=False)


def sample(name: str, kind: object) -> object:
    """A value of a field that is neither its default nor another field's."""
    return {
        int: 27828,
        bool: True,
        str: name,
        str | None: name,
        int | None: len(name),
        bool | None: False,
        Decimal | None: Decimal(f"-{len(name)}.10"),
        date | None: date(2026, 3, len(name)),
        datetime | None: NOW,
        Currency: STERLING,
        dict[int, str]: {3: "Durham", 20: "Fleet"},
    }[kind]


FULL = Customer(**{name: sample(name, kind) for name, kind in get_type_hints(Customer).items()})


def kept(one: Customer) -> dict[str, Any]:
    """The row as the database gives it back."""
    reasons = {} if one.status_reason is None else {one.id: one.status_reason}
    (row,) = rows_of([values_of(one)], COMPANY, reasons=reasons, now=NOW)
    return {**row, "details": json.loads(json.dumps(row["details"]))}


@pytest.mark.parametrize("name", [each.name for each in fields(Customer)])
def test_every_field_of_a_customer_comes_back(name):
    assert getattr(FULL, name) != getattr(LEAST, name)
    assert getattr(customer_of(kept(FULL)), name) == getattr(FULL, name)


@pytest.mark.parametrize("one", [FULL, LEAST, customer()])
def test_a_customer_comes_back_the_same(one):
    assert customer_of(kept(one)) == one
    assert snapshot_of(kept(one)) == Snapshot.of(one)


def test_a_reading_that_says_nothing_new_is_no_change():
    assert not differs(kept(customer()), kept(customer()))
    assert differs(kept(customer()), kept(customer(promised_payment=False)))
    assert differs(kept(customer()), kept(customer(town="Durham")))


def test_what_sage_leaves_out_takes_no_room():
    assert kept(LEAST)["details"] == {}


def test_many_are_written_to_json_as_one_is():
    column = JsonColumn(Customer, without={"currency", "updated_at"})
    many = [FULL, LEAST, customer()]
    columns = {name: [getattr(one, name) for one in many] for name in (each.name for each in fields(Customer))}
    assert column.write_many(columns) == [column.write(one) for one in many]

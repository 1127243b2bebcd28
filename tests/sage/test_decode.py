from __future__ import annotations

import json
import time
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.domain.company import Company, Edition
from bot.domain.customer import Customer, CustomerName
from bot.domain.money import Currency
from bot.errors import SageUnreadable
from bot.sage.decoding import decode
from bot.sage.decoding.fields import Record
from bot.sage.ledger import FIELDS, RECORD_FIELDS

SMALLEST = {"id": 1, "reference": "ABS001", "name": "ABS Garages Ltd", "account_is_on_hold": False}
FULL = """{
  "id": 27828, "reference": "ABS001", "name": "ABS Garages Ltd", "short_name": "ABS Gara", "currency_id": 2103,
  "currency_name": "Pound Sterling", "currency_symbol": "£", "currency_iso_code": "GBP",
  "currency_iso_code_name": "Pound Sterling", "balance": 2464.16, "base_balance": 2464.16, "credit_limit": 4000.00,
  "account_is_on_hold": false, "account_status_type": "AccountStatusActive", "is_over_credit_limit": false,
  "value_of_current_orders_in_sop": -36.00, "date_of_last_transaction": "2016-03-31T00:00:00",
  "average_time_to_pay": 319, "payment_terms_in_days": 30, "payment_terms": "30 days", "last_credit_review": null,
  "next_credit_review": "2017-01-05T00:00:00", "credit_position_name": "Good", "has_promised_payment": true,
  "account_type": "TradingAccountTypeOpenItem",
  "contact_name": " Ms S Smith ", "contact_default_telephone_number": "01234 567890",
  "contact_default_email_address": "sue@garages.example", "analysis_code_1": "North", "analysis_code_4": "",
  "analysis_code_20": "  ", "analysis_code_12": "Fleet", "customer_location_post_code": "ST4 2TH",
  "customer_location_city": "Stoke", "date_time_updated": "2016-07-08T15:28:48.66", "something_new": {"a": [1]}
}"""


def read(row):
    """The customer of a row of `customer_views`."""
    return Customer(*decode.customers([row])[0])


def view(**changes):
    return read({**SMALLEST, **changes})


def test_a_full_view_becomes_a_customer():
    assert read(json.loads(FULL, parse_float=Decimal)) == Customer(
        id=27828,
        reference="ABS001",
        name="ABS Garages Ltd",
        on_hold=False,
        short_name="ABS Gara",
        currency=Currency("GBP", "£"),
        balance=Decimal("2464.16"),
        base_balance=Decimal("2464.16"),
        credit_limit=Decimal("4000.00"),
        open_orders=Decimal("-36.00"),
        average_days_to_pay=319,
        payment_terms_days=30,
        payment_terms="30 days",
        credit_position="Good",
        last_transaction=date(2016, 3, 31),
        next_credit_review=date(2017, 1, 5),
        promised_payment=True,
        account_type="TradingAccountTypeOpenItem",
        contact_name="Ms S Smith",
        contact_telephone="01234 567890",
        contact_email="sue@garages.example",
        postcode="ST4 2TH",
        town="Stoke",
        analysis={1: "North", 12: "Fleet"},
        updated_at=datetime(2016, 7, 8, 15, 28, 48, 660000, UTC),
    )


class Asked(dict[str, object]):
    """A record that remembers which of its fields were read."""

    def __init__(self, *given):
        super().__init__(*given)
        self.names = set()

    def get(self, name, otherwise=None):
        self.names.add(name)
        return super().get(name, otherwise)


def test_sage_is_asked_for_exactly_the_fields_that_are_read():
    record = Asked(SMALLEST)
    read(record)
    assert record.names == set(FIELDS.split(","))


def test_of_a_site_without_views_it_is_asked_for_exactly_the_fields_of_a_record_that_are_read():
    record = Asked({"id": 1, "reference": "ABS001", "on_hold": False, "status_reason": "", "currency_id": 2103})
    decode.customer_records([record], currencies={})
    assert record.names == {*RECORD_FIELDS.split(","), "account_type", "has_promised_payment"}


@pytest.mark.parametrize(
    ("row", "iso"),
    [
        ({"symbol": "£", "name": "Pound Sterling"}, "GBP"),
        ({"symbol": "€", "name": "Anything", "is_euro_currency": True}, "EUR"),
        ({"symbol": "$", "name": "US Dollar"}, "USD"),
        ({"symbol": "$", "name": "Australian Dollar"}, ""),
        ({"symbol": "$", "name": "Dollar", "currency_iso_code": {"code": "aud"}}, "AUD"),
        ({"symbol": "£", "name": "Egyptian Pound"}, ""),
    ],
)
def test_a_currency_is_known_by_its_code_or_by_an_unmistakable_name(row, iso):
    number, found = decode.currency({"id": 7, **row})
    assert (number, found.currency.iso, found.currency.symbol, found.is_base) == (7, iso, row["symbol"], False)


def test_every_field_of_a_customer_is_read_but_the_reason_that_the_view_lacks():
    more = {"last_credit_review": "2016-01-05T00:00:00", "account_status_type": "AccountStatusHidden"}
    given = {**json.loads(FULL, parse_float=Decimal), **more, "account_is_on_hold": True}
    full = read({name: given.get(name) for name in FIELDS.split(",")})
    least = Customer(0, "", "", on_hold=False)
    unread = {name for name in (each.name for each in fields(Customer)) if getattr(full, name) == getattr(least, name)}
    assert unread == {"status_reason"}


def test_an_old_site_gives_the_least_and_that_is_enough():
    assert view() == Customer(id=1, reference="ABS001", name="ABS Garages Ltd", on_hold=False)


def test_null_is_the_same_as_absent():
    nulls = dict.fromkeys(set(json.loads(FULL)) - set(SMALLEST))
    assert view(**nulls) == view()


@pytest.mark.parametrize(
    "changes",
    [
        {"account_is_on_hold": None},
        {"account_is_on_hold": "false"},
        {"account_is_on_hold": 0},
        {"id": None},
        {"id": "1"},
        {"id": True},
        {"id": Decimal("1.5")},
        {"id": 2**63},
        {"reference": " "},
        {"reference": None},
        {"name": 5},
        {"balance": "2464.16"},
        {"balance": True},
        {"balance": []},
        {"balance": Decimal("1e15")},
        {"balance": Decimal("NaN")},
        {"credit_limit": "none"},
        {"value_of_current_orders_in_sop": {}},
        {"base_balance": False},
        {"average_time_to_pay": Decimal("1.5")},
        {"date_time_updated": "yesterday"},
        {"date_of_last_transaction": 20160331},
    ],
)
def test_a_customer_that_could_be_misread_is_not_read(changes):
    with pytest.raises(SageUnreadable):
        view(**changes)


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"balance": 4000}, "balance", Decimal(4000)),
        ({"balance": Decimal("-0.01")}, "balance", Decimal("-0.01")),
        ({"average_time_to_pay": Decimal("30.0")}, "average_days_to_pay", 30),
        ({"average_time_to_pay": 0}, "average_days_to_pay", 0),
        ({"account_status_type": "AccountStatusHidden"}, "hidden", True),
        ({"account_is_on_hold": True}, "on_hold", True),
        ({"has_promised_payment": False}, "promised_payment", False),
        ({"has_promised_payment": "Yes"}, "promised_payment", None),
        ({"name": None}, "name", "ABS001"),
        ({"name": "A\r\nB\x00 "}, "name", "A  B"),
        ({"name": "x" * 999}, "name", "x" * 300),
        ({"currency_iso_code": "eur", "currency_symbol": "€"}, "currency", Currency("EUR", "€")),
        ({"currency_iso_code": "£££"}, "currency", Currency()),
        ({"date_time_updated": "2016-07-08T15:28:48"}, "updated_at", datetime(2016, 7, 8, 15, 28, 48, tzinfo=UTC)),
        ({"date_time_updated": "2016-07-08T15:28:48.9"}, "updated_at", datetime(2016, 7, 8, 15, 28, 48, 900000, UTC)),
        (
            {"date_time_updated": "2016-07-08T15:28:48.1234567Z"},
            "updated_at",
            datetime(2016, 7, 8, 15, 28, 48, 123456, UTC),
        ),
        (
            {"date_time_updated": "2016-07-08T16:28:48+01:00"},
            "updated_at",
            datetime(2016, 7, 8, 15, 28, 48, tzinfo=UTC),
        ),
        ({"date_time_updated": "0001-01-01T00:00:00"}, "updated_at", None),
        ({"date_of_last_transaction": "2016-07-01T00:00:00+01:00"}, "last_transaction", date(2016, 7, 1)),
        ({"date_of_last_transaction": "1753-01-01T00:00:00"}, "last_transaction", None),
        ({"date_of_last_transaction": ""}, "last_transaction", None),
    ],
)
def test_what_sage_writes_oddly_is_still_understood(changes, field, value):
    assert getattr(view(**changes), field) == value


@pytest.fixture
def new_york(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("new_york")
def test_a_moment_without_a_zone_is_utc_wherever_this_runs():
    assert view(date_time_updated="2016-07-08T15:28:48").updated_at == datetime(2016, 7, 8, 15, 28, 48, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"status_reason": " Cheque bounced "}, "Cheque bounced"),
        ({"status_reason": ""}, ""),
        ({"status_reason": None}, ""),
        ({}, None),
        ({"status_reason": "x" * 999}, "x" * 256),
    ],
)
def test_a_status_reason_is_said_empty_or_unknown(record, reason):
    assert decode.status_reason(record) == reason


@pytest.mark.parametrize("record", [[], "text", None, {"status_reason": 5}])
def test_a_record_that_is_none_gives_no_reason(record):
    with pytest.raises(SageUnreadable):
        decode.status_reason(record)


def test_a_lookup_row_becomes_a_name():
    row = {"id": 5, "reference": "O'B001 ", "name": "O'Brien", "short_name": None, "post_code": "BT1 1AA"}
    assert decode.customer_name(row) == CustomerName(5, "O'B001", "O'Brien", "", "BT1 1AA")


@pytest.mark.parametrize(
    ("changes", "company"),
    [
        ({}, Company("Blue Ltd", "Blue Site", Edition.STANDARD, "0f1e-2d", 7)),
        ({"tenant_id": "x"}, Company("Blue Ltd", "Blue Site", Edition.STANDARD, "0f1e-2d", 7)),
        ({"site_name": ""}, Company("Blue Ltd", "Blue", Edition.STANDARD, "0f1e-2d", 7)),
        ({"company_name": None}, Company("7", "Blue Site", Edition.STANDARD, "0f1e-2d", 7)),
    ],
)
def test_a_site_row_becomes_a_company(changes, company):
    row = {
        "company_id": 7,
        "company_name": "Blue Ltd",
        "site_id": "0f1e-2d",
        "site_name": "Blue Site",
        "site_short_name": "Blue",
    }
    assert decode.company({**row, **changes}, Edition.STANDARD) == company


@pytest.mark.parametrize("site_id", ["", None, "a b", "a\r\nX-Company: 9", "é", "x" * 65])
def test_a_site_id_that_could_not_be_a_header_is_refused(site_id):
    with pytest.raises(SageUnreadable):
        decode.company({"company_id": 7, "site_id": site_id}, Edition.STANDARD)


def test_labels_are_those_of_customers_only():
    mappings: list[Record] = [
        {"class_name": "Sage.Accounting.SalesLedger.Customer", "slot": 1, "friendly_property_name": "Region"},
        {"class_name": "Sage.Accounting.PurchaseLedger.Supplier", "slot": 1, "friendly_property_name": "Buyer"},
        {"friendly_class_name": "Customer", "slot": 2, "analysis_code": {"id": 3, "name": "Sales rep"}},
        {"class_name": "Sage.Accounting.SalesLedger.CustomerDeliveryAddress", "slot": 3, "friendly_property_name": "X"},
        {"friendly_class_name": "Customer", "slot": 21, "friendly_property_name": "Beyond"},
        {"friendly_class_name": "Customer", "slot": None, "friendly_property_name": "Nowhere"},
        {"friendly_class_name": "Customer", "slot": 4, "friendly_property_name": " "},
        {"friendly_class_name": "Customer", "slot": 5, "friendly_property_name": "Plain", "analysis_code": None},
    ]
    assert decode.customer_labels(mappings) == {1: "Region", 2: "Sales rep", 5: "Plain"}

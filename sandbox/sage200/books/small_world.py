"""The world of the tests: two companies, three people, and a customer for every oddity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.sage200.books.company import DOLLAR, EURO, SandboxCompany, money
from sandbox.sage200.books.world import World
from sandbox.sage_id.people import Edition, Person

LABELS = {1: "Account type", 2: "Sales rep", 3: "Region"}
_SINCE = datetime(2016, 2, 1, 9, 30, tzinfo=UTC)
_FIRST_ID = 27828

_SCOTLAND = {"analysis_code_2": "Fiona", "analysis_code_3": "Scotland"}
_LONDON = {"city": "London", "analysis_code_3": "London"}
_LEGAL = {"on_hold": True, "status_reason": "With solicitors", "credit_position": "Legal"}

# (reference, name, balance, credit limit, and what is unlike the usual)
_STANDARD_LEDGER: tuple[tuple[str, str, float, float, dict[str, Any]], ...] = (
    ("ABS002", "ABS Garages (Hexham) Ltd", 812.5, 2000, {"city": "Hexham", "postcode": "NE46 1AA"}),
    ("NOR001", "Northern Garages plc", 15250, 20000, {"analysis_code_2": "Aisha"}),
    ("ZER001", "Zero Limit Traders", 350.25, 0, {}),
    ("OVE001", "Overton Motors Ltd", 5200.01, 5000, {"credit_position": "Watch"}),
    ("EDG001", "Edge Tyres Ltd", 5000, 5000, {}),
    ("HOL001", "Holdfast Haulage", 9100, 7500, {"on_hold": True, "status_reason": "Cheque returned 3 March"}),
    ("HOL002", "Hollins & Sons", 120, 1000, {"on_hold": True}),
    ("EUR001", "Garage Müller GmbH", 1170, 5000, {"currency_id": EURO.id, "country": "Germany", "country_code": "DE"}),
    ("USD001", "Liberty Auto Parts Inc", 2540, 10000, {"currency_id": DOLLAR.id, "country_code": "US"}),
    ("CRE001", "Credit Balance Ltd", -75.5, 1000, {}),
    ("HID001", "Hidden Valley Motors", 0, 500, {"account_status_type": "AccountStatusHidden"}),
    ("MRK001", "<!channel> & *x* 'quotes'", 10, 100, {"status_reason": "<@U123> said _so_ & left"}),
    ("EMO001", "Sparkle Valeting ✨🚗", 44, 500, {}),
    ("ARA001", "شركة النور للسيارات", 600, 900, {}),
    ("HEB001", "מוסך השלום", 700, 900, {}),
    ("TWI001", "Twin Motors Ltd", 100, 1000, {"city": "Leeds", "postcode": "LS1 4DY"}),
    ("TWI002", "Twin Motors Ltd", 200, 1000, {"city": "York", "postcode": "YO1 7HH"}),
    ("SCO001", "Forth Bridge Spares", 1800, 2500, {"city": "Edinburgh", "postcode": "EH1 1YZ", **_SCOTLAND}),
    ("LON001", "Bow Bells Bodyshop", 4000, 4500, {"postcode": "EC2V 6AA", **_LONDON}),
    ("LON002", "Camden Car Care", 3999.99, 4000, {"postcode": "NW1 8AB", **_LONDON}),
    ("APO001", "O'Brien's Autos", 60, 600, {"contact_name": "Siobhán O'Brien"}),
    ("BIG001", "Consolidated Vehicle Holdings Group plc", 1234567.89, 2000000, {"payment_terms_days": 60}),
    ("PEN001", "Penny Farthing Cycles", 0.01, 0.02, {}),
    ("ORD001", "Ordway Fleet Hire", 900, 1000, {"value_of_current_orders_in_sop": money(250)}),
    ("LEG001", "Legal Eagle Limos", 3300, 3000, {**_LEGAL}),
    ("PLU001", "50% Off + More #1 Ltd", 5, 50, {}),
)  # fmt: skip
_PROFESSIONAL_LEDGER: tuple[tuple[str, str, float, float, dict[str, Any]], ...] = (
    ("FLE001", "Fleet First Ltd", 640, 1000, {"analysis_code_6": "Gold"}),
    ("FLE002", "Fleetwood Garages", 75, 0, {"on_hold": True, "status_reason": "Awaiting new terms"}),
)


def small_world() -> World:
    """Priya reaches both companies, George the Standard one, and nobody@ reaches none. Both have an ABS001."""
    standard, professional = _standard(), _professional()
    people = [
        Person("priya@example.test", "Priya Shah", [standard.key, professional.key]),
        Person("george@example.test", "George Hall", [standard.key]),
        Person("nobody@example.test", "Nobody Yet"),
    ]
    return World([standard, professional], people)


def standard_company() -> SandboxCompany:
    """ABS Motor Factors with no more than its first customer."""
    company = SandboxCompany(
        edition=Edition.STANDARD,
        site_id="5b1f4c1e-7a43-4d0e-9f5e-2b1c0a6d9e01",
        company_id=1,
        company_name="ABS Motor Factors Ltd",
        site_name="Newcastle",
        analysis_labels=dict(LABELS),
    )
    company.customers[_FIRST_ID] = _abs_garages()
    return company


def _standard() -> SandboxCompany:
    company = standard_company()
    for number, row in enumerate(_STANDARD_LEDGER, 1):
        company.customers[_FIRST_ID + number] = _row(_FIRST_ID + number, *row)
    company.customers[_FIRST_ID + 90] = _row_with_gaps(_FIRST_ID + 90)
    return company


def _professional() -> SandboxCompany:
    company = SandboxCompany(
        edition=Edition.PROFESSIONAL,
        site_id="c0a8d7e2-31f6-4a5b-8c9d-77e4f2b3a602",
        company_id=2,
        company_name="ABS Fleet Services Ltd",
        site_name="Gateshead",
        analysis_labels={**LABELS, 6: "Service level"},
    )
    company.customers[_FIRST_ID] = {**_abs_garages(), **_OTHER_FIGURES}
    for number, row in enumerate(_PROFESSIONAL_LEDGER, 1):
        company.customers[_FIRST_ID + number] = _row(_FIRST_ID + number, *row)
    return company


def _abs_garages() -> dict[str, Any]:
    """The sample customer of Sage's own guide; what the guide does not show is made up."""
    return {
        "id": _FIRST_ID,
        "reference": "ABS001",
        "name": "ABS Garages Ltd",
        "short_name": "ABS Gara",
        "balance": money("2464.16"),
        "credit_limit": money("4000.00"),
        "analysis_code_1": "Trade",
        "analysis_code_2": "George",
        "analysis_code_3": "Tyne & Wear",
        "average_time_to_pay": 319,
        "value_of_current_orders_in_sop": money("-36.00"),
        "address_1": "12 Scotswood Road",
        "city": "Newcastle upon Tyne",
        "postcode": "NE4 7JB",
        "contact_name": "Tom Abbott",
        "telephone_area_code": "0191",
        "telephone_subscriber_number": "498 0123",
        "email": "accounts@abs-garages.example.test",
        "account_opened": datetime(2014, 5, 1, tzinfo=UTC),
        "last_credit_review": datetime(2016, 1, 11, tzinfo=UTC),
        "next_credit_review": datetime(2017, 1, 11, tzinfo=UTC),
        "date_of_last_transaction": datetime(2016, 6, 30, tzinfo=UTC),
        "date_time_created": datetime(2014, 5, 1, 10, 15, 2, 310000, tzinfo=UTC),
        "date_time_updated": datetime(2016, 7, 8, 15, 28, 48, 660000, tzinfo=UTC),
    }


_OTHER_FIGURES: dict[str, Any] = {
    "balance": money("77.70"),
    "credit_limit": money("900.00"),
    "value_of_current_orders_in_sop": money("0.00"),
    "average_time_to_pay": 21,
    "analysis_code_2": "Priya",
    "analysis_code_6": "Silver",
}


def _row(
    number: int, reference: str, name: str, balance: float, limit: float, unlike: dict[str, Any]
) -> dict[str, Any]:
    moment = _SINCE + timedelta(days=number - _FIRST_ID, milliseconds=(number % 7) * 150)
    return {
        "id": number,
        "reference": reference,
        "name": name,
        "short_name": name[:8],
        "balance": money(balance),
        "credit_limit": money(limit),
        "average_time_to_pay": 30 + number % 40,
        "analysis_code_1": "Trade",
        "analysis_code_2": "George",
        "analysis_code_3": "Tyne & Wear",
        "postcode": "NE1 1AA",
        "date_time_created": _SINCE,
        "date_time_updated": moment,
        **unlike,
    }


def _row_with_gaps(number: int) -> dict[str, Any]:
    gaps = ("short_name", "average_time_to_pay", "value_of_current_orders_in_sop", "payment_terms_days", "contact_name")
    more = ("postcode", "analysis_code_2", "analysis_code_3", "status_reason", "credit_limit", "balance")
    return {**_row(number, "GAP001", "Gaps & Co", 0, 0, {}), **dict.fromkeys((*gaps, *more))}

"""The small resources around the ledger: companies a person reaches, currencies, labels, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.sage200.books.company import POUND, SandboxCompany
from sandbox.sage200.books.world import World
from sandbox.sage200.fields import Field
from sandbox.sage200.odata import Column
from sandbox.sage_id.people import Edition, Person

_SINCE = datetime(2016, 2, 1, 9, 0, 0, tzinfo=UTC)
_CUSTOMER = ("Sage.Accounting.SalesLedger.Customer", "Customer")
_SUPPLIER = ("Sage.Accounting.PurchaseLedger.Supplier", "Supplier")
_RETURN = ("Sage.Accounting.SOP.SOPOrderReturn", "SOP order/return")
_SUPPLIER_LABELS = {1: "Supplier type", 2: "Buyer"}
_RETURN_LABELS = {1: "Delivery route", 2: "Picker", 3: "Promotion"}


def plain_columns(fields: Mapping[str, Field]) -> dict[str, Column]:
    """Columns that read the row as it is."""
    return {name: Column(name, field.kind, _reader(name)) for name, field in fields.items()}


def _reader(name: str) -> Any:
    return lambda row: row.get(name)


def sites(world: World, person: Person, edition: Edition) -> list[dict[str, Any]]:
    """One row for each company of this edition that the person reaches."""
    reached = (company for company in world.companies if company.key in person.companies)
    return [
        {
            "company_id": company.company_id,
            "company_name": company.company_name,
            "site_id": company.site_id,
            "site_name": company.site_name,
            "site_short_name": company.site_name[:50],
        }
        for company in reached
        if company.edition is edition
    ]


def analysis_code_mappings(company: SandboxCompany) -> list[dict[str, Any]]:
    """One row for each slot of each kind of record; only the Customer rows name a customer's codes."""
    kinds = (
        (_RETURN, _RETURN_LABELS),
        (_CUSTOMER, company.analysis_labels),
        (_SUPPLIER, _SUPPLIER_LABELS),
    )
    rows = (_mapping(company, kind, slot, label) for kind, labels in kinds for slot, label in labels.items())
    return [{"id": 300 + number, **row} for number, row in enumerate(rows)]


def _mapping(company: SandboxCompany, kind: tuple[str, str], slot: int, label: str) -> dict[str, Any]:
    professional = {"is_mandatory": False} if company.edition is Edition.PROFESSIONAL else {}
    orders = {"is_read_only": False} if kind is _RETURN else {}
    return {
        "class_name": kind[0],
        "friendly_class_name": kind[1],
        "property_name": f"AnalysisCode{slot}",
        "friendly_property_name": label,
        "slot": slot,
        "analysis_code": {"id": 500 + slot, "name": label, "allow_overtype": True, "allow_new_on_entry": True},
        **professional,
        **orders,
        **_dates(),
    }


def currencies(company: SandboxCompany) -> list[dict[str, Any]]:
    """The company's currencies; the pound is its base."""
    return [
        {
            "id": currency.id,
            "symbol": currency.symbol,
            "name": currency.name,
            "core_currency_rate": currency.rate,
            "is_base_currency": currency == POUND,
            "is_euro_currency": currency.iso == "EUR",
            "use_for_new_accounts": True,
            "exchange_rate_type": "ExchangeRateSingle",
            "currency_iso_code_id": currency.iso_id,
            "currency_iso_code": {"code": currency.iso, "name": currency.name},
            **_dates(),
        }
        for currency in company.currencies
    ]


def company_details(company: SandboxCompany) -> list[dict[str, Any]]:
    """One row: the company itself."""
    address = {"id": 1, "address_1": "1 Quayside", "city": company.site_name, "postcode": "NE1 3DX"}
    named = {"id": company.company_id, "name": company.company_name, "tax_registration_number": "GB 000 0000 00"}
    return [{**named, "telephone": "0191 498 0000", "address": {**address, "country": "Great Britain"}, **_dates()}]


def sales_ledger_settings(company: SandboxCompany) -> list[dict[str, Any]]:
    """One row, with the company's own ageing periods."""
    periods = _periods(company.ageing_periods)
    return [
        {
            "id": 1,
            "auto_generate_account_numbers": False,
            "early_settlement_discount_days": 0,
            "early_settlement_discount_percent": Decimal("0.00"),
            "no_of_reporting_periods": len(company.ageing_periods),
            "default_payment_terms_basis": "PaymentDueFromDocumentDate",
            "default_payment_terms_days": 30,
            "ageing_periods": periods,
            "overdue_periods": periods,
            **_dates(),
        }
    ]


def _periods(starts: Iterable[int]) -> list[dict[str, Any]]:
    return [{"id": number, "days_period_starts_after": days} for number, days in enumerate(starts, 1)]


def current_user(person: Person) -> dict[str, Any]:
    """Who Sage takes the caller for."""
    return {
        "id": sum(person.email.encode()),
        "logon_name": person.email,
        "friendly_name": person.name,
        "email_address": person.email[:50],
        "is_web_user": True,
        "last_logon_date_time": _SINCE,
    }


def _dates() -> dict[str, datetime]:
    return {"date_time_created": _SINCE, "date_time_updated": _SINCE}

"""How a ledger's rows read through the three customer resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.sage200.books.company import KNOWN, USUAL, SandboxCompany, money
from sandbox.sage200.fields import CUSTOMER, CUSTOMER_VIEW, LOOKUP_CUSTOMER, Field
from sandbox.sage200.odata import Column, Row
from sandbox.sage_id.people import Edition

Read = Callable[[SandboxCompany, Row], Any]
_STATUS_IDS = {"AccountStatusActive": 0, "AccountStatusHidden": 1}
_POSITION_IDS = {"Good": 1, "Watch": 2, "Legal": 3}
_NOT_ON_OLD_SITES = {
    "date_time_updated",
    "is_over_credit_limit",
    "status_reason",
    *(f"analysis_code_{slot}" for slot in range(6, 21)),
}


def stored(row: Row, name: str) -> Any:
    """A row's own value, or the usual one; an explicit None is a field that Sage leaves out."""
    return row[name] if name in row else USUAL.get(name)


def columns(
    company: SandboxCompany, fields: Mapping[str, Field], special: Mapping[str, Read | str]
) -> dict[str, Column]:
    """The fields this company's Sage has. Standard knows the Professional ones and leaves them out of its answers."""
    return {
        name: _column(company, name, field, special)
        for name, field in fields.items()
        if not (company.old_site and name in _NOT_ON_OLD_SITES)
    }


def _column(company: SandboxCompany, name: str, field: Field, special: Mapping[str, Read | str]) -> Column:
    if field.professional and company.edition is Edition.STANDARD:
        return Column(name, field.kind, lambda row: None, is_empty=True)
    source = special.get(name, name)
    if not isinstance(source, str):
        return Column(name, field.kind, lambda row: source(company, row))
    usual = USUAL.get(source)
    return Column(name, field.kind, lambda row: row.get(source, usual), is_empty=source not in KNOWN)


def _of_currency(attribute: str) -> Read:
    return lambda company, row: getattr(company.currency(stored(row, "currency_id")), attribute)


def _base_balance(company: SandboxCompany, row: Row) -> Any:
    balance = stored(row, "balance")
    return None if balance is None else money(balance / company.currency(stored(row, "currency_id")).rate)


def _is_over_limit(_: SandboxCompany, row: Row) -> bool | None:
    limit, balance = stored(row, "credit_limit"), stored(row, "balance")
    return None if limit is None or balance is None else bool(limit) and balance > limit


def _status_id(_: SandboxCompany, row: Row) -> int:
    return _STATUS_IDS[stored(row, "account_status_type")]


def _position_id(_: SandboxCompany, row: Row) -> int | None:
    return _POSITION_IDS.get(stored(row, "credit_position"))


def _terms(_: SandboxCompany, row: Row) -> str | None:
    days = stored(row, "payment_terms_days")
    return None if days is None else f"{days} days from document date"


def _telephone(_: SandboxCompany, row: Row) -> str:
    return f"{stored(row, 'telephone_area_code')} {stored(row, 'telephone_subscriber_number')}".strip()


def _full_address(_: SandboxCompany, row: Row) -> str:
    parts = (stored(row, name) for name in ("address_1", "city", "county", "postcode", "country"))
    return ",".join(part for part in parts if part)


def _first_name(_: SandboxCompany, row: Row) -> str:
    return str(stored(row, "contact_name") or "").partition(" ")[0]


def _last_name(_: SandboxCompany, row: Row) -> str:
    return str(stored(row, "contact_name") or "").partition(" ")[2]


def _main_address(_: SandboxCompany, row: Row) -> dict[str, Any]:
    names = ("address_1", "city", "county", "postcode", "country", "contact_name")
    values = {name: stored(row, name) for name in names}
    return {"customer_id": row["id"], **{name: value for name, value in values.items() if value is not None}}


_VIEW: dict[str, Read | str] = {
    "currency_name": _of_currency("name"),
    "currency_symbol": _of_currency("symbol"),
    "currency_iso_code_id": _of_currency("iso_id"),
    "currency_iso_code": _of_currency("iso"),
    "currency_iso_code_name": _of_currency("name"),
    "base_balance": _base_balance,
    "account_is_on_hold": "on_hold",
    "account_status_type_id": _status_id,
    "is_over_credit_limit": _is_over_limit,
    "payment_terms_in_days": "payment_terms_days",
    "payment_terms": _terms,
    "credit_position_id": _position_id,
    "credit_position_name": "credit_position",
    "date_account_details_last_changed": "date_time_updated",
    "contact_first_name": _first_name,
    "contact_last_name": _last_name,
    "contact_default_telephone_number": _telephone,
    "contact_default_email_address": "email",
    "customer_location_address_line_1": "address_1",
    "customer_location_post_code": "postcode",
    "customer_location_city": "city",
    "customer_location_county": "county",
    "customer_location_country": "country",
    "customer_location_country_code": "country_code",
    "customer_location_full_address": _full_address,
}
_CUSTOMER: dict[str, Read | str] = {
    "country_code": lambda _, row: None,  # objects that Sage sends only when asked to expand them
    "credit_position": lambda _, row: None,
    "credit_position_id": _position_id,
    "main_address": _main_address,
}
_LOOKUP: dict[str, Read | str] = {
    "account_status_type_id": _status_id,
    "post_code": "postcode",
    "office_type_id": lambda _, row: 0,
}


def customer_view(company: SandboxCompany) -> dict[str, Column]:
    """Columns of `customer_views`."""
    return columns(company, CUSTOMER_VIEW, _VIEW)


def customer(company: SandboxCompany) -> dict[str, Column]:
    """Columns of `customers`."""
    return columns(company, CUSTOMER, _CUSTOMER)


def lookup_customer(company: SandboxCompany) -> dict[str, Column]:
    """Columns of `lookup_customers`."""
    return columns(company, LOOKUP_CUSTOMER, _LOOKUP)

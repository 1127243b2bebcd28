"""Decoding of Sage 200's JSON: tolerant of absent fields, strict on money, dates and the hold itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.domain.company import Company, Edition
from bot.domain.customer import FIELDS, CustomerName, Values
from bot.domain.money import Currency
from bot.errors import SageUnreadable
from bot.sage.decoding import columns
from bot.sage.decoding.columns import Rows, required
from bot.sage.decoding.fields import Record, flag, number_of, odd, text, whole
from bot.sage.decoding.readable import readable

_ANALYSIS_SLOTS = range(1, 21)
_HIDDEN = "AccountStatusHidden"
_LONGEST_REASON = 256
_ISO_CODE = re.compile("[A-Z]{3}")
# The id goes into a header, so it may hold nothing that could end one.
_SITE_ID = re.compile("[!-~]{1,64}")


def customers(rows: Rows) -> list[Values]:
    """Decode rows of `customer_views`, which have no status reason. Raises SageUnreadable where one can't be read."""
    on_hold = required(columns.flags(rows, "account_is_on_hold"), "account_is_on_hold")
    references = _references(rows)
    return _made(
        id=columns.numbers(rows, "id"),
        reference=references,
        name=_named(columns.texts(rows, "name"), references),
        on_hold=on_hold,
        short_name=columns.texts(rows, "short_name"),
        status_reason=[None] * len(rows),
        hidden=[kind == _HIDDEN for kind in columns.texts(rows, "account_status_type")],
        currency=list(
            map(
                _named_currency,
                columns.texts(rows, "currency_iso_code"),
                columns.texts(rows, "currency_symbol", most=4),
            )
        ),
        balance=columns.amounts(rows, "balance"),
        base_balance=columns.amounts(rows, "base_balance"),
        credit_limit=columns.amounts(rows, "credit_limit"),
        open_orders=columns.amounts(rows, "value_of_current_orders_in_sop"),
        average_days_to_pay=columns.wholes(rows, "average_time_to_pay"),
        payment_terms_days=columns.wholes(rows, "payment_terms_in_days"),
        payment_terms=columns.texts(rows, "payment_terms"),
        credit_position=columns.texts(rows, "credit_position_name"),
        last_transaction=columns.days(rows, "date_of_last_transaction"),
        contact_name=columns.texts(rows, "contact_name"),
        contact_telephone=columns.texts(rows, "contact_default_telephone_number"),
        contact_email=columns.texts(rows, "contact_default_email_address"),
        postcode=columns.texts(rows, "customer_location_post_code"),
        town=columns.texts(rows, "customer_location_city"),
        **_of_either(rows),
    )


def _made(**given: Sequence[Any]) -> list[Values]:
    return list(zip(*(given[name] for name in FIELDS), strict=True))


def _of_either(rows: Rows) -> dict[str, Sequence[Any]]:
    """Return the fields that `customer_views` and `customers` call the same."""
    return {
        "last_credit_review": columns.days(rows, "last_credit_review"),
        "next_credit_review": columns.days(rows, "next_credit_review"),
        "promised_payment": [_promised(row) for row in rows],
        "account_type": columns.texts(rows, "account_type", most=60),
        "analysis": _analysis(rows),
        "updated_at": columns.moments(rows, "date_time_updated"),
    }


@dataclass(frozen=True, slots=True)
class LedgerCurrency:
    """A currency of a company; `is_base` for the one in which its books are kept."""

    currency: Currency
    is_base: bool


def currency(row: Record) -> tuple[int, LedgerCurrency]:
    """Decode a row of `currencies`: id and currency. Its ISO code is given only on request; plain names tell it too."""
    code = row.get("currency_iso_code")
    iso = text(code, "code").upper() if isinstance(code, dict) else ""
    name = text(row, "name").casefold()
    if not iso:
        iso = "EUR" if flag(row, "is_euro_currency") else next((iso for word, iso in _NAMED if word in name), "")
    symbol = text(row, "symbol", most=4)
    found = _named_currency(iso, symbol)
    return number_of(row, "id"), LedgerCurrency(found, flag(row, "is_base_currency") or False)


_NAMED = (("sterling", "GBP"), ("euro", "EUR"), ("us dollar", "USD"))
_NO_CURRENCY = LedgerCurrency(Currency(), is_base=False)


def customer_records(rows: Rows, *, currencies: Mapping[int, LedgerCurrency]) -> list[Values]:
    """Decode rows of `customers`, which have the status reason, and neither the contact nor the names of codes.

    Raises SageUnreadable where one can't be read.
    """
    on_hold = required(columns.flags(rows, "on_hold"), "on_hold")
    references, balances = _references(rows), columns.amounts(rows, "balance")
    kept_in = [currencies.get(number or 0, _NO_CURRENCY) for number in columns.wholes(rows, "currency_id")]
    addresses = [address if isinstance(address := row.get("main_address"), dict) else {} for row in rows]
    parts = (columns.texts(rows, f"telephone_{part}") for part in ("country_code", "area_code", "subscriber_number"))
    return _made(
        id=columns.numbers(rows, "id"),
        reference=references,
        name=_named(columns.texts(rows, "name"), references),
        on_hold=on_hold,
        short_name=columns.texts(rows, "short_name"),
        status_reason=[status_reason(row) for row in rows],
        hidden=[kind == _HIDDEN for kind in columns.texts(rows, "account_status_type")],
        currency=[each.currency for each in kept_in],
        balance=balances,
        base_balance=[each if of.is_base else None for each, of in zip(balances, kept_in, strict=True)],
        credit_limit=columns.amounts(rows, "credit_limit"),
        open_orders=columns.amounts(rows, "value_of_current_orders_in_sop"),
        average_days_to_pay=columns.wholes(rows, "average_time_to_pay"),
        payment_terms_days=columns.wholes(rows, "payment_terms_days"),
        payment_terms=[""] * len(rows),
        credit_position=[""] * len(rows),
        last_transaction=[None] * len(rows),
        contact_name=[""] * len(rows),
        contact_telephone=[" ".join(filter(None, telephone)) for telephone in zip(*parts, strict=True)],
        contact_email=[""] * len(rows),
        postcode=columns.texts(addresses, "postcode"),
        town=columns.texts(addresses, "city"),
        **_of_either(rows),
    )


def status_reason(record: object) -> str | None:
    """Return the reason in a `customers/{id}` record: "" when none was given, None when this Sage has no such field."""
    if not isinstance(record, dict):
        raise SageUnreadable
    return text(record, "status_reason", most=_LONGEST_REASON) if "status_reason" in record else None


def customer_name(row: Record) -> CustomerName:
    """Decode a row of `lookup_customers`."""
    reference = _reference(row)
    return CustomerName(
        id=number_of(row, "id"),
        reference=reference,
        name=text(row, "name") or reference,
        short_name=text(row, "short_name"),
        postcode=text(row, "post_code"),
    )


def company(row: Record, edition: Edition) -> Company:
    """Decode a row of `sites`: one company of one site."""
    site_id, company_id = text(row, "site_id"), number_of(row, "company_id")
    if not _SITE_ID.fullmatch(site_id):
        raise odd("site_id", site_id or None)
    site_name = text(row, "site_name") or text(row, "site_short_name") or site_id
    return Company(text(row, "company_name") or str(company_id), site_name, edition, site_id, company_id)


def customer_labels(mappings: Sequence[Record]) -> dict[int, str]:
    """Return a company's labels of its customers' analysis codes, by slot; other records' mappings are left out."""
    labels = dict(readable(mappings, _slot_and_label, of="analysis code labels").rows)
    return {slot: label for slot, label in labels.items() if slot in _ANALYSIS_SLOTS and slot is not None and label}


def _slot_and_label(mapping: Record) -> tuple[int | None, str]:
    return (whole(mapping, "slot"), _label(mapping)) if _is_of_customers(mapping) else (None, "")


def _is_of_customers(mapping: Record) -> bool:
    # class_name is a full .NET name such as Sage.Accounting.SalesLedger.Customer; its examples aren't documented.
    kind = text(mapping, "class_name").rpartition(".")[2] or text(mapping, "friendly_class_name")
    return kind.casefold() in {"customer", "customers"}


def _label(mapping: Record) -> str:
    code = mapping.get("analysis_code")
    named = text(code, "name") if isinstance(code, dict) else ""
    return named or text(mapping, "friendly_property_name")


def _reference(row: Record) -> str:
    return _references([row])[0]


def _references(rows: Rows) -> list[str]:
    return required(columns.texts(rows, "reference"), "reference")


def _named(names: Sequence[str], references: Sequence[str]) -> list[str]:
    return [name or reference for name, reference in zip(names, references, strict=True)]


# A ledger has few currencies, and a customer's is asked for each time.
@lru_cache(maxsize=256)
def _named_currency(code: str, symbol: str) -> Currency:
    iso = code.upper()
    return Currency(iso if _ISO_CODE.fullmatch(iso) else "", symbol)


def _promised(row: Record) -> bool | None:
    # New in 2025 R1 and its type is published nowhere, so anything but a plain bool is taken as not said.
    value = row.get("has_promised_payment")
    return value if isinstance(value, bool) else None


def _analysis(rows: Rows) -> list[dict[int, str]]:
    slots = [(slot, found) for slot in _ANALYSIS_SLOTS if any(found := columns.texts(rows, f"analysis_code_{slot}"))]
    if not slots:
        return [{} for _ in rows]
    used = [slot for slot, _ in slots]
    return [
        {slot: value for slot, value in zip(used, codes, strict=True) if value}
        for codes in zip(*(found for _, found in slots), strict=True)
    ]

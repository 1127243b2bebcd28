"""Decoding of Sage 200's JSON: tolerant of absent fields, strict on money, dates and the hold itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.company import Company, Edition
from bot.domain.customer import Customer, CustomerName
from bot.domain.money import Currency
from bot.errors import SageUnreadable
from bot.sage.fields import Record, day, flag, moment, money, number_of, odd, text, whole
from bot.sage.readable import readable

_ANALYSIS_SLOTS = range(1, 21)
_ANALYSIS_FIELDS = tuple(f"analysis_code_{slot}" for slot in _ANALYSIS_SLOTS)
_LONGEST_REASON = 256
_ISO_CODE = re.compile("[A-Z]{3}")
# The id goes into a header, so it may hold nothing that could end one.
_SITE_ID = re.compile("[!-~]{1,64}")


def customer(row: Record) -> Customer:
    """Decode a row of `customer_views`, which has no status reason."""
    on_hold = flag(row, "account_is_on_hold")
    if on_hold is None:
        raise odd("account_is_on_hold", None)
    reference = _reference(row)
    return Customer(
        id=number_of(row, "id"),
        reference=reference,
        name=text(row, "name") or reference,
        on_hold=on_hold,
        short_name=text(row, "short_name"),
        hidden=text(row, "account_status_type") == "AccountStatusHidden",
        currency=_currency(row),
        balance=money(row, "balance"),
        base_balance=money(row, "base_balance"),
        credit_limit=money(row, "credit_limit"),
        open_orders=money(row, "value_of_current_orders_in_sop"),
        average_days_to_pay=whole(row, "average_time_to_pay"),
        payment_terms_days=whole(row, "payment_terms_in_days"),
        payment_terms=text(row, "payment_terms"),
        credit_position=text(row, "credit_position_name"),
        last_transaction=day(row, "date_of_last_transaction"),
        last_credit_review=day(row, "last_credit_review"),
        next_credit_review=day(row, "next_credit_review"),
        promised_payment=_promised(row),
        account_type=text(row, "account_type", most=60),
        contact_name=text(row, "contact_name"),
        contact_telephone=text(row, "contact_default_telephone_number"),
        contact_email=text(row, "contact_default_email_address"),
        postcode=text(row, "customer_location_post_code"),
        town=text(row, "customer_location_city"),
        analysis=_analysis(row),
        updated_at=moment(row, "date_time_updated"),
    )


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


def customer_record(row: Record, *, currencies: Mapping[int, LedgerCurrency]) -> Customer:
    """Decode a row of `customers`, which has the status reason, and neither the contact nor the names of codes."""
    on_hold = flag(row, "on_hold")
    if on_hold is None:
        raise odd("on_hold", None)
    reference, balance = _reference(row), money(row, "balance")
    ledger_currency = currencies.get(whole(row, "currency_id") or 0, _NO_CURRENCY)
    address = row.get("main_address")
    main_address: Record = address if isinstance(address, dict) else {}
    telephone = (text(row, f"telephone_{part}") for part in ("country_code", "area_code", "subscriber_number"))
    return Customer(
        id=number_of(row, "id"),
        reference=reference,
        name=text(row, "name") or reference,
        on_hold=on_hold,
        short_name=text(row, "short_name"),
        status_reason=status_reason(row),
        hidden=text(row, "account_status_type") == "AccountStatusHidden",
        currency=ledger_currency.currency,
        balance=balance,
        base_balance=balance if ledger_currency.is_base else None,
        credit_limit=money(row, "credit_limit"),
        open_orders=money(row, "value_of_current_orders_in_sop"),
        average_days_to_pay=whole(row, "average_time_to_pay"),
        payment_terms_days=whole(row, "payment_terms_days"),
        last_credit_review=day(row, "last_credit_review"),
        next_credit_review=day(row, "next_credit_review"),
        promised_payment=_promised(row),
        account_type=text(row, "account_type", most=60),
        contact_telephone=" ".join(part for part in telephone if part),
        postcode=text(main_address, "postcode"),
        town=text(main_address, "city"),
        analysis=_analysis(row),
        updated_at=moment(row, "date_time_updated"),
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
    reference = text(row, "reference")
    if not reference:
        raise odd("reference", None)
    return reference


def _currency(row: Record) -> Currency:
    return _named_currency(text(row, "currency_iso_code"), text(row, "currency_symbol", most=4))


# A ledger has few currencies, and a customer's is asked for each time.
@lru_cache(maxsize=256)
def _named_currency(code: str, symbol: str) -> Currency:
    iso = code.upper()
    return Currency(iso if _ISO_CODE.fullmatch(iso) else "", symbol)


def _promised(row: Record) -> bool | None:
    # New in 2025 R1 and its type is published nowhere, so anything but a plain bool is taken as not said.
    value = row.get("has_promised_payment")
    return value if isinstance(value, bool) else None


def _analysis(row: Record) -> dict[int, str]:
    given = zip(_ANALYSIS_SLOTS, _ANALYSIS_FIELDS, map(row.get, _ANALYSIS_FIELDS), strict=True)
    return {slot: value for slot, name, some in given if some and (value := text(row, name))}

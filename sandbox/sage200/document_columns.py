"""How postings and orders read through their resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.sage200.books.company import USUAL, Currency, SandboxCompany, money
from sandbox.sage200.books.transactions import CREDIT_NOTE, INVOICE, OPENING, RECEIPT, REFUND
from sandbox.sage200.fields import SALES_POSTED_TRANSACTION, SALES_TRANSACTION_VIEW, SOP_ORDER, Field
from sandbox.sage200.odata import Column, Row

_VAT = Decimal("1.2")
Read = Callable[[SandboxCompany, Row], Any]


def currency_of(company: SandboxCompany, customer_id: int) -> Currency:
    """The customer's currency, which all their documents are in."""
    return company.currency(company.customers[customer_id].get("currency_id", USUAL["currency_id"]))


def _currency(attribute: str) -> Read:
    return lambda company, row: getattr(currency_of(company, row["customer_id"]), attribute)


def _customer(name: str) -> Read:
    return lambda company, row: company.customers[row["customer_id"]].get(name)


def _net(row: Row) -> Decimal:
    gross: Decimal = row["gross"]
    return money(gross / _VAT) if row["kind"] in {INVOICE, CREDIT_NOTE} else gross


_PARTS: dict[str, Callable[[Row], Decimal]] = {
    "goods": _net,
    "gross": lambda row: row["gross"],
    "discount": lambda row: Decimal("0.00"),
    "tax": lambda row: row["gross"] - _net(row),
    "tax_discount": lambda row: Decimal("0.00"),
    "allocated": lambda row: row["allocated"],
    "outstanding": lambda row: row["gross"] - row["allocated"],
}


def _in_base(part: Callable[[Row], Decimal]) -> Read:
    return lambda company, row: money(part(row) / currency_of(company, row["customer_id"]).rate)


def _as_is(part: Callable[[Row], Decimal]) -> Read:
    return lambda company, row: abs(part(row)) if _lacks_its_minus(company, row) else part(row)


def _lacks_its_minus(company: SandboxCompany, row: Row) -> bool:
    return company.has_unsigned_credits and row["kind"] in {CREDIT_NOTE, RECEIPT}


def _stored(name: str) -> Read:
    return lambda _, row: row.get(name)


_TRANSACTION: dict[str, Read] = {
    "posted_customer_transaction_id": _stored("id"),
    "transaction_type": _stored("kind"),
    "second_reference": lambda _, row: "",
    "query": lambda _, row: row.get("query", ""),
    "status": lambda _, row: "",  # its words are not documented
    "urn": _stored("id"),
    "exchange_rate": _currency("rate"),
    **{f"base_{name}_value": _in_base(part) for name, part in _PARTS.items()},
    **{f"document_{name}_value": _as_is(part) for name, part in _PARTS.items()},
    "customer_reference": _customer("reference"),
    "customer_name": _customer("name"),
    "currency_name": _currency("name"),
    "currency_symbol": lambda company, row: row.get("symbol") or currency_of(company, row["customer_id"]).symbol,
    "transaction_date_time_updated": _stored("updated"),
}
# The values of the enumeration that Sage's documents list.
_KINDS = {
    INVOICE: "Invoice",
    CREDIT_NOTE: "CreditNote",
    RECEIPT: "PurchasePaymentSalesReceipt",
    REFUND: "PurchaseReceiptSalesPayment",
    OPENING: "OpeningBalanceInvoice",
}
_POSTED: dict[str, Read] = {
    "trader_transaction_type": lambda _, row: f"TradingAccountEntryType{_KINDS[row['kind']]}",
    "second_reference": lambda _, row: "",
    "queried": lambda _, row: row.get("query", ""),
    "full_settlement_date": lambda _, row: row.get("settled"),
    "exchange_rate": _currency("rate"),
    **{f"base_{name}_value": _in_base(part) for name, part in _PARTS.items()},
    **{f"document_{name}_value": _as_is(part) for name, part in _PARTS.items()},
    "urn": _stored("id"),
    "date_time_created": _stored("updated"),
    "date_time_updated": _stored("updated"),
}
_ORDER: dict[str, Read] = {"currency_id": _currency("id"), "exchange_rate": _currency("rate")}


def sales_transaction_view(company: SandboxCompany) -> dict[str, Column]:
    """Columns of `sales_transaction_views`; the time of change came in September 2020."""
    found = _columns(company, SALES_TRANSACTION_VIEW, _TRANSACTION)
    if company.old_site:
        del found["transaction_date_time_updated"]
    return found


def sales_posted_transaction(company: SandboxCompany) -> dict[str, Column]:
    """Columns of `sales_posted_transactions`, which alone says when a document was settled."""
    return _columns(company, SALES_POSTED_TRANSACTION, _POSTED)


def sop_order(company: SandboxCompany) -> dict[str, Column]:
    """Columns of `sop_orders`."""
    return _columns(company, SOP_ORDER, _ORDER)


def _columns(company: SandboxCompany, fields: Mapping[str, Field], special: Mapping[str, Read]) -> dict[str, Column]:
    return {name: _column(company, name, field, special.get(name, _stored(name))) for name, field in fields.items()}


def _column(company: SandboxCompany, name: str, field: Field, read: Read) -> Column:
    return Column(name, field.kind, lambda row: read(company, row))

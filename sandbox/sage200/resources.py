"""The resources by their path: how each one's fields and rows come out of the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.sage200 import customer_columns, document_columns, reference_data
from sandbox.sage200.books.company import SandboxCompany
from sandbox.sage200.books.table import InOrder
from sandbox.sage200.fields import (
    ANALYSIS_CODE_MAPPING,
    COMPANY_DETAILS,
    CURRENCY,
    CUSTOMER_ALERT,
    CUSTOMER_MEMO,
    SALES_LEDGER_SETTINGS,
)
from sandbox.sage200.odata import Column
from sandbox.sage200.reference_data import plain_columns


@dataclass(frozen=True, slots=True)
class Resource:
    """A list that belongs to a company."""

    columns: Callable[[SandboxCompany], dict[str, Column]]
    rows: Callable[[SandboxCompany], list[dict[str, Any]] | InOrder]
    key: str = "id"


def _ledger(company: SandboxCompany) -> InOrder:
    return company.customers


CUSTOMER_LISTS = {"customers", "customer_views", "lookup_customers"}
LISTS: dict[str, Resource] = {
    "customers": Resource(customer_columns.customer, _ledger),
    "customer_views": Resource(customer_columns.customer_view, _ledger),
    "lookup_customers": Resource(customer_columns.lookup_customer, _ledger),
    "sales_transaction_views": Resource(
        document_columns.sales_transaction_view,
        lambda company: company.transactions,
        key="posted_customer_transaction_id",
    ),
    "sales_posted_transactions": Resource(
        document_columns.sales_posted_transaction, lambda company: company.transactions
    ),
    "sop_orders": Resource(document_columns.sop_order, lambda company: company.orders),
    "customer_alerts": Resource(lambda _: plain_columns(CUSTOMER_ALERT), lambda company: company.alerts),
    "customer_memos": Resource(lambda _: plain_columns(CUSTOMER_MEMO), lambda company: company.memos),
    "analysis_code_mappings": Resource(
        lambda _: plain_columns(ANALYSIS_CODE_MAPPING), reference_data.analysis_code_mappings
    ),
    "company_details": Resource(lambda _: plain_columns(COMPANY_DETAILS), reference_data.company_details),
    "currencies": Resource(lambda _: plain_columns(CURRENCY), reference_data.currencies),
    "sales_ledger_settings": Resource(
        lambda _: plain_columns(SALES_LEDGER_SETTINGS), reference_data.sales_ledger_settings
    ),
}

"""The late invoices as a CSV file that is safe to open in a spreadsheet: a line an invoice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.domain.customer import Customer
from bot.domain.text import csv_file
from bot.features.overdue.model.list import OverdueListing

_COLUMNS = (
    "Reference",
    "Name",
    "Invoice",
    "Their reference",
    "Dated",
    "Due",
    "Days overdue",
    "Gross",
    "Outstanding",
    "Overdue after credit",
    "Currency",
    "On hold",
)


@dataclass(frozen=True, slots=True)
class LateInvoice:
    """One late debit of a customer, and what the customer's credit left of it."""

    customer: Customer
    reference: str
    second_reference: str
    dated: date | None
    due: date
    gross: Decimal | None
    outstanding: Decimal
    uncovered: Decimal


def first_line(listing: OverdueListing) -> str:
    """Return the row of column names."""
    return csv_file.lines([[*_COLUMNS, *csv_file.code_columns(listing.labels), "Company", "As of"]])


def lines(listing: OverdueListing, invoices: Iterable[LateInvoice], today: date) -> str:
    """Return a row for each invoice."""
    slots = sorted(listing.labels)
    about = [listing.company_name, listing.as_of.isoformat(timespec="seconds")]
    return csv_file.lines(
        [*_cells(invoice, today), *(invoice.customer.analysis.get(slot, "") for slot in slots), *about]
        for invoice in invoices
    )


def _cells(invoice: LateInvoice, today: date) -> list[csv_file.Cell]:
    customer = invoice.customer
    return [
        customer.reference,
        customer.name,
        invoice.reference,
        invoice.second_reference,
        invoice.dated,
        invoice.due,
        (today - invoice.due).days,
        invoice.gross,
        invoice.outstanding,
        invoice.uncovered,
        customer.currency.iso or customer.currency.symbol,
        "yes" if customer.on_hold else "",
    ]

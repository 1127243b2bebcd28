"""The list as a CSV file that is safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.text import csv_file
from bot.features.on_hold.model.list import Account, Listing

_COLUMNS = (
    "Reference",
    "Name",
    "On hold since",
    "Days on hold",
    "Or longer",
    "Reason",
    "Balance",
    "Credit limit",
    "Open orders",
    "Currency",
)


def first_line(listing: Listing) -> str:
    """Return the row of column names."""
    return csv_file.lines([[*_COLUMNS, *csv_file.code_columns(listing.labels), "Company", "As of"]])


def lines(listing: Listing, accounts: Iterable[Account]) -> str:
    """Return a row for each account."""
    slots = sorted(listing.labels)
    about = [listing.company_name, listing.as_of.isoformat(timespec="seconds")]
    return csv_file.lines(
        [*_cells(account), *(account.held.customer.analysis.get(slot, "") for slot in slots), *about]
        for account in accounts
    )


def _cells(account: Account) -> list[csv_file.Cell]:
    held, customer = account.held, account.held.customer
    return [
        customer.reference,
        customer.name,
        account.since,
        held.days,
        "yes" if held.at_least else "",
        account.reason,
        customer.balance,
        customer.credit_limit,
        customer.open_orders,
        customer.currency.iso or customer.currency.symbol,
    ]

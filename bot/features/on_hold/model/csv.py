"""The list as a CSV file that is safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.text import csv_file
from bot.features.on_hold.model.list import Account, Listing

_ACCOUNT, _FIGURES = ("Reference", "Name"), ("Balance", "Credit limit", "Open orders", "Currency")
_HELD = ("On hold since", "Days on hold", "Or longer", "Reason")
_CHANGED = ("Put on hold", "Released", "Days on hold", "Or longer", "Reason", "Why released", "Times", "On hold now")


def first_line(listing: Listing) -> str:
    """Return the row of column names."""
    stay = _HELD if listing.changes is None else _CHANGED
    columns = (*_ACCOUNT, *stay, *_FIGURES)
    return csv_file.lines([[*columns, *csv_file.code_columns(listing.labels), "Company", "As of"]])


def lines(listing: Listing, accounts: Iterable[Account]) -> str:
    """Return a row for each account."""
    slots = sorted(listing.labels)
    about = [listing.company_name, listing.as_of.isoformat(timespec="seconds")]
    return csv_file.lines(
        [*_cells(account, listing), *(account.held.customer.analysis.get(slot, "") for slot in slots), *about]
        for account in accounts
    )


def _cells(account: Account, listing: Listing) -> list[csv_file.Cell]:
    customer = account.held.customer
    return [
        customer.reference,
        customer.name,
        *_stay(account, is_change=listing.changes is not None),
        customer.balance,
        customer.credit_limit,
        customer.open_orders,
        customer.currency.iso or customer.currency.symbol,
    ]


def _stay(account: Account, *, is_change: bool) -> list[csv_file.Cell]:
    held = account.held
    lasted: list[csv_file.Cell] = [held.days, "yes" if held.at_least else "", account.reason]
    if not is_change:
        return [account.since, *lasted]
    now = "yes" if held.customer.on_hold else ""
    return [account.since, account.released, *lasted, account.ending, account.times, now]

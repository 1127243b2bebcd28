"""The list as a CSV file that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from decimal import Decimal

from bot.features.on_hold.model.list import Account, Listing

# What makes a spreadsheet take a cell for a formula, also in the wide letters of East Asia (OWASP, CSV injection).
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_NEXT_CELL = re.compile(r"[;,|]\s*(?=[=+\-@＝＋－＠])")
_BLANK = {"Cc", "Cf", "Zs", "Zl", "Zp"}
_COLUMNS = (
    "Reference",
    "Name",
    "On hold since",
    "Days on hold",
    "Days are at least",
    "Reason",
    "Balance",
    "Credit limit",
    "Open orders",
    "Currency",
)


def on_hold_csv(listing: Listing) -> bytes:
    """Return the file: a row of column names and one for each account."""
    slots = sorted(listing.labels)
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    labels = (text_cell(listing.labels[slot]) or f"Analysis code {slot}" for slot in slots)
    writer.writerow([*_COLUMNS, *labels, "Company", "As of"])
    about = [text_cell(listing.company_name), listing.as_of.isoformat(timespec="seconds")]
    for account in listing.accounts:
        analysis = account.held.customer.analysis
        writer.writerow([*_cells(account), *(text_cell(analysis.get(slot, "")) for slot in slots), *about])
    # With a byte-order mark, without which Excel doesn't read UTF-8.
    return made.getvalue().encode("utf-8-sig", errors="replace")


def _cells(account: Account) -> list[str]:
    held, customer = account.held, account.held.customer
    return [
        text_cell(customer.reference),
        text_cell(customer.name),
        account.since.isoformat() if account.since else "",
        "" if held.days is None else str(held.days),
        "yes" if held.at_least else "",
        text_cell(account.reason),
        _number(customer.balance),
        _number(customer.credit_limit),
        _number(customer.open_orders),
        text_cell(customer.currency.iso or customer.currency.symbol),
    ]


def text_cell(text: str) -> str:
    """Return a text on one line, with an apostrophe wherever a spreadsheet would begin to calculate."""
    line = "".join(" " if unicodedata.category(mark) == "Cc" else mark for mark in text)
    # Where a semicolon or a tab separates cells, a sheet may cut the text there, quoted or not.
    line = _NEXT_CELL.sub(r"\g<0>'", line)
    first = next((mark for mark in text if unicodedata.category(mark) not in _BLANK), "")
    return f"'{line}" if text[:1] in _FORMULA or first in _FORMULA else line


def _number(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"

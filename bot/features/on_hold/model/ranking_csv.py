"""A ranking of customers as a CSV file that is safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.customer import Customer
from bot.domain.text import csv_file
from bot.features.on_hold.model.ranking import Ranking

_COLUMNS = ("Reference", "Name", "Balance", "Credit limit", "Open orders", "Currency", "On hold")


def first_line(ranking: Ranking) -> str:
    """Return the row of column names."""
    return csv_file.lines([[*_COLUMNS, *csv_file.code_columns(ranking.labels), "Company", "As of"]])


def lines(ranking: Ranking, customers: Iterable[Customer]) -> str:
    """Return a row for each customer."""
    slots = sorted(ranking.labels)
    about = [ranking.company_name, ranking.as_of.isoformat(timespec="seconds")]
    return csv_file.lines(
        [*_cells(customer), *(customer.analysis.get(slot, "") for slot in slots), *about] for customer in customers
    )


def _cells(customer: Customer) -> list[csv_file.Cell]:
    return [
        customer.reference,
        customer.name,
        customer.balance,
        customer.credit_limit,
        customer.open_orders,
        customer.currency.iso or customer.currency.symbol,
        "yes" if customer.on_hold else "",
    ]

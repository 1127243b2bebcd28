"""Rows as a real ledger has them now and then: given twice, without an id or a reference, of another kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Row = dict[str, Any]

_NO_DATE = "31/02/2026"
_DATES = {
    "date_time_updated", "last_credit_review", "date_of_last_transaction", "transaction_date", "due_date",
    "document_date",
}  # fmt: skip
_AMOUNTS = {"credit_limit", "document_outstanding_value", "total_gross_value", "doc_current"}
_FLAGS = {"account_is_on_hold", "on_hold"}
_KEYS = {"id", "posted_customer_transaction_id"}


def _with(names: set[str], value: Any) -> Callable[[Row], list[Any]]:
    return lambda row: [{name: value if name in names else old for name, old in row.items()}]


ODDITIES: Mapping[str, Callable[[Row], list[Any]]] = {
    "twice": lambda row: [row, dict(row)],
    "no reference": _with({"reference"}, None),
    "no id": _with(_KEYS, None),
    "no hold": lambda row: [{name: value for name, value in row.items() if name not in _FLAGS}],
    "no such date": _with(_DATES, _NO_DATE),
    "an amount in words": _with(_AMOUNTS, "plenty"),
    "no object": lambda _: [None],
}


def made_odd(rows: Iterable[Row], oddities: Mapping[int, str], *, whose: str, most: int) -> list[Any]:
    """The rows, those of the customers with an oddity made odd; `whose` is the field with the customer's id."""
    odd: list[Any] = []
    for row in rows:
        kind = oddities.get(row.get(whose, 0))
        odd += [row] if kind is None else ODDITIES[kind](row)
    return odd[:most]

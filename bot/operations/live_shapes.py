"""Rows of Sage's told by counts, shapes and kinds alone: nothing of a customer, no name, no amount, no day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

Row = Mapping[str, object]

# Sage's own words for a kind of account, document or state. Any other text is told by its shape.
_KINDS = re.compile(r"[A-Za-z][A-Za-z0-9 ]{0,59}")
_TOO_MANY = 12


def shape_of(value: object) -> str:
    """Return what a value is like: the kind of number or text, and of a day or time its punctuation."""
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else "true or false"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float | Decimal):
        return "a number"
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?", value):
            return re.sub(r"\d", "9", value)
        return "a text" if value else "an empty text"
    return "a list" if isinstance(value, list) else "an object"


def shapes(rows: Sequence[Row], fields: Iterable[str]) -> dict[str, str]:
    """Return for each field how many of the rows have it in which shape."""
    return {name: _counts(shape_of(row[name]) if name in row else "missing" for row in rows) for name in fields}


def kinds(rows: Sequence[Row], name: str) -> str:
    """Return how many rows are of which kind, for a field that holds a word of Sage's."""
    return _counts(_kind(row.get(name)) for row in rows)


def signs(rows: Sequence[Row], kind: str, amount: str) -> dict[str, str]:
    """Return, for each kind of row, how many of its amounts are above, below and at nought."""
    by_kind: dict[str, list[str]] = {}
    for row in rows:
        by_kind.setdefault(_kind(row.get(kind)), []).append(_sign(row.get(amount)))
    return {name: _counts(found) for name, found in sorted(by_kind.items())}


def newest(rows: Sequence[Row], name: str, *, now: datetime) -> str:
    """Return whether the latest time is ahead of the clock here, which a local time called UTC would be."""
    found = [moment for row in rows if (moment := _moment(row.get(name))) is not None]
    if not found:
        return "no times"
    minutes = (max(found) - now).total_seconds() / 60
    if minutes > 1:
        return f"ahead of this machine's clock by {_rounded(minutes)}"
    return f"behind this machine's clock by {_rounded(-minutes)}"


def _rounded(minutes: float) -> str:
    """Return a length of time so coarse that it names no posting."""
    if minutes < 90:
        return "less than an hour and a half"
    return "hours" if minutes < 48 * 60 else "days"


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _kind(value: object) -> str:
    return value if isinstance(value, str) and _KINDS.fullmatch(value) else shape_of(value)


def _sign(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return shape_of(value)
    return "at nought" if value == 0 else "above" if value > 0 else "below"


def _counts(found: Iterable[str]) -> str:
    counted = Counter(found)
    told = [f"{name} {count}" for name, count in counted.most_common(_TOO_MANY)]
    if len(counted) > _TOO_MANY:
        told.append(f"{len(counted) - _TOO_MANY} others")
    return ", ".join(told) or "no rows"

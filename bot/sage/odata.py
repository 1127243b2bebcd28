"""OData as Sage 200 takes it: typed literals, the few operators it has, and a query string without `+`."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote

from bot.errors import NoCustomerNamed

Value = str | bool | int | Decimal | datetime | date


@dataclass(frozen=True, slots=True)
class ODataFilter:
    """A `$filter` expression whose literals are quoted already. Only the functions below make one."""

    text: str


def eq(field: str, value: Value) -> ODataFilter:
    """Return `reference eq 'ABS001'`."""
    return ODataFilter(f"{field} eq {literal(value)}")


def after(field: str, value: Value) -> ODataFilter:
    """Return `id gt 27828`."""
    return ODataFilter(f"{field} gt {literal(value)}")


def since(field: str, value: Value) -> ODataFilter:
    """Return `date_time_updated ge 2026-03-02T09:00:00.000Z`."""
    return ODataFilter(f"{field} ge {literal(value)}")


def unlike(field: str, value: Value) -> ODataFilter:
    """Return `document_outstanding_value ne 0`."""
    return ODataFilter(f"{field} ne {literal(value)}")


def contains(field: str, words: str) -> ODataFilter:
    """Return `contains(name,'Garages')`."""
    return ODataFilter(f"contains({field},{literal(words)})")


def starts_with(field: str, words: str) -> ODataFilter:
    """Return `startswith(reference,'ABS')`."""
    return ODataFilter(f"startswith({field},{literal(words)})")


def any_of(*filters: ODataFilter) -> ODataFilter:
    """Join filters with `or`, each once, in the order given."""
    # No brackets: Professional before July 2017 has none, and plain `or` needs none.
    return ODataFilter(" or ".join(dict.fromkeys(one.text for one in filters)))


def all_of(*filters: ODataFilter) -> ODataFilter:
    """Join single comparisons, and what is in brackets, with `and`."""
    return ODataFilter(" and ".join(one.text for one in filters))


def in_brackets(inner: ODataFilter) -> ODataFilter:
    """Return the filter in brackets. Professional before July 2017 refuses them."""
    return ODataFilter(f"({inner.text})")


def each_of(alternatives: Sequence[ODataFilter], also: ODataFilter, *, brackets: bool) -> ODataFilter:
    """Return any of the alternatives, and `also`, which is repeated with each of them where there are no brackets."""
    if brackets:
        return all_of(in_brackets(any_of(*alternatives)), also)
    return any_of(*(all_of(each, also) for each in alternatives))


def literal(value: Value) -> str:
    """Return a value as Sage 200 writes it: text in quotes, everything else bare, times in UTC ending in Z."""
    match value:
        case str():
            return _quoted(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return _plain(value)
        case datetime():
            return _moment(value)
        case date():
            return value.isoformat()


def encode(query: Mapping[str, str]) -> str:
    """Return `$filter=name%20eq%20'x'`, percent-encoding everything that could be read as syntax; a space is `%20`."""
    return "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in query.items())


def _quoted(text: str) -> str:
    # Sage documents no escape for a quote; doubling it is OData's rule and what working clients do.
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text):
        raise NoCustomerNamed("That holds characters that no customer's name has.")
    return "'" + text.replace("'", "''") + "'"


def _plain(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("only finite numbers can be asked for")
    return f"{value:f}"


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"

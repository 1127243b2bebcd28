"""Query parameters: decoded strictly, checked against a resource's fields, and run over its rows."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

from sandbox.sage200.books.table import InOrder
from sandbox.sage200.odata import BadQuery, Column, Kind, Row, Term, filter_terms

USUAL_TOP = 500
LARGEST_TOP = 5000
_SIMULATED = {"$select", "$filter", "$orderby", "$top", "$skip"}
_OF_ONE = {"$select"}
_NOT_SIMULATED = {"$expand", "$count", "$metadata", "$ageingdatetype", "$periodnumber"}
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_UNSAFE = re.compile(rb"[^\x21-\x7e]")


class NotSimulated(Exception):
    """A parameter that Sage documents and this sandbox does not act out."""


@dataclass(frozen=True, slots=True)
class Order:
    """One part of `$orderby`."""

    column: Column
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A question that was found good."""

    select: tuple[Column, ...]
    where: tuple[Term, ...] = ()
    order: tuple[Order, ...] = ()
    top: int = USUAL_TOP
    skip: int = 0


def decode(raw: bytes) -> dict[str, str]:
    """Percent-decode a query string. A plus is a plus; anything that is not clean UTF-8 is refused."""
    given: dict[str, str] = {}
    for part in filter(None, raw.split(b"&")):
        name, _, value = part.partition(b"=")
        word = _decoded(name)
        if word in given:
            raise BadQuery(f"{word} is given twice")
        given[word] = _decoded(value)
    return given


def _decoded(raw: bytes) -> str:
    if _BAD_ESCAPE.search(raw) or _UNSAFE.search(raw):
        raise BadQuery("the query is not percent-encoded")
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise BadQuery("the query is not UTF-8") from None


def read_list(
    given: Mapping[str, str], columns: Mapping[str, Column], *, case_sensitive: bool = True, brackets: bool = True
) -> Query:
    """The query of a list. Raises BadQuery or NotSimulated."""
    _check_names(given, _SIMULATED)
    if "$skip" in given and "$orderby" not in given:
        raise BadQuery("$skip needs $orderby")
    asked = given.get("$filter")
    where = filter_terms(asked, columns, case_sensitive=case_sensitive, brackets=brackets) if asked is not None else ()
    return Query(
        select=_select(given, columns),
        where=where,
        order=tuple(_order(part, columns) for part in given["$orderby"].split(",")) if "$orderby" in given else (),
        top=_count(given, "$top", usual=USUAL_TOP, largest=LARGEST_TOP),
        skip=_count(given, "$skip", usual=0),
    )


def read_one(given: Mapping[str, str], columns: Mapping[str, Column]) -> Query:
    """The query of a single resource, which takes `$select` alone. Raises BadQuery or NotSimulated."""
    _check_names(given, _OF_ONE)
    return Query(select=_select(given, columns))


def run(query: Query, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The answer: filtered, ordered, cut to the page, and only the fields that were asked for."""
    found = rows
    for term in query.where:
        found = filter(term.test, found)
    for order in reversed(query.order):
        found = sorted(found, key=_key(order.column), reverse=order.descending)
    return [show(query, row) for row in islice(found, query.skip, query.skip + query.top)]


def run_in_order(query: Query, rows: InOrder, *, key: str) -> list[dict[str, Any]]:
    """As `run`, for rows that are in order of `key`, which is also the order where none is asked for."""
    first, last = _reach(query, rows.ids, key=key)
    rest = tuple(term for term in query.where if term.column != key or term.verb not in _REACH)
    walk: Iterable[int] = islice(rows.ids, first, last)
    is_in_order = not query.order or query.order[0].column.name == key
    if is_in_order and query.order and query.order[0].descending:
        walk = reversed(rows.ids[first:last])
    return run(replace(query, where=rest, order=() if is_in_order else query.order), map(rows.__getitem__, walk))


_REACH: dict[str, tuple[Any, Any]] = {
    "gt": (bisect_right, None),
    "ge": (bisect_left, None),
    "lt": (None, bisect_left),
    "le": (None, bisect_right),
    "eq": (bisect_left, bisect_right),
}


def _reach(query: Query, ids: list[int], *, key: str) -> tuple[int, int]:
    """The stretch of the ids that the comparisons of the key leave over."""
    first, last = 0, len(ids)
    for term in query.where:
        if term.column == key and term.verb in _REACH:
            low, high = _REACH[term.verb]
            first = max(first, low(ids, term.wanted)) if low else first
            last = min(last, high(ids, term.wanted)) if high else last
    return first, max(first, last)


def show(query: Query, row: Row) -> dict[str, Any]:
    """One row's chosen fields; what the row leaves out is left out."""
    return {column.name: value for column in query.select if (value := column.read(row)) is not None}


def _check_names(given: Mapping[str, str], simulated: set[str]) -> None:
    for name in given:
        if name in _NOT_SIMULATED:
            raise NotSimulated(name)
        if name not in simulated:
            raise BadQuery(f"{name} is not a parameter of this resource")


def _select(given: Mapping[str, str], columns: Mapping[str, Column]) -> tuple[Column, ...]:
    if "$select" not in given:
        return tuple(column for column in columns.values() if not column.is_empty)
    return tuple(_column("$select", name.strip(), columns) for name in given["$select"].split(","))


def _column(parameter: str, name: str, columns: Mapping[str, Column]) -> Column:
    if name not in columns:
        raise BadQuery(f"{parameter}: there is no field {name or '(nothing)'}")
    return columns[name]


def _order(part: str, columns: Mapping[str, Column]) -> Order:
    name, *way = part.split()[:3] or [""]
    column = _column("$orderby", name, columns)
    if way not in ([], ["asc"], ["desc"]) or column.kind is Kind.OBJECT:
        raise BadQuery(f"$orderby: {part.strip()} cannot be an order")
    return Order(column, way == ["desc"])


def _count(given: Mapping[str, str], name: str, *, usual: int, largest: int | None = None) -> int:
    text = given.get(name, str(usual))
    if not re.fullmatch(r"[0-9]{1,9}", text) or (largest is not None and int(text) > largest):
        raise BadQuery(f"{name} must be a whole number{f' up to {largest}' if largest else ''}")
    return int(text)


def _key(column: Column) -> Any:
    def place(row: Row) -> tuple[bool, Any]:
        value = column.read(row)
        return value is not None, value

    return place

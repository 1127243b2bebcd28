"""Sage's part of the OData filter language, read to the letter: what Sage's guide does not show is refused."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')
    |(?P<moment>\d{4}-\d\d-\d\d(?:T[^\s(),]*)?)
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<mark>[(),]))""",
    re.VERBOSE,
)
_STUCK = re.compile(r"[^\s(),]")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,7})?Z)?")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_SEARCH: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_DEEPEST = 50


class BadQuery(Exception):
    """A query that Sage would answer with 400. The message says what is wrong with it."""


class Kind(StrEnum):
    """What a field holds, and so what it can be compared with."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    MOMENT = "moment"
    OBJECT = "object"


Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Column:
    """One field as a query sees it; `read` gives None for a field that the row leaves out, as every row may do."""

    name: str
    kind: Kind
    read: Callable[[Row], Any]
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


_END = _Token("end", "the end")


@dataclass(frozen=True, slots=True)
class Term:
    """A test of a row. A plain comparison tells of what; `parts` are what "and" joined."""

    test: Predicate
    column: str = ""
    verb: str = ""
    wanted: Any = None
    parts: tuple[Term, ...] = ()


def filter_terms(
    text: str, columns: Mapping[str, Column], *, case_sensitive: bool, brackets: bool = True
) -> tuple[Term, ...]:
    """The tests of `$filter`, all of which a row must pass. Raises BadQuery."""
    found = _Reader(text, columns, case_sensitive=case_sensitive, brackets=brackets).read()
    return found.parts or (found,)


class _Reader:
    """Recursive descent: either > both > term."""

    def __init__(
        self, text: str, columns: Mapping[str, Column], *, case_sensitive: bool, brackets: bool = True
    ) -> None:
        self._brackets = brackets
        self._tokens = [*_tokens(text), _END]
        self._at = 0
        self._depth = 0
        self._columns = columns
        self._fold: Callable[[str], str] = str if case_sensitive else str.casefold

    def read(self) -> Term:
        found = self._either()
        if self._peek() != _END:
            raise BadQuery(f"$filter: {self._peek().text} was not expected")
        return found

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._peek()
        self._at += token is not _END
        return token

    def _takes(self, kind: str, text: str) -> bool:
        if self._peek() != _Token(kind, text):
            return False
        self._at += 1
        return True

    def _expect(self, mark: str) -> None:
        if not self._takes("mark", mark):
            raise BadQuery(f"$filter: {mark} was expected before {self._peek().text}")

    def _either(self) -> Term:
        found = self._both()
        while self._takes("word", "or"):
            found = Term(_either(found.test, self._both().test))
        return found

    def _both(self) -> Term:
        found = self._term()
        while self._takes("word", "and"):
            more = self._term()
            found = Term(_both(found.test, more.test), parts=(*(found.parts or [found]), *(more.parts or [more])))
        return found

    def _term(self) -> Term:
        if self._takes("mark", "("):
            return self._bracket()
        word = self._word()
        if word in _SEARCH and self._peek() == _Token("mark", "("):
            return self._search(word)
        return self._comparison(self._column(word))

    def _bracket(self) -> Term:
        if not self._brackets:
            raise BadQuery("$filter: this version takes no brackets")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadQuery("$filter: too many brackets inside one another")
        found = self._either()
        self._expect(")")
        self._depth -= 1
        return found

    def _word(self) -> str:
        token = self._take()
        if token.kind != "word":
            raise BadQuery(f"$filter: a field was expected, not {token.text}")
        return token.text

    def _column(self, name: str) -> Column:
        if name not in self._columns:
            raise BadQuery(f"$filter: there is no field {name}")
        return self._columns[name]

    def _search(self, function: str) -> Term:
        self._expect("(")
        column = self._column(self._word())
        self._expect(",")
        wanted, fold, test = self._literal(column), self._fold, _SEARCH[function]
        self._expect(")")
        if column.kind is not Kind.TEXT:
            raise BadQuery(f"$filter: {function} works on text, and {column.name} is a {column.kind}")
        return Term(lambda row: (value := column.read(row)) is not None and test(fold(value), fold(wanted)))

    def _comparison(self, column: Column) -> Term:
        verb = self._word()
        if verb not in _COMPARE or (column.kind is Kind.FLAG and verb not in {"eq", "ne"}):
            raise BadQuery(f"$filter: {column.name} cannot be compared with {verb}")
        wanted = self._literal(column)
        return Term(_compare(column, verb, wanted, self._fold), column.name, verb, wanted)

    def _literal(self, column: Column) -> Any:
        token = self._take()
        wrong = BadQuery(f"$filter: {token.text} is not a {column.kind}, and {column.name} is")
        if column.kind is Kind.FLAG and token in {_Token("word", "true"), _Token("word", "false")}:
            return token.text == "true"
        if column.kind is Kind.OBJECT or token.kind != column.kind:
            raise wrong
        if column.kind is Kind.TEXT:
            return token.text[1:-1].replace("''", "'")
        return Decimal(token.text) if column.kind is Kind.NUMBER else _moment(token.text)


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadQuery(f"$filter: cannot be read from {text[at:].strip()[:20]}")
        kind = str(match.lastgroup)
        if kind != "mark" and _STUCK.match(text, match.end()):
            raise BadQuery(f"$filter: cannot be read from {text[match.start(kind) :][:20]}")
        yield _Token(kind, match[kind])
        at = match.end()


def _moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise BadQuery(f"$filter: {text} is not a date, or its time does not end in Z")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise BadQuery(f"$filter: {text} is not a day of the calendar") from None


def _compare(column: Column, verb: str, wanted: Any, fold: Callable[[str], str]) -> Predicate:
    """A value that is left out equals nothing, so only `ne` is true of it."""
    test, read, left_out = _COMPARE[verb], column.read, verb == "ne"
    if column.kind is Kind.TEXT:
        target = fold(wanted)
        return lambda row: left_out if (value := read(row)) is None else test(fold(value), target)
    return lambda row: left_out if (value := read(row)) is None else test(value, wanted)


def _both(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) and right(row)


def _either(left: Predicate, right: Predicate) -> Predicate:
    return lambda row: left(row) or right(row)

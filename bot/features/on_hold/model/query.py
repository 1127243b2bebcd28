"""What is typed behind `/onhold`: a filter as subscriptions have it, and any other words of a name or reference."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from bot.domain import customer_filter as filters
from bot.domain import customer_filter_parser as filter_words
from bot.domain.analysis_codes import FILTER_EXAMPLE, meant_as
from bot.domain.changes import Snapshot
from bot.domain.customer_filter import JOINERS, MINE, NEXT, Codes, Filter
from bot.domain.parsing import Token, quoted, same, tokens
from bot.errors import BadQuestion

MOST = 500
_MARKS = {":", "=", "!="}


@dataclass(frozen=True, slots=True)
class OnHoldQuery:
    """The filter must fit, and each word must be part of the name or of the reference."""

    filter: Filter
    words: tuple[str, ...] = ()

    def narrowed(self, only: tuple[Codes, ...] | None) -> OnHoldQuery:
        """The same, among the customers of these codes alone; None: among all."""
        return self if only is None else replace(self, filter=replace(self.filter, mine=only))

    def fits(self, snapshot: Snapshot) -> bool:
        """Whether this account is among those asked for."""
        places = (same(snapshot.reference), same(snapshot.name))
        named = all(any(same(word) in place for place in places) for word in self.words)
        return named and filters.matches(self.filter, snapshot)

    def describe(self, labels: Mapping[int, str]) -> str:
        """In plain English; empty for all of them. The words are Sage's and the asker's: escape."""
        parts = [filters.describe_filter(self.filter, labels)] if self.filter != filters.EVERYONE else []
        parts += [f"name or reference has “{word}”" for word in self.words]
        return ", ".join(parts)


def parse_on_hold_query(
    typed: str,
    labels: Mapping[int, str],
    values: Mapping[int, Collection[str]],
    *,
    mine: tuple[Codes, ...],
) -> OnHoldQuery:
    """Read it; nothing typed is every account. Raises BadQuestion as `filter_words.parse` does."""
    if len(typed) > MOST:
        raise BadQuestion(f"That is more than {MOST} characters.", hint=FILTER_EXAMPLE)
    conditions, words = _apart(list(tokens(typed, hint=FILTER_EXAMPLE)))
    text = " ".join(map(_spelt, conditions))
    return OnHoldQuery(filter_words.parse_customer_filter(text, labels, values, mine=mine), tuple(dict.fromkeys(words)))


def ranking_meant(
    asked: OnHoldQuery, labels: Mapping[int, str], values: Mapping[int, Collection[str]]
) -> tuple[str, ...]:
    """How words would be typed that are no customer's, but the value of an analysis code: `Region:Durham`."""
    return tuple(each for word in asked.words for each in meant_as(word, labels, values))


def _apart(rest: list[Token]) -> tuple[list[Token], list[str]]:
    conditions: list[Token] = []
    words: list[str] = []
    while rest:
        head = rest.pop(0)
        if _is_mark(rest, _MARKS) and not head.mark:
            conditions += [head, rest.pop(0), *_values(rest)]
        elif head.says(*JOINERS, *MINE) or (head.mark and head.text != ","):
            conditions.append(head)
        elif head.text and not head.mark:
            words.append(head.text)
    return conditions, words


def _values(rest: list[Token]) -> list[Token]:
    """Values and the commas between them, as `filter_words` takes them."""
    found: list[Token] = []
    while rest and not rest[0].mark and not rest[0].says(*NEXT) and not _is_mark(rest[1:2], _MARKS):
        found.append(rest.pop(0))
        if not _is_mark(rest, {","}):
            break
        found.append(rest.pop(0))
    return found


def _is_mark(rest: list[Token], marks: Collection[str]) -> bool:
    return bool(rest) and rest[0].mark and rest[0].text in marks


def _spelt(token: Token) -> str:
    """What was in quotation marks stays in them: a word in them has no meaning of its own."""
    return quoted(token.text, token.text.casefold()) if token.quoted else token.text

"""The words typed behind `/onhold`: a filter as in subscriptions, states of an account, and words of a name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

from bot.domain.filters import customer_filter, customer_filter_parser
from bot.domain.filters.analysis_codes import known_values
from bot.domain.filters.customer_filter import JOINERS, MINE, NEXT, Codes, Filter
from bot.domain.filters.customer_states import OF_DEBT, StateIs, state_typed
from bot.domain.filters.filter_examples import examples_of
from bot.domain.text.parsing import Token, quoted, tokens
from bot.errors import BadQuestion

MOST = 500
MOST_WORDS = 20
_MARKS = {":", "=", "!="}
_AHEAD = 4  # words that say one state


@dataclass(frozen=True, slots=True)
class OnHoldQuery:
    """A filter, words of which each must be part of the name or reference, and states that all hold."""

    filter: Filter
    words: tuple[str, ...] = ()
    states: tuple[StateIs, ...] = ()

    @property
    def asks_of_debt(self) -> bool:
        """Return whether open items must be known to answer."""
        return any(each.state in OF_DEBT for each in self.states)

    def narrowed(self, only: tuple[Codes, ...] | None) -> OnHoldQuery:
        """Return the query limited to customers of these codes; None: no limit."""
        return self if only is None else replace(self, filter=replace(self.filter, mine=only))

    def as_alerts(self, kinds: str, *, is_narrowed: bool) -> str:
        """Return what to type behind `/sage subscribe` for these kinds of news of these customers, told in private.

        Empty where part of a name or a state narrows them, which no subscription can. `is_narrowed`: the asker sees no
        others.
        """
        if self.words or self.states:
            return ""
        own_only = is_narrowed and self.filter.mine is None
        where = customer_filter.filter_as_typed(replace(self.filter, mine=()) if own_only else self.filter)
        return f"{kinds} in me{f' where {where}' if where else ''}"

    def describe(self, labels: Mapping[int, str]) -> str:
        """Return the query in plain English, unescaped; empty for all accounts."""
        parts = (
            [customer_filter.describe_filter(self.filter, labels)] if self.filter != customer_filter.EVERYONE else []
        )
        parts += [each.said for each in self.states]
        parts += [f"name or reference has “{word}”" for word in self.words]
        return ", ".join(parts)


def parse_on_hold_query(
    typed: str,
    labels: Mapping[int, str],
    values: Mapping[int, Collection[str]],
    *,
    mine: tuple[Codes, ...],
) -> OnHoldQuery:
    """Parse the words; no words mean every account. Raises BadQuestion as `parse_customer_filter` does."""
    hint = examples_of(labels, values).hint
    if len(typed) > MOST:
        raise BadQuestion(f"That is more than {MOST} characters.", hint=hint)
    states, rest = _states(list(tokens(typed, hint=hint)))
    conditions, words = _apart(rest)
    text = " ".join(map(_spelt, conditions))
    chosen = customer_filter_parser.parse_customer_filter(text, labels, values, mine=mine)
    if len(named := tuple(dict.fromkeys(words))) > MOST_WORDS:
        raise BadQuestion(f"A name has up to {MOST_WORDS} words here.", hint=hint)
    return OnHoldQuery(chosen, named, states)


def ranking_meant(
    asked: OnHoldQuery, labels: Mapping[int, str], values: Mapping[int, Collection[str]]
) -> tuple[str, ...]:
    """Return suggestions for words that are the value of an analysis code: `Region:Durham`."""
    known = known_values(values)
    return tuple(each for word in asked.words for each in known.meant_as(word, labels))


def _states(typed: list[Token]) -> tuple[tuple[StateIs, ...], list[Token]]:
    """Return the states, and the tokens without them: `not on hold`, `30+`. In quotation marks they are a name's."""
    found: list[StateIs] = []
    rest: list[Token] = []
    while typed:
        ahead = [
            each.text.casefold() for each in takewhile(lambda each: not (each.quoted or each.mark), typed[:_AHEAD])
        ]
        said = state_typed(ahead)
        is_value = bool(rest) and rest[-1].mark
        is_label = said is not None and _is_mark(typed[said[1] :], _MARKS)
        if said is None or is_value or is_label:
            rest.append(typed.pop(0))
        else:
            found.append(said[0])
            del typed[: said[1]]
    return tuple(dict.fromkeys(found)), rest


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
    """Return the values and commas as `customer_filter_parser` takes them."""
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
    """Return the token as typed: in quotation marks a word has no meaning of its own."""
    return quoted(token.text, token.text.casefold()) if token.quoted else token.text

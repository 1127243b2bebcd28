"""The words typed behind `/onhold`: a filter as in subscriptions, states of an account, and words of a name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import takewhile

from bot.command_names import named
from bot.domain.filters import customer_filter, customer_filter_parser
from bot.domain.filters.analysis_codes import known_values, with_codes_joined
from bot.domain.filters.customer_filter import JOINERS, MINE, NEXT, Codes, Filter
from bot.domain.filters.customer_states import OF_DEBT, StateIs, state_typed
from bot.domain.filters.filter_examples import examples_of
from bot.domain.money import read_amount
from bot.domain.text.parsing import Token, quoted, tokens, unquoted
from bot.domain.text.periods import ANY_TIME, Period, period_typed
from bot.errors import BadQuestion
from bot.features.customers.model.listing import top_typed

MOST = 500
MOST_WORDS = 20
_MARKS = {":", "=", "!="}
_AHEAD = 4  # words that say one state
LATEST, RELEASED = "latest", "released"
_CHANGED = re.compile(
    rf"(?<![\w:=,-])(?<!not )(?:{LATEST}|put\s+on\s+hold|(?P<released>{RELEASED}))(?![\w:=])", re.IGNORECASE
)
_PERIODS = "Try `{onhold} since Monday`, `{onhold} released this week` or `{onhold} released 1 Nov to 7 Nov`."

_BOUNDS = {
    **dict.fromkeys((">", ">=", "≥", "over", "above", "exceeding", "more than", "at least"), "min"),
    **dict.fromkeys(("<", "<=", "≤", "under", "below", "less than", "at most", "up to"), "max"),
}
_COMPARED = re.compile(r"([<>]=?|[≤≥])(.*)")
# No name begins so, and few references do: a list without anybody would be taken for an answer.
_NO_NAME = re.compile(r"[<>≤≥].*|[-+£€$]\d.*|\d+e\d+")


@dataclass(frozen=True, slots=True)
class HoldChanges:
    """Holds that began in a period or, `released`, that ended in it. Any period, if none is said."""

    released: bool
    period: Period = ANY_TIME


@dataclass(frozen=True, slots=True)
class OnHoldQuery:
    """A filter, words and states that all hold, and what narrows the list further.

    Of each group of `words` one must be part of the name or reference, and none of `without`. `most_balance` is
    the largest balance, in the customer's own currency.
    """

    filter: Filter
    words: tuple[tuple[str, ...], ...] = ()
    states: tuple[StateIs, ...] = ()
    without: tuple[str, ...] = ()
    most_balance: Decimal | None = None
    changes: HoldChanges | None = None
    """What is to have happened to the holds; None for those that stand now."""
    top: int = 0
    """How many to list, the first; 0 for all."""

    @property
    def asks_of_debt(self) -> bool:
        """Return whether open items must be known to answer."""
        return any(each.state in OF_DEBT for each in self.states)

    def narrowed(self, only: tuple[Codes, ...] | None) -> OnHoldQuery:
        """Return the query limited to customers of these codes; None: no limit."""
        return self if only is None else replace(self, filter=replace(self.filter, mine=only))

    def as_alerts(self, kinds: str, *, is_narrowed: bool) -> str:
        """Return what to type behind `/sage subscribe` for these kinds of news of these customers, told in private.

        Empty where part of a name, a state, a largest balance or their number narrows them, which no subscription can.
        `is_narrowed`: the asker sees no others.
        """
        if self.words or self.states or self.without or self.most_balance is not None or self.top:
            return ""
        own_only = is_narrowed and self.filter.mine is None
        where = customer_filter.filter_as_typed(replace(self.filter, mine=()) if own_only else self.filter)
        return f"{kinds} in me{f' where {where}' if where else ''}"

    def describe(self, labels: Mapping[int, str], *, in_reason: bool = False) -> str:
        """Return the query in plain English, unescaped; empty for all accounts.

        `in_reason`: the words are looked for in the reason of a hold too.
        """
        parts = (
            [customer_filter.describe_filter(self.filter, labels)] if self.filter != customer_filter.EVERYONE else []
        )
        parts += [each.said for each in self.states]
        where = "name, reference or reason" if in_reason else "name or reference"
        parts += [f"{where} has {' or '.join(f'“{word}”' for word in group)}" for group in self.words]
        parts += [f"without “{word}” in its name or reference" for word in self.without]
        if self.most_balance is not None:
            parts.append(f"balance at most {customer_filter.shown(self.filter, self.most_balance)}")
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
    states, rest = _states(with_codes_joined(tokens(typed, hint=hint), labels, values))
    rest, words = _bounds(rest), _Words()
    most, conditions = _most(rest), _apart(rest, words)
    text = " ".join(map(_spelt, conditions))
    chosen = customer_filter_parser.parse_customer_filter(text, labels, values, mine=mine)
    odd = next((each for each in words.typed if _NO_NAME.fullmatch(each)), "")
    if odd:
        raise BadQuestion(
            "That isn't a condition.",
            typed=odd,
            hint="Type an amount as `min:500` or `max:5000`. In quotation marks it is looked for in names.",
        )
    named, without = tuple(dict.fromkeys(map(tuple, words.groups))), tuple(dict.fromkeys(words.without))
    if sum(map(len, named)) + len(without) > MOST_WORDS:
        raise BadQuestion(f"A name has up to {MOST_WORDS} words here.", hint=hint)
    return OnHoldQuery(chosen, named, states, without, most)


def parse_holds_query(
    typed: str,
    labels: Mapping[int, str],
    values: Mapping[int, Collection[str]],
    *,
    mine: tuple[Codes, ...],
    today: date,
) -> OnHoldQuery:
    """Parse the words, of which some may say that holds are meant that began, or ended.

    They say so by a period, by `latest` or `put on hold`, or by `released`; `top 5` says how many of them. Raises
    BadQuestion as `parse_on_hold_query` does, and for a period that the calendar doesn't have.
    """
    if len(typed) > MOST:
        return parse_on_hold_query(typed, labels, values, mine=mine)
    top, typed = top_typed(typed)
    period, rest = period_typed(typed, today, hint=named(_PERIODS))
    said = _CHANGED.search(unquoted(rest))
    if said is not None:
        rest = f"{rest[: said.start()]} {rest[said.end() :]}"
    query = replace(parse_on_hold_query(rest, labels, values, mine=mine), top=top)
    if period is None and said is None:
        return query
    return replace(query, changes=HoldChanges(said is not None and bool(said["released"]), period or ANY_TIME))


def ranking_meant(
    asked: OnHoldQuery, labels: Mapping[int, str], values: Mapping[int, Collection[str]]
) -> tuple[str, ...]:
    """Return suggestions for words that are the value of an analysis code: `Region:Durham`."""
    known = known_values(values)
    return tuple(each for group in asked.words for word in group for each in known.meant_as(word, labels))


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


@dataclass(slots=True)
class _Words:
    """Words that are no condition: in groups of which one must fit, and those that must not."""

    groups: list[list[str]] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)  # those without quotation marks


def _apart(rest: list[Token], words: _Words) -> list[Token]:
    """Return the conditions; the words go into `words`: `Leeds or York`, `not Leeds`."""
    conditions: list[Token] = []
    while rest:
        head = rest.pop(0)
        if _is_mark(rest, _MARKS) and not head.mark:
            conditions += [head, rest.pop(0), *_values(rest)]
        elif head.says("not") and _is_word(rest):
            words.without.append(rest.pop(0).text)
        elif head.says(*JOINERS, *MINE) or (head.mark and head.text != ","):
            conditions.append(head)
        elif head.text and not head.mark:
            words.groups.append([head.text])
            words.typed += [] if head.quoted else [head.text]
            while rest and rest[0].says("or") and _is_word(rest[1:]):
                rest.pop(0)
                words.groups[-1].append(rest.pop(0).text)
    return conditions


def _is_word(rest: list[Token]) -> bool:
    """Return whether a word of a name comes next, and no condition."""
    return bool(rest and rest[0].text) and not (
        rest[0].mark or rest[0].says(*JOINERS, *MINE) or _is_mark(rest[1:], _MARKS)
    )


def _bounds(typed: list[Token]) -> list[Token]:
    """Return the tokens with amounts compared in words or signs as conditions: `over 5k`, `>5000`, `< £500`."""
    rest = [part for each in typed for part in _parted(each)]
    found: list[Token] = []
    while rest:
        said = [each.text.casefold() for each in takewhile(lambda each: not (each.quoted or each.mark), rest[:2])]
        used = next((n for n in (2, 1) if " ".join(said[:n]) in _BOUNDS and len(said) >= n), 0)
        end = _amount_end(rest, used) if used else 0
        is_value = bool(found) and found[-1].mark
        if end and not is_value:
            amount = "".join(each.text for each in rest[used:end])
            found += [Token(_BOUNDS[" ".join(said[:used])]), Token(":", mark=True), Token(amount)]
            del rest[:end]
        else:
            found.append(rest.pop(0))
    return found


def _parted(token: Token) -> list[Token]:
    """Return `>5000` as its sign and its amount, `5k+` too; any other token as it is."""
    if not (token.quoted or token.mark) and token.text.endswith("+") and read_amount(token.text[:-1]) is not None:
        return [Token(">="), Token(token.text[:-1])]
    found = None if token.quoted or token.mark else _COMPARED.fullmatch(token.text)
    return [Token(found[1]), Token(found[2])] if found and read_amount(found[2]) is not None else [token]


def _amount_end(rest: list[Token], start: int) -> int:
    """Return where an amount that begins there ends, `5,000` has three tokens; 0 where none does."""
    end = start + 1
    while _is_mark(rest[end:], {","}) and end + 1 < len(rest) and not rest[end + 1].mark:
        end += 2
    amount = rest[start:end]
    is_amount = bool(amount) and not amount[0].quoted and read_amount("".join(each.text for each in amount)) is not None
    return end if is_amount else 0


def _most(rest: list[Token]) -> Decimal | None:
    """Take `max:5000` out of the tokens and return its amount; None if it isn't there, or no amount."""
    for at, head in enumerate(rest):
        if head.says("max") and _is_mark(rest[at + 1 :], {":"}) and at + 2 < len(rest):
            end = at + 3
            while _is_mark(rest[end:], {","}) and end + 1 < len(rest):
                end += 2  # “5,000”
            amount = read_amount("".join(token.text for token in rest[at + 2 : end]))
            if amount is not None:
                del rest[at:end]
            return amount
    return None


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

"""The parser of a customer filter: `region:"Tyne & Wear",Durham not rep:George min:500 currency:EUR`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.filters.analysis_codes import KnownValues, known_values, slot_called, typeable, with_codes_joined
from bot.domain.filters.customer_filter import (
    CURRENCY,
    CUSTOMERS,
    JOINERS,
    MINE,
    MINIMUM,
    NEXT,
    RESERVED,
    Codes,
    Filter,
)
from bot.domain.filters.filter_examples import examples_of
from bot.domain.money import read_amount
from bot.domain.text.folding import folded, same
from bot.domain.text.parsing import Token, tokens
from bot.errors import BadQuestion

LONGEST = 1_500
"""Characters of a filter: it must fit the form's field, and a button's value."""
MOST_VALUES = 100
SHORTER = "Use analysis codes in place of so many names."


@dataclass(slots=True)
class _Reading:
    """A filter half read; `hint` is the example for what is not understood."""

    hint: str
    codes: dict[tuple[int, bool], dict[str, str]] = field(default_factory=dict)
    joined_by: set[str] = field(default_factory=set)
    minimum: Decimal | None = None
    currencies: list[str] = field(default_factory=list)
    customers: dict[str, str] = field(default_factory=dict)
    values: int = 0
    mine: tuple[Codes, ...] | None = None


def parse_customer_filter(
    words: str,
    labels: Mapping[int, str],
    values: Mapping[int, Collection[str]],
    *,
    mine: tuple[Codes, ...] | None = None,
    hint: str = "",
) -> Filter:
    """Read a typed filter; nothing typed is every customer. Raises BadQuestion saying what would be understood.

    `labels` and `values` are the company's analysis codes by slot; the values of a slot without any are not
    checked. `mine` are the asker's own codes, for the word "mine"; None when nobody said which those are.
    `hint` is the example to show where not every filter will do.
    """
    if len(words) > LONGEST:
        raise BadQuestion(f"That filter is too long: the most is {LONGEST} characters.", hint=SHORTER)
    known = (labels, known_values(values))
    reading = _Reading(hint or examples_of(*known).hint)
    rest = with_codes_joined(tokens(words, hint=reading.hint), *known)
    negated, joiner = False, "and"
    while rest:
        head = rest.pop(0)
        if head.says(*JOINERS):
            negated, joiner = negated or head.says("not"), "or" if head.says("or") else joiner
            continue
        _refuse(joiner == "or" and not reading.codes, head, reading)
        if head.says(*MINE) and not _is_mark(rest, ":", "=", "!="):
            _refuse(negated or joiner == "or", head, reading)
            _read_mine(reading, head, mine)
        else:
            _read_condition(reading, head, rest, (negated, joiner), known)
        negated, joiner = False, "and"
    if negated or joiner == "or":
        raise BadQuestion("That filter looks unfinished.", typed=words[-60:], hint=reading.hint)
    return _filter(reading)


def _filter(reading: _Reading) -> Filter:
    if len(reading.joined_by) > 1:
        raise BadQuestion("Join all analysis codes with “or”, or none of them.", hint=reading.hint)
    codes = tuple(Codes(slot, tuple(spelled.values()), no) for (slot, no), spelled in reading.codes.items())
    return Filter(
        codes=codes,
        either=len(codes) > 1 and reading.joined_by == {"or"},
        minimum_balance=reading.minimum,
        currencies=tuple(reading.currencies),
        customers=tuple(reading.customers.values()),
        mine=reading.mine,
    )


def _refuse(misjoined: bool, head: Token, reading: _Reading) -> None:
    if misjoined:
        raise BadQuestion("“not” and “or” go with analysis codes only.", typed=head.text, hint=reading.hint)


def _read_mine(reading: _Reading, head: Token, mine: tuple[Codes, ...] | None) -> None:
    if mine is None:
        raise BadQuestion(
            "No customers are assigned to you.",
            typed=head.text,
            hint="Ask an admin of this app to say which analysis codes belong to you.",
        )
    reading.mine = mine


def _read_condition(
    reading: _Reading,
    head: Token,
    rest: list[Token],
    how: tuple[bool, str],
    known: tuple[Mapping[int, str], KnownValues],
) -> None:
    """Read one `key:value,value` off `rest`."""
    (negated, joiner), (labels, values) = how, known
    if head.mark or not _is_mark(rest, ":", "=", "!="):
        raise BadQuestion(
            "That filter can't be understood.",
            typed=head.text,
            offered=values.meant_as(head.text, labels),
            hint=reading.hint,
        )
    negated = negated is not (rest.pop(0).text == "!=")
    typed = _values(head, rest, reading)
    reading.values += len(typed)
    if reading.values > MOST_VALUES:
        raise BadQuestion(f"That filter has too many values: the most is {MOST_VALUES}.", hint=SHORTER)
    word = "" if head.quoted else head.text.casefold()
    if word in MINIMUM | CURRENCY | CUSTOMERS:
        _refuse(negated or joiner == "or", head, reading)
        _read_fact(reading, word, typed)
        return
    slot = slot_called(head.text, labels, hint=reading.hint)
    if reading.codes and (slot, negated) not in reading.codes:
        reading.joined_by.add(joiner)
    # The same code typed twice means any of these values: no customer has two values in one slot.
    spelled = reading.codes.setdefault((slot, negated), {})
    label = typeable(labels, RESERVED).get(slot, f"code{slot}")
    for each in typed:
        value = values.spelling(slot, each, label, hint=reading.hint)
        spelled.setdefault(same(value), value)


def _is_mark(rest: Sequence[Token], *marks: str) -> bool:
    return bool(rest) and rest[0].mark and rest[0].text in marks


def _values(head: Token, rest: list[Token], reading: _Reading) -> list[str]:
    """Read values and the commas between them off `rest`; return the values."""
    found: list[str] = []
    # People put a comma before the next condition too.
    while rest and not rest[0].mark and not rest[0].says(*NEXT) and not _is_mark(rest[1:2], ":", "=", "!="):
        found.append(rest.pop(0).text)
        if not _is_mark(rest, ","):
            break
        rest.pop(0)
    if not any(found) or _is_mark(rest, ","):
        raise BadQuestion("A value is missing.", typed=head.text, hint=reading.hint)
    return [each for each in found if each]


def _read_fact(reading: _Reading, word: str, typed: list[str]) -> None:
    """Read a condition that is not an analysis code."""
    if word in MINIMUM:
        reading.minimum = read_amount(",".join(typed))
        if reading.minimum is None:
            raise BadQuestion("That isn't an amount of money.", typed=",".join(typed), hint="Try `min:500`.")
    elif word in CURRENCY:
        for code in (each.upper() for each in typed):
            if not re.fullmatch("[A-Z]{3}", code):
                raise BadQuestion("That isn't a currency's three letters.", typed=code, hint="Try `currency:EUR`.")
            if code not in reading.currencies:
                reading.currencies.append(code)
    else:
        for name in typed:
            reading.customers.setdefault(same(name), folded(name))

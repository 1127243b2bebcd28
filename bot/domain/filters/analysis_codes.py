"""Analysis codes as people type them: a company's labels, and the values that its customers have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from bot.domain.text.folding import same
from bot.domain.text.parsing import Token, nearest, quoted
from bot.errors import BadQuestion

_NUMBERED = re.compile(r"(?:analysis)?(?:code)?(\d{1,2})")
_SLOTS = range(1, 21)
_MOST_OFFERED = 5
_MOST_JOINED = 8
"""Words of a label or value that are found without quotation marks."""
_NAMES_END, _BETWEEN_VALUES = {":", "=", "!="}, ","
_ADJECTIVES = {"scottish": "scotland", "welsh": "wales", "irish": "ireland", "english": "england"}
_ADJECTIVES |= {f"{point}ern": point for point in ("north", "south", "east", "west")}


def letters(text: str) -> str:
    """Return a label's letters and digits in lower case: `Sales rep` and `sales-rep` are equal."""
    return "".join(mark for mark in same(text) if mark.isalnum())


def typeable(labels: Mapping[int, str], reserved: Collection[str]) -> dict[int, str]:
    """Return the labels that `slot_called` can tell apart, as they must be typed beside reserved words."""
    every = [letters(label) for label in labels.values()]
    return {
        slot: quoted(label, *reserved)
        for slot, label in labels.items()
        if letters(label) and every.count(letters(label)) == 1 and not _NUMBERED.fullmatch(letters(label))
    }


def slot_called(typed: str, labels: Mapping[int, str], *, hint: str) -> int:
    """Return the slot of an analysis code, by number (code3), label, or one word of just one label.

    Raises BadQuestion with this hint.
    """
    name = letters(typed)
    number = _NUMBERED.fullmatch(name)
    if number and int(number[1]) in _SLOTS:
        return int(number[1])
    fitting = [slot for slot, label in labels.items() if name and letters(label) == name]
    fitting = fitting or [slot for slot, label in labels.items() if name in map(letters, label.split())]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        offered = [f"{labels[slot]} (code{slot})" for slot in fitting]
        raise BadQuestion("More than one analysis code is called that.", typed=typed, offered=offered, hint=hint)
    raise BadQuestion("No analysis code is called that.", typed=typed, offered=labels.values(), hint=hint)


class KnownValues(Mapping[int, Collection[str]]):
    """The values that a company's customers have, by slot, each slot's folded once."""

    def __init__(self, values: Mapping[int, Collection[str]]) -> None:
        self._values = values
        self._spelled: dict[int, dict[str, str]] = {}

    def __getitem__(self, slot: int) -> Collection[str]:
        return self._values[slot]

    def __iter__(self) -> Iterator[int]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def spelled(self, slot: int) -> Mapping[str, str]:
        """Return the company's own spelling of each value of a slot, by its key; empty where none is known."""
        if slot not in self._spelled:
            self._spelled[slot] = {same(each): each for each in self._values.get(slot, ())}
        return self._spelled[slot]

    def spelling(self, slot: int, typed: str, label: str, *, hint: str) -> str:
        """Return the value in the company's own spelling, where its values are known.

        A word of just one value, or its beginning, is that value. Raises BadQuestion with the values that may be meant,
        each as a condition with this label.
        """
        spelled = self.spelled(slot)
        if not spelled:
            return typed
        found = self._meant(slot, typed)
        if len(found) == 1:
            return found[0]
        near = found or nearest(typed, spelled.values()) or sorted(spelled.values())
        offered = [f"{label}:{quoted(each)}" for each in near[:_MOST_OFFERED]]
        problem = "More than one value fits that." if found else "No customer has that value."
        raise BadQuestion(problem, typed=typed, offered=offered, hint=hint)

    def meant_as(self, typed: str, labels: Mapping[int, str]) -> list[str]:
        """Return how a bare value would be typed: `Durham` as `Region:Durham`."""
        return [
            f"{quoted(labels.get(slot, f'code{slot}'))}:{quoted(value)}"
            for slot in self
            for value in self._meant(slot, typed)[:_MOST_OFFERED]
        ]

    def _meant(self, slot: int, typed: str) -> list[str]:
        """Return the value that is spelled so; if none is, those of which it is whole words or the beginning."""
        key, spelled = same(typed), self.spelled(slot)
        if key in spelled:
            return [spelled[key]]
        if not key:
            return []
        # “Scottish”, and “Priyas customers” without the apostrophe.
        for each_key in (key, _ADJECTIVES.get(key, ""), key.removesuffix("s")):
            fitting = [value for each, value in spelled.items() if _begins(each, each_key)] if each_key else []
            if fitting:
                return fitting
        return []


def _begins(value: str, key: str) -> bool:
    """Return whether a value begins with these letters, or has them as whole words."""
    return value.startswith(key) or f" {key} " in f" {value} "


def known_values(values: Mapping[int, Collection[str]]) -> KnownValues:
    """Return the values made ready to compare; what is ready stays."""
    return values if isinstance(values, KnownValues) else KnownValues(values)


def with_codes_joined(
    found: Sequence[Token], labels: Mapping[int, str], values: Mapping[int, Collection[str]]
) -> list[Token]:
    """Return the tokens, those that are a label or a value of several words as one: `Sales rep:George`.

    A label stands before its mark in full, and a value is one of the company's. Words of anything else stay apart.
    """
    done: list[Token] = []
    spelled: Mapping[str, str] = {}
    at = 0
    while at < len(found):
        token = found[at]
        if _is_one_of(token, _NAMES_END):
            _join_label(done, labels)
            spelled = _values_of(done[-1], labels, known_values(values)) if done else {}
        elif _is_value(done, spelled) and (many := _words_of_value(found[at : at + _MOST_JOINED], spelled)) > 1:
            token, at = _joined(found[at : at + many]), at + many - 1
        elif not _is_one_of(token, _BETWEEN_VALUES) and not _is_value(done, spelled):
            spelled = {}
        done.append(token)
        at += 1
    return done


def _join_label(done: list[Token], labels: Mapping[int, str]) -> None:
    """Make one of the last words if they spell a label. The first of them is no value of the condition before."""
    names = set(map(letters, labels.values()))
    for many in range(min(_MOST_JOINED, len(done)), 1, -1):
        said = done[-many:]
        follows_mark = len(done) > many and done[-many - 1].mark
        if _are_words(said) and not follows_mark and letters("".join(each.text for each in said)) in names:
            done[-many:] = [_joined(said)]
            return


def _values_of(label: Token, labels: Mapping[int, str], values: KnownValues) -> Mapping[str, str]:
    try:
        return values.spelled(slot_called(label.text, labels, hint=""))
    except BadQuestion:
        return {}  # said where the condition is read


def _words_of_value(ahead: Sequence[Token], spelled: Mapping[str, str]) -> int:
    """Return how many of the next words are a value together, the most that are; 0 if none are."""
    for many in range(len(ahead), 1, -1):
        if _are_words(ahead[:many]) and same(" ".join(each.text for each in ahead[:many])) in spelled:
            return many
    return 0


def _is_value(done: Sequence[Token], spelled: Mapping[str, str]) -> bool:
    return bool(spelled and done) and (_is_one_of(done[-1], _NAMES_END) or _is_one_of(done[-1], _BETWEEN_VALUES))


def _is_one_of(token: Token, marks: Collection[str]) -> bool:
    return token.mark and token.text in marks


def _are_words(said: Sequence[Token]) -> bool:
    return not any(each.mark or each.quoted for each in said)


def _joined(said: Sequence[Token]) -> Token:
    return Token(" ".join(each.text for each in said), quoted=True)

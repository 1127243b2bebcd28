"""Analysis codes as people type them: a company's labels, and the values that its customers have."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from bot.domain.parsing import folded, nearest, quoted, same
from bot.errors import BadQuestion

FILTER_EXAMPLE = 'Try `region:"Tyne & Wear",Durham not rep:George min:500 currency:EUR`.'
_NUMBERED = re.compile(r"(?:analysis)?(?:code)?(\d{1,2})")
_SLOTS = range(1, 21)


def letters(text: str) -> str:
    """Return a label's letters and digits in lower case: `Sales rep` and `sales-rep` are equal."""
    return "".join(mark for mark in text.casefold() if mark.isalnum())


def typeable(labels: Mapping[int, str], reserved: Collection[str]) -> dict[int, str]:
    """Return the labels that `slot_called` can tell apart, as they must be typed beside reserved words."""
    every = [letters(label) for label in labels.values()]
    return {
        slot: quoted(label, *reserved)
        for slot, label in labels.items()
        if letters(label) and every.count(letters(label)) == 1 and not _NUMBERED.fullmatch(letters(label))
    }


def slot_called(typed: str, labels: Mapping[int, str]) -> int:
    """Return the slot of an analysis code, by number (code3), label, or one word of just one label.

    Raises BadQuestion.
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
        raise BadQuestion(
            "More than one analysis code is called that.", typed=typed, offered=offered, hint=FILTER_EXAMPLE
        )
    raise BadQuestion("No analysis code is called that.", typed=typed, offered=labels.values(), hint=FILTER_EXAMPLE)


def spelling(typed: str, known: Collection[str]) -> str:
    """Return the value in the company's own spelling, where its values are known.

    Raises BadQuestion for an unknown one.
    """
    spellings = {same(each): folded(each) for each in known}
    if not spellings:
        return typed
    if same(typed) not in spellings:
        offered = [quoted(each) for each in nearest(typed, spellings.values())]
        raise BadQuestion("No customer has that value.", typed=typed, offered=offered, hint=FILTER_EXAMPLE)
    return spellings[same(typed)]


def meant_as(typed: str, labels: Mapping[int, str], values: Mapping[int, Collection[str]]) -> list[str]:
    """Return how a bare value would be typed: `Durham` as `Region:Durham`."""
    return [
        f"{quoted(labels.get(slot, f'code{slot}'))}:{quoted(each)}"
        for slot, known in values.items()
        for each in known
        if same(each) == same(typed)
    ]

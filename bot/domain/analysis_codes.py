"""Analysis codes as people type them: a company's labels, and the values that its customers have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from bot.domain.folding import same
from bot.domain.parsing import nearest, quoted
from bot.errors import BadQuestion

FILTER_EXAMPLE = 'Try `region:"Tyne & Wear",Durham not rep:George min:500 currency:EUR`.'
_NUMBERED = re.compile(r"(?:analysis)?(?:code)?(\d{1,2})")
_SLOTS = range(1, 21)


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

    def spelling(self, slot: int, typed: str) -> str:
        """Return the value in the company's own spelling, where its values are known.

        Raises BadQuestion for an unknown one.
        """
        spelled = self.spelled(slot)
        found = spelled.get(same(typed)) if spelled else typed
        if found is None:
            offered = [quoted(each) for each in nearest(typed, spelled.values())]
            raise BadQuestion("No customer has that value.", typed=typed, offered=offered, hint=FILTER_EXAMPLE)
        return found

    def meant_as(self, typed: str, labels: Mapping[int, str]) -> list[str]:
        """Return how a bare value would be typed: `Durham` as `Region:Durham`."""
        found = ((slot, self.spelled(slot).get(same(typed))) for slot in self)
        return [
            f"{quoted(labels.get(slot, f'code{slot}'))}:{quoted(value)}" for slot, value in found if value is not None
        ]


def known_values(values: Mapping[int, Collection[str]]) -> KnownValues:
    """Return the values made ready to compare; what is ready stays."""
    return values if isinstance(values, KnownValues) else KnownValues(values)

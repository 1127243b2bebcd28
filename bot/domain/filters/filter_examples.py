"""Examples of what can be typed as a filter: in a company's own labels and values, where they are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice

from bot.domain.filters.analysis_codes import typeable
from bot.domain.filters.customer_filter import NEXT, RESERVED
from bot.domain.text.parsing import quoted

_LONGEST = 40  # characters of a value that is worth repeating
_LOOKED_AT = 50  # values of one analysis code
# By these most companies tell their customers apart.
_BEST = ("region", "area", "territory", "rep", "sales")


@dataclass(frozen=True, slots=True)
class FilterExamples:
    """Conditions to type. Without a company they are those of the demo."""

    condition: str = "region:Durham"
    several: str = 'region:"Tyne & Wear",Durham'
    other: str = "rep:George"

    @property
    def filter(self) -> str:
        """Return a filter that shows most of what can be typed."""
        return f"{self.several} not {self.other} min:500 currency:EUR"

    @property
    def hint(self) -> str:
        """Return a sentence for an error."""
        return f"Try `{self.filter}`."


DEMO = FilterExamples()


def examples_of(labels: Mapping[int, str], values: Mapping[int, Collection[str]]) -> FilterExamples:
    """Return examples made of the company's labels and values; the demo's where these are unknown."""
    named = {slot: label for slot, label in typeable(labels, RESERVED).items() if _is_plain(label)}
    found = {slot: _plain_values(values.get(slot, ())) for slot in sorted(named, key=lambda slot: _rank(labels[slot]))}
    usable = [(named[slot], [quoted(each, *NEXT) for each in some]) for slot, some in found.items() if some]
    if not usable:
        return DEMO
    (label, some), (other, theirs) = usable[0], usable[min(1, len(usable) - 1)]
    condition = f"{label}:{some[-1]}"
    return FilterExamples(condition, f"{label}:{','.join(some)}", f"{other}:{theirs[0]}")


def _plain_values(values: Collection[str]) -> list[str]:
    """Return at most two values that can be shown in code marks."""
    return list(islice((each for each in islice(values, _LOOKED_AT) if _is_plain(each)), 2))


def _is_plain(text: str) -> bool:
    return bool(text.strip()) and "`" not in text and len(text) <= _LONGEST


def _rank(label: str) -> tuple[int, str]:
    words = label.casefold()
    return next((place for place, each in enumerate(_BEST) if each in words), len(_BEST)), words

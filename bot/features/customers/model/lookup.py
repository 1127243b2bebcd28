"""The results of a customer look-up, and the reading of typed words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process, utils

from bot.domain.customer import Customer, CustomerName
from bot.domain.source import Copied, Source
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Action, Shown

LONGEST_WORDS = 100
LONGEST_REFERENCE = 20
MOST_CHOICES = 25
_NEAREST = 3
_ALIKE = 60


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """One customer, live from Sage or, with `copied`, from the mirror.

    With `shown` below FIGURES, the figures have been removed. `watched`: the asker gets its alerts. `may` is what the
    reader may do to the account, in the company of `company_key`.
    """

    customer: Customer
    labels: Mapping[int, str]
    company_name: str
    as_of: datetime
    shown: Shown = Shown.FIGURES
    copied: Copied | None = None
    watched: bool = False
    may: frozenset[Action] = frozenset()
    company_key: str = ""

    @property
    def source(self) -> Source:
        """Return where the figures come from, and as of when."""
        return Source(self.company_name, self.as_of, self.copied)


@dataclass(frozen=True, slots=True)
class SeveralCustomers:
    """Several customers that match. `more`: Sage had more than a menu can hold."""

    words: str
    names: tuple[CustomerName, ...]
    more: bool
    company_name: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class NoCustomer:
    """No customer matches. `nearest` are the closest names, best first."""

    words: str
    nearest: tuple[CustomerName, ...]
    company_name: str
    source: Source | None = None


LookupResult = CustomerCard | SeveralCustomers | NoCustomer


def asked_words(text: str) -> str:
    """Return the typed words with white space folded. Raises BadQuestion if they are none or too long."""
    words = " ".join(text.split())
    if not words:
        raise BadQuestion
    if len(words) > LONGEST_WORDS:
        raise BadQuestion(f"That is too long to be a customer's name: I can look up to {LONGEST_WORDS} characters.")
    return words


def looks_like_reference(words: str) -> bool:
    """Return whether this can be a reference: short, without spaces."""
    return " " not in words and len(words) <= LONGEST_REFERENCE


def exactly(words: str, names: Iterable[CustomerName]) -> CustomerName | None:
    """Return the one customer whose whole name or short name was typed, in any case; None for none or several."""
    wanted = words.casefold()
    fitting = [name for name in names if wanted in {name.name.casefold(), name.short_name.casefold()}]
    return fitting[0] if len(fitting) == 1 else None


def nearest(words: str, names: Iterable[CustomerName]) -> tuple[CustomerName, ...]:
    """Return at most three customers whose reference or name is similar, best first."""
    candidates = list(names)
    scores: dict[int, float] = {}
    for spellings, scorer in (
        ([name.reference for name in candidates], fuzz.ratio),
        ([name.name for name in candidates], fuzz.WRatio),
    ):
        alike = process.extract(
            words, spellings, scorer=scorer, processor=utils.default_process, limit=_NEAREST, score_cutoff=_ALIKE
        )
        for _, score, index in alike:
            scores[index] = max(score, scores.get(index, 0))
    best = sorted(scores, key=lambda index: (-scores[index], candidates[index].reference))
    return tuple(candidates[index] for index in best[:_NEAREST])

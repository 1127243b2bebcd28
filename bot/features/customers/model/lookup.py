"""The results of a customer look-up, and the reading of typed words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from rapidfuzz import fuzz, process, utils

from bot.domain.customer import Customer, CustomerName
from bot.domain.debt.lateness import Lateness
from bot.domain.source import Copied, Source
from bot.domain.text.folding import folded, same
from bot.errors import BadQuestion, NoCustomerNamed
from bot.features.access.model.authorization import Action, Shown
from bot.features.account_detail.model import OpenOrders
from bot.features.promises.model.remembered import NOTHING_KNOWN, Remembered

LONGEST_WORDS = 100
LONGEST_REFERENCE = 20
MOST_CHOICES = 25
_NEAREST = 3
_ALIKE = 60
_TEXTS = 8
_SLICE = 500
# People put a name in quotation marks or brackets, or copy it as Slack writes bold and code, and a full stop after it.
_AROUND, _AFTER = ' "', ".,;:!?"
_PAIRS = {"''", "``", "**", "__", "~~", "()", "[]", "{}", "<>"}


@dataclass(frozen=True, slots=True)
class OtherCompany:
    """Another company of the asker's that has the reference, with its number of `/sage company` and its key."""

    number: int
    name: str
    key: str
    reference: str


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """One customer, live from Sage or, with `copied`, from the mirror.

    With `shown` below FIGURES, the figures have been removed. `watched`: the asker gets its alerts. `may` is what the
    reader may do to the account, in the company of `company_key`. `lateness` is None where nobody looked.
    `remembered` is what colleagues know of its debt. `may_connect`: the reader has no live sign-in of their own.
    `elsewhere` are the asker's other companies that have the reference too. `orders` are those of which the first stand
    on the card.
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
    lateness: Lateness | None = None
    remembered: Remembered = NOTHING_KNOWN
    may_connect: bool = True
    elsewhere: tuple[OtherCompany, ...] = ()
    orders: OpenOrders | None = None

    @property
    def source(self) -> Source:
        """Return where the figures come from, and as of when."""
        return Source(self.company_name, self.as_of, self.copied, self.company_key)


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
    """No customer matches. `nearest` are the closest names, best first.

    `elsewhere` are the asker's other companies that have the reference.
    """

    words: str
    nearest: tuple[CustomerName, ...]
    company_name: str
    source: Source | None = None
    elsewhere: tuple[OtherCompany, ...] = ()


LookupResult = CustomerCard | SeveralCustomers | NoCustomer


def asked_words(text: str) -> str:
    """Return the typed words folded, without the marks around them. Raises BadQuestion if none or too long."""
    words = folded(text)
    words = _bare(words) or words
    if not words:
        raise NoCustomerNamed
    if len(words) > LONGEST_WORDS:
        raise NoCustomerNamed(f"That is too long to be a customer's name: the most is {LONGEST_WORDS} characters.")
    return words


def looks_like_reference(words: str) -> bool:
    """Return whether this can be a reference: short, without spaces."""
    return " " not in words and len(words) <= LONGEST_REFERENCE


def reference_in(text: str) -> str:
    """Return the reference that was typed, if it can be one; else nothing."""
    try:
        words = asked_words(text)
    except BadQuestion:
        return ""
    return words if looks_like_reference(words) else ""


def exactly(words: str, names: Iterable[CustomerName]) -> CustomerName | None:
    """Return the one customer whose whole name or short name was typed, however spelled; None for none or several."""
    wanted = same(words)
    fitting = [name for name in names if wanted in {_whole(name.name), _whole(name.short_name)}]
    return fitting[0] if len(fitting) == 1 else None


def _whole(name: str) -> str:
    return _bare(same(name))


def _bare(words: str) -> str:
    """Return folded words without the marks around them: `*ABS001*`, “(ABS001).”, `#ABS001`."""
    bare = words.strip(_AROUND).rstrip(_AFTER)
    while len(bare) > 2 and bare[0] + bare[-1] in _PAIRS:
        bare = bare[1:-1].strip(_AROUND).rstrip(_AFTER)
    return bare[1:] if bare[:1] == "#" else bare


_BYTES_A_NAME = 550  # the object, its number, the heads of its four texts, and those of the two keys


class NameBook:
    """All names of a company, with the keys by which they are compared. Its work is for a thread."""

    def __init__(self, names: Sequence[CustomerName]) -> None:
        self._names = names
        self._keys = [(same(name.reference), same(name.name)) for name in names]
        letters = sum(2 * (len(each.reference) + len(each.name)) + len(each.short_name) for each in names)
        self._bytes = _BYTES_A_NAME * len(names) + letters

    @property
    def has_names(self) -> bool:
        """Return whether there is any name."""
        return bool(self._names)

    def bytes(self) -> int:
        """Return about how many bytes the names and their keys take in memory."""
        return self._bytes

    def fitting(self, words: str, *, most: int) -> list[CustomerName]:
        """Return the first customers whose reference begins with the words, or whose name has them in it."""
        wanted = same(words)
        pairs = zip(self._names, self._keys, strict=True)
        found = (name for name, (reference, key) in pairs if wanted in key or reference.startswith(wanted))
        return list(islice(found, most))

    def nearest(self, words: str) -> tuple[CustomerName, ...]:
        """Return at most three customers whose reference or name is similar, best first."""
        return nearest(words, self._names)


def nearest(words: str, names: Iterable[CustomerName]) -> tuple[CustomerName, ...]:
    """Return at most three customers whose reference or name is similar, best first."""
    candidates = list(names)
    scores: dict[int, float] = {}
    # In slices: a scorer keeps other threads of this process waiting until it has done.
    for start in range(0, len(candidates), _SLICE):
        for index, score in _similar(words[:LONGEST_WORDS], candidates[start : start + _SLICE]):
            scores[start + index] = max(score, scores.get(start + index, 0))
    best = sorted(scores, key=lambda index: (-scores[index], candidates[index].reference))
    return tuple(candidates[index] for index in best[:_NEAREST])


def nearest_texts(typed: str, known: Iterable[str]) -> list[str]:
    """Return the known words, or references, that may have been meant, best first. All are keys."""
    return [each for each, _, _ in process.extract(typed, sorted(known), scorer=fuzz.ratio, limit=_TEXTS)]


def _similar(words: str, candidates: Sequence[CustomerName]) -> Iterator[tuple[int, float]]:
    for spellings, scorer in (
        ([name.reference for name in candidates], fuzz.ratio),
        ([name.name for name in candidates], fuzz.WRatio),
    ):
        alike = process.extract(
            words, spellings, scorer=scorer, processor=utils.default_process, limit=_NEAREST, score_cutoff=_ALIKE
        )
        yield from ((index, score) for _, score, index in alike)

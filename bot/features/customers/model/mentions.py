"""Finding the customers named in a message: references as written, and names by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.customer import Customer, CustomerName
from bot.domain.text.folding import same
from bot.features.access.model.authorization import Shown
from bot.features.customers.model.lookup import LONGEST_REFERENCE

MOST = 10
LONGEST_TEXT = 12_000
"""Characters of a message that are read."""
_MOST_REFERENCES, _MOST_FIRST, _LONGEST_NAME = 200, 400, 6
_SHORTEST_ALONE = 5  # letters of a one-word name: shorter words stand in every message
_PIECE = re.compile(r"\S+")
_WORD = re.compile(r"[^\W_]+")
_AROUND = ".,;:!?()[]{}<>*_~`'\"“”‘’#@"
_LEGAL = frozenset({"ltd", "limited", "plc", "llp", "co", "company", "inc", "the"})


@dataclass(frozen=True, slots=True)
class MentionText:
    """A message, split once. `runs` has each run of up to six words, with its first position."""

    references: Mapping[str, int]
    first_words: frozenset[str]
    runs: Mapping[str, int] = field(repr=False)
    capitals: frozenset[str] = frozenset()

    def place_of(self, name: CustomerName) -> int | None:
        """Return where this customer is first named; None if nowhere."""
        at = self.references.get(same(name.reference))
        words = core(name.name)
        found = self.runs.get(" ".join(words)) if words else None
        if (
            found is not None
            and len(words) == 1
            and not (len(words[0]) >= _SHORTEST_ALONE and words[0] in self.capitals)
        ):
            found = None
        return min((each for each in (at, found) if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class Mention:
    """One customer named in a message, with as much of its figures as the asker is shown."""

    customer: Customer
    shown: Shown


@dataclass(frozen=True, slots=True)
class Mentions:
    """The customers named in a message, in its order; `more` were left out. From the mirror as of `as_of`."""

    found: tuple[Mention, ...]
    more: int
    company_name: str
    as_of: datetime


def read_mentions(text: str) -> MentionText:
    """Split the message. The work is linear in its length."""
    text_read = text[:LONGEST_TEXT]
    references: dict[str, int] = {}
    first: dict[str, None] = {}
    for piece in _PIECE.finditer(text_read):
        written = piece[0].strip(_AROUND)
        if _is_reference(written) and len(references) < _MOST_REFERENCES:
            references.setdefault(same(written), piece.start())
        first.setdefault(written.casefold())
    words = [(each[0], each.start()) for each in _WORD.finditer(text_read)]
    for word, _ in words:
        first.setdefault(word.casefold())
    folded = [word.casefold() for word, _ in words]
    runs: dict[str, int] = {}
    for start, (_, at) in enumerate(words):
        for length in range(1, _LONGEST_NAME + 1):
            if start + length <= len(folded):
                runs.setdefault(" ".join(folded[start : start + length]), at)
    capitals = frozenset(word.casefold() for word, _ in words if word[0].isupper())
    return MentionText(references, frozenset(filter(None, list(first)[:_MOST_FIRST])), runs, capitals)


def core(name: str) -> tuple[str, ...]:
    """Return the words of a name, at most six, without its legal form, which people leave out."""
    words = _WORD.findall(same(name))
    while len(words) > 1 and words[-1] in _LEGAL:
        words.pop()
    return tuple(words[:_LONGEST_NAME])


def in_order(text: MentionText, names: Iterable[CustomerName]) -> list[CustomerName]:
    """Return the customers that are named, each once, in the order of the text."""
    placed = {name.id: (at, name) for name in names if (at := text.place_of(name)) is not None}
    return [name for _, name in sorted(placed.values(), key=lambda each: (each[0], each[1].reference))]


def _is_reference(written: str) -> bool:
    """Return whether a word may be a reference: a digit or capitals, else every “cash” would be one."""
    fits = 2 <= len(written) <= LONGEST_REFERENCE
    return fits and (any(sign.isdigit() for sign in written) or written.isupper())

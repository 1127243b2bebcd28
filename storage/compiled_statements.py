"""A cache of compiled statements, bounded by how much SQL it holds."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Protocol

# Some 20 MB: a statement takes 70 to 100 bytes for each character of its SQL. What the product asks by itself has
# 100,000 characters.
_MOST_CHARACTERS = 250_000


class Compiled(Protocol):
    """What is asked of SQLAlchemy's compiled statement."""

    string: str


@dataclass(slots=True)
class _Kept:
    compiled: Compiled
    used: int


# SQLAlchemy's own cache counts statements, up to 750 in each engine. A search has a shape for each number and kind of
# words, and a filter of a hundred conditions takes 1.4 MB: people would decide how much memory the process takes.
class CompiledStatements:
    """Compiled statements by SQLAlchemy's keys; the longest unused give way to new ones."""

    # To hash and compare a key is most of what a look-up costs, so each look-up does both once.

    def __init__(self, most_characters: int = _MOST_CHARACTERS) -> None:
        self._most = most_characters
        self._kept: dict[object, _Kept] = {}
        self._turns = itertools.count()
        self.characters = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: object) -> Compiled | None:
        """Return the compiled statement; None if it isn't kept."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        kept.used = next(self._turns)
        return kept.compiled

    def __setitem__(self, key: object, compiled: Compiled) -> None:
        before = self._kept.get(key)
        self._kept[key] = _Kept(compiled, next(self._turns))
        self.characters += len(compiled.string) - (len(before.compiled.string) if before is not None else 0)
        if self.characters > self._most:
            self._shed()

    def _shed(self) -> None:
        # A quarter at once: to find the longest unused, all are sorted.
        for key, kept in sorted(self._kept.items(), key=lambda each: each[1].used):
            if self.characters <= self._most * 3 // 4:
                return
            del self._kept[key]
            self.characters -= len(kept.compiled.string)

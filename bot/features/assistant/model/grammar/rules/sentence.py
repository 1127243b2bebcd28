"""A sentence in pieces, with what the rules ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property

from bot.features.assistant.model.grammar.rules import conditions
from bot.features.assistant.model.grammar.rules import names as naming
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece
from bot.features.assistant.model.questions import AboutOne, OfEach, Question, Subject

_BEFORE_A_WISH = {Cue.FILLER, Cue.MODAL, Cue.GREETING, Cue.THANKS, Cue.COMMA, Cue.OKAY, Cue.AGAIN, Cue.LINK, Cue.JOINER}


class Sentence:
    """The pieces of a sentence and their cues. What costs work is worked out once."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = tuple(pieces)
        self.cues = frozenset(piece.cue for piece in pieces)

    @cached_property
    def phrases(self) -> frozenset[str]:
        """Return the phrases as they were looked up."""
        return frozenset(piece.phrase for piece in self.pieces)

    @cached_property
    def words(self) -> frozenset[str]:
        """Return every word as it was looked up."""
        return frozenset(word for phrase in self.phrases for word in phrase.split())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of customers, regions and people in it."""
        return naming.names(self.pieces)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Return the customers that it is about."""
        return naming.subjects(self.pieces)

    @cached_property
    def points_back(self) -> bool:
        """Return whether a pronoun stands for a customer asked about before."""
        return naming.points_back(self.pieces)

    @cached_property
    def first(self) -> Piece | None:
        """Return the first piece that says something, which in a wish is what to do."""
        return next((piece for piece in self.pieces if piece.cue not in _BEFORE_A_WISH), None)

    @property
    def has_reference(self) -> bool:
        """Return whether a customer's reference is in it."""
        return any(piece.is_reference for piece in self.pieces)

    @property
    def has_proper_names(self) -> bool:
        """Return whether a word of a name is no ordinary English."""
        return any(piece.cue is Cue.NAME and not piece.is_common for piece in self.pieces)

    def has(self, *cues: Cue) -> bool:
        """Return whether one of the cues is in it."""
        return not self.cues.isdisjoint(cues)

    def says(self, *phrases: str) -> bool:
        """Return whether one of the phrases is in it."""
        return not self.phrases.isdisjoint(phrases)

    def number(self, cue: Cue) -> Decimal | None:
        """Return the number of the first piece with this cue; None if there is none."""
        return next((piece.number for piece in self.pieces if piece.cue is cue), None)

    def least(self, cue: Cue) -> Decimal | None:
        """Return the number of the first piece with this cue that is no upper bound; None if there is none."""
        found = (at for at, piece in enumerate(self.pieces) if piece.cue is cue)
        return next((self.pieces[at].number for at in found if not conditions.is_most(self.pieces, at)), None)

    def most(self, cue: Cue) -> Decimal | None:
        """Return the number of the first piece with this cue that is an upper bound; None if there is none."""
        found = (at for at, piece in enumerate(self.pieces) if piece.cue is cue)
        return next((self.pieces[at].number for at in found if conditions.is_most(self.pieces, at)), None)

    def of(self, *cues: Cue) -> list[Piece]:
        """Return the pieces with one of the cues."""
        return [piece for piece in self.pieces if piece.cue in cues]

    def places(self, cue: Cue) -> list[int]:
        """Return where the pieces with this cue stand."""
        return [at for at, piece in enumerate(self.pieces) if piece.cue is cue]

    def each(self, make: Callable[[Subject], AboutOne]) -> Question:
        """Return the question about its customer, or about each of several."""
        made = tuple(make(who) for who in self.subjects)
        return made[0] if len(made) == 1 else OfEach(made)


Case = tuple[Callable[[Sentence], object], Callable[[Sentence], Question | None]]
"""A test, and the question of the sentences that it fits."""


def first_of(cases: Sequence[Case], sentence: Sentence) -> Question | None:
    """Return the question of the first case that fits; None if none does."""
    return next((answer(sentence) for fits, answer in cases if fits(sentence)), None)

"""Plain English to one typed question, by rules alone: deterministic and in linear time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.features.assistant.model.grammar.cues import FAREWELL, Cue
from bot.features.assistant.model.grammar.decide import decide
from bot.features.assistant.model.grammar.scanner import LONGEST, Piece, scan
from bot.features.assistant.model.questions import Greeting, Help, Question, Thanks

_PRAISE = {"perfect", "great", "brilliant", "lovely", "super", "nice", "cool", "awesome", "excellent"}
# Cues that never become part of a name beside them, capital or not.
_NEVER = {Cue.NUMBER, Cue.MONEY, Cue.THANKS, Cue.GREETING, Cue.LINK}
_SOCIAL = {Cue.GREETING, Cue.THANKS, Cue.FILLER}


def understand(text: str) -> Question | None:
    """Return the question; None if the text isn't one that we know. Never raises."""
    if len(text) > LONGEST:
        return None
    pieces = scan(text)
    if not pieces:
        return Help() if text.strip() and not text.strip().strip("?") else None
    social = _social(pieces)
    if social is not None:
        return social
    return decide(_with_capitals(pieces)) or decide(scan(text, forgiving=True))


def _social(pieces: Sequence[Piece]) -> Question | None:
    """Return thanks or a greeting; None if the sentence asks something."""
    if all(piece.cue in _SOCIAL or piece.text.casefold() in FAREWELL for piece in pieces):
        if any(piece.cue is Cue.THANKS or piece.text.casefold() in _PRAISE for piece in pieces):
            return Thanks()
        if any(piece.cue is Cue.GREETING for piece in pieces):
            return Greeting()
    return None


def _with_capitals(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return the pieces, with a capitalised cue beside a name inside the sentence read as part of the name."""
    # As in “Stop Gap Services”.
    if not any(piece.text[:1].islower() and piece.cue is not Cue.NAME for piece in pieces):
        return pieces

    def is_name(at: int) -> bool:
        return 0 <= at < len(pieces) and pieces[at].cue is Cue.NAME and pieces[at].text[:1].isupper()

    def reads(at: int, piece: Piece) -> Piece:
        beside = is_name(at - 1) or is_name(at + 1)
        capital = piece.text[:1].isupper() and not piece.text.isupper() and " " not in piece.text
        return replace(piece, cue=Cue.NAME) if at and capital and beside and piece.cue not in _NEVER else piece

    return tuple(reads(at, piece) for at, piece in enumerate(pieces))

"""Questions about several customers: lists, the largest debtors, and a comparison."""

from __future__ import annotations

from collections.abc import Sequence

from bot.features.assistant.model.grammar import names as naming
from bot.features.assistant.model.grammar.cues import Cue
from bot.features.assistant.model.grammar.scanner import Piece
from bot.features.assistant.model.questions import Compare, Largest, OverLimit, Question, Subject, WhoIsOnHold

MOST = 50

_OTHERS = {Cue.CONTACT, Cue.TERMS, Cue.REP, Cue.WATCH, Cue.AGED, Cue.INVOICES, Cue.ORDERS}


def listing(pieces: Sequence[Piece], cues: frozenset[Cue]) -> Question | None:
    """Return the list asked for, as in “Who is on stop in the north?”, “who's over their limit?”, “top ten debtors”."""
    if cues & _OTHERS:
        return None
    if Cue.MOST in cues and (cues & {Cue.BALANCE, Cue.LIST, Cue.ALL} or _is_plain(pieces)):
        return Largest(_count(pieces))
    if not _is_list(pieces, cues):
        return None
    mine = Cue.MINE in cues
    words = " ".join(naming.names([piece for piece in pieces if piece.number is None]))
    if Cue.OVER in cues:
        return OverLimit(words, mine)
    if Cue.HOLD in cues:
        minimum = next((piece.number for piece in pieces if piece.cue is Cue.MONEY), None)
        return WhoIsOnHold(words, mine, minimum)
    return None


def comparison(pieces: Sequence[Piece], cues: frozenset[Cue]) -> Question | None:
    """Return a comparison of two customers, separated by “vs” and the like or, without one, by “and”."""
    between = [at for at, piece in enumerate(pieces) if piece.cue is Cue.VERSUS]
    if Cue.COMPARE not in cues and not any(pieces[at].text.casefold() != "or" for at in between):
        return None
    splits = between or [at for at, piece in enumerate(pieces) if piece.text.casefold() in {"and", "with", "to", "&"}]
    for at in splits:
        first, second = _one(pieces[:at]), _one(pieces[at + 1 :])
        if first is not None and second is not None:
            return Compare(first, second)
    return None


def _one(pieces: Sequence[Piece]) -> Subject | None:
    if naming.names(pieces):
        return naming.subject(pieces)
    return naming.subject(pieces) if any(piece.cue is Cue.IT for piece in pieces) else None


def _is_list(pieces: Sequence[Piece], cues: frozenset[Cue]) -> bool:
    if cues & {Cue.LIST, Cue.MINE}:
        return True
    named = bool(naming.names(pieces))
    whole = any(piece.text.casefold() == "stop" for piece in pieces[:1]) or Cue.ALL in cues
    is_phrase = all(piece.cue in {Cue.HOLD, Cue.FILLER, Cue.ALL, Cue.THANKS, Cue.JOINER, Cue.MODAL} for piece in pieces)
    says_list = is_phrase and any(piece.phrase.endswith("list") for piece in pieces)
    return not named and (whole or says_list)


def _is_plain(pieces: Sequence[Piece]) -> bool:
    return not naming.names([piece for piece in pieces if piece.number is None])


def _count(pieces: Sequence[Piece]) -> int:
    said = next((piece.number for piece in pieces if piece.cue is Cue.NUMBER and piece.number is not None), None)
    return max(1, min(int(said), MOST)) if said is not None else Largest().count

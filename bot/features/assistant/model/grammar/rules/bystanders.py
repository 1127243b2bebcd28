"""Words that look like a customer and are none: people who are spoken of, and nouns with an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.features.assistant.model.grammar.rules.one import KINDS
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece

_TITLES = {"mr", "mrs", "ms", "miss", "dr"}
_ARTICLES = {"a", "an", "the", "my", "your", "some", "any", "no", "our", "their", "his", "her", "this", "that", "these"}
_LONG = 12  # pieces
_ASKS = {cue for cue, _ in KINDS} | {Cue.WHO, Cue.CUSTOMERS, Cue.SHIP, Cue.MONEY}


def without_bystanders(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with people and plain nouns as words that fill, where a customer or a pronoun is left."""
    people = _people(pieces)
    names = [at for at, piece in enumerate(pieces) if piece.cue is Cue.NAME]
    left = [at for at in names if at not in people]
    gone = set(people) if left else set()
    nouns = {at for at in left if pieces[at].is_english and _is_noun(pieces, at)}
    gone |= nouns | {at for at in left if pieces[at].is_english and _is_before_a_name(pieces, at)}
    gone |= {at for at in left if pieces[at].text.islower() and len(left) > 1 and _is_ordered(pieces, at)}
    gone |= {at for at, piece in enumerate(pieces) if piece.phrase == "my" and _is_one_of_mine(pieces[at + 1 : at + 3])}
    gone |= {at for at, piece in enumerate(pieces) if piece.phrase == "my" and _is_person(pieces[at + 1 : at + 2])}
    asks = any(piece.cue in _ASKS for piece in pieces)
    gone_as = Cue.FILLER if asks else Cue.ORDINARY
    return tuple(
        replace(piece, cue=gone_as, is_noun=at in nouns) if at in gone else piece for at, piece in enumerate(pieces)
    )


def _is_before_a_name(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a small word stands before a name with a capital: “apparently Lowmarsh”."""
    after = next((piece for piece in pieces[at + 1 :] if not piece.is_english), None)
    return pieces[at].text.islower() and after is not None and after.cue is Cue.NAME and after.text[:1].isupper()


def _is_person(following: Sequence[Piece]) -> bool:
    """Return whether “my” is of a person and not of a list: “my colleague”, “my boss”."""
    return bool(following) and (following[0].is_english or following[0].cue is Cue.ORDINARY)


def _is_one_of_mine(following: Sequence[Piece]) -> bool:
    """Return whether “my” is of the one who is named: “my customer Pennine”."""
    words = [piece.phrase for piece in following[:1]]
    return words in (["customer"], ["client"], ["account"]) and following[-1].cue is Cue.NAME


def _is_ordered(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a word is what is ordered: “£900 of oil”, “12000 euros worth of gearboxes”."""
    before = [piece for piece in pieces[max(0, at - 3) : at] if piece.cue is not Cue.FILLER]
    is_of = before[-1:] and before[-1].phrase == "of" and len(before) > 1
    return bool(is_of) and before[-2].cue in {Cue.MONEY, Cue.TOTAL, Cue.SHIP} and not pieces[at].is_reference


def _people(pieces: Sequence[Piece]) -> set[int]:
    """Return where people stand: “Mr Dhillon has asked”, “Sophie's pitching Pennine”."""
    found: set[int] = set()
    for at, piece in enumerate(pieces):
        following = pieces[at + 1] if at + 1 < len(pieces) else None
        if piece.phrase in _TITLES and following is not None and following.cue is Cue.NAME:
            found |= {at, at + 1}
        is_doing = following is not None and following.phrase.endswith("ing") and following.text.islower()
        if piece.cue is Cue.NAME and piece.text.endswith("'s") and is_doing and not at:
            found |= {at, at + 1} if following is not None and following.cue is Cue.NAME else {at}
    return found


def _is_noun(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether an English word follows an article, or a pronoun that it can't be the name for."""
    first = at
    while first and pieces[first - 1].is_english:
        first -= 1
    if first and (pieces[first - 1].phrase in _ARTICLES or pieces[first - 1].phrase.split()[-1:] == ["the"]):
        return not (at + 1 < len(pieces) and pieces[at + 1].cue is Cue.NAME and not pieces[at + 1].is_english)
    beside = [*pieces[max(0, first - 1) : first], *pieces[at + 1 : at + 2]]
    if any(piece.cue is Cue.NAME for piece in beside) or (first and pieces[first - 1].cue is Cue.LINK):
        return False
    before = pieces if len(pieces) > _LONG else pieces[:first]
    return any(piece.cue is Cue.IT for piece in before)

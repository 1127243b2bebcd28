"""The customer's name in a sentence: the words that are no cue."""

from __future__ import annotations

from collections.abc import Sequence

from bot.features.assistant.model.grammar.cues import Cue
from bot.features.assistant.model.grammar.scanner import Piece
from bot.features.assistant.model.questions import It, Named

_LEADS = {Cue.LINK}


def names(pieces: Sequence[Piece]) -> list[str]:
    """Return every run of unknown words, in order. “of” and “and” between two belong to the name."""
    return [_spelt(pieces[start:end]) for start, end in _runs(pieces)]


def subject(pieces: Sequence[Piece]) -> Named | It:
    """Return the customer a question is about: a name after “for”, “on” or “of” first; without a name, It."""
    runs = _runs(pieces)
    if not runs:
        return It()
    led = [run for run in runs if run[0] and _leads(pieces[run[0] - 1])]
    start, end = (led or sorted(runs, key=lambda run: run[0] - run[1]))[-1 if led else 0]
    return Named(_spelt(pieces[start:end]))


def _leads(piece: Piece) -> bool:
    return piece.cue in _LEADS or piece.text.casefold() in {"of", "customer", "account", "client"}


def _runs(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for at, piece in enumerate(pieces):
        if piece.cue not in {Cue.NAME, Cue.NUMBER}:
            continue
        if found and all(between.cue is Cue.JOINER for between in pieces[found[-1][1] : at]):
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
    return found


def _spelt(pieces: Sequence[Piece]) -> str:
    """Return the name as typed, without a possessive at its end: Sage looks for part of a name."""
    words = " ".join(piece.text for piece in pieces)
    for ending in ("'s", "'S"):
        words = words.removesuffix(ending)
    return words.strip(" ',.-&")

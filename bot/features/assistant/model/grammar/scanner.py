"""Cutting a sentence into pieces: each word or phrase with its cue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.domain.folding import straightened
from bot.features.assistant.model.grammar import amounts
from bot.features.assistant.model.grammar.cues import MISSPELT, TABLE, Cue

LONGEST = 400
"""Characters. A longer text is no question about a customer."""

_LONGEST_PHRASE = 8

_SLACK = re.compile(r"<[@#!][^<>]{0,80}>|(?<!\S):[a-z0-9_+'-]{1,40}:(?!\S)")
# Slack turns anything like an address into a link; the typed text is behind the bar.
_LINK = re.compile(r"<[a-z]{2,10}:[^<>|]{1,300}\|([^<>|]{1,100})>")
_WORD = re.compile(r'"(?P<quoted>[^"]{1,100})"|[^\s"?!;()\[\]{}]+')
_EDGES = ".,:;-–—*_~`…'/"


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a name or one phrase: `text` as typed, `phrase` as looked up, `number` that of an amount."""

    cue: Cue
    text: str
    phrase: str = ""
    number: Decimal | None = None


def scan(text: str, *, forgiving: bool = False) -> tuple[Piece, ...]:
    """Return the pieces in order. `forgiving` reads a mistyped word as the nearest known one."""
    words = tuple(_words(text[:LONGEST]))
    keys = [key for _, key in words]
    if forgiving:
        keys = [_corrected(key) for key in keys]
    found: list[Piece] = []
    at = 0
    while at < len(words):
        cue, used, number = _next(keys[at : at + _LONGEST_PHRASE])
        typed = " ".join(word for word, _ in words[at : at + used])
        found.append(Piece(cue, typed, " ".join(keys[at : at + used]), number))
        at += used
    return tuple(found)


def _words(text: str) -> Iterable[tuple[str, str]]:
    """Yield each word as typed and as looked up. A quoted word is looked up as "", so it is always a name."""
    plain = _SLACK.sub(" ", _LINK.sub(r"\1", straightened(text)))
    plain = "".join(" " if unicodedata.category(mark) in {"So", "Sk", "Cc", "Cf"} else mark for mark in plain)
    for match in _WORD.finditer(plain):
        if match["quoted"] is not None:
            yield match["quoted"].strip(), ""
            continue
        word = match[0].strip(_EDGES) if match[0].strip(_EDGES) else ""
        if word:
            yield word, word.casefold().replace("'", "")


def _next(keys: Sequence[str]) -> tuple[Cue, int, Decimal | None]:
    said = amounts.read(keys)
    for phrase, cue in TABLE.get(keys[0], ()):
        if tuple(keys[: len(phrase)]) == phrase and (said is None or len(phrase) > said.words):
            return cue, len(phrase), None
    if said is not None:
        return (Cue.MONEY if said.is_money else Cue.NUMBER), said.words, said.amount
    return Cue.NAME, 1, None


@lru_cache(maxsize=2_000)
def _corrected(key: str) -> str:
    if len(key) < 4 or len(key) > 14 or key in TABLE:
        return key
    allowed = 1 if len(key) < 8 else 2
    for known in MISSPELT:
        if OSA.distance(key, known, score_cutoff=allowed) <= allowed:
            return known
    return key

"""What a sentence is like: the kind of question that its words point at, by weights learnt from the corpora."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece

WEIGHTS = Path(__file__).with_name("likeness.json.gz")
SCALE = 4
_GRAM = 4  # letters
_LONGEST = 8  # words told apart by number
_SAYS_NOTHING = {Cue.COMMA, Cue.FILLER}


@dataclass(frozen=True, slots=True)
class Likeness:
    """The kind that a sentence is most like, and by how much more than like the next, for each of its features."""

    kind: str
    margin: float
    known: float
    """The share of the words that were learnt."""


def features(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """Return what is weighed: words, pairs of words, groups of letters, cues. Names and figures are one word each."""
    words = list(_words(pieces))
    around = ["<", *words, ">"]
    found = [f"w{word}" for word in words]
    for word in words:
        ends = f"<{word}>"
        found += [f"c{ends[at : at + _GRAM]}" for at in range(len(ends) - _GRAM + 1)]
    found += [f"b{one} {two}" for one, two in itertools.pairwise(around)]
    found += [f"s{one} {two}" for one, two in zip(around, around[2:], strict=False)]
    found += [f"C{piece.cue.name}" for piece in pieces if piece.cue not in _SAYS_NOTHING]
    found += [f"F{words[0]}"] if words else []
    return (*dict.fromkeys(found), f"L{min(len(words), _LONGEST)}")


def most_like(pieces: Sequence[Piece]) -> Likeness:
    """Return the kind of question that the pieces are most like."""
    said = features(pieces)
    kinds, weights = _learnt()
    scores = [0] * len(kinds)
    for feature in said:
        for kind, weight in weights.get(feature, ()):
            scores[kind] += weight
    first, second = sorted(range(len(kinds)), key=lambda at: -scores[at])[:2]
    words = [feature for feature in said if feature.startswith("w")]
    share = sum(word in weights for word in words) / max(1, len(words))
    return Likeness(kinds[first], (scores[first] - scores[second]) / (SCALE * len(said)), share)


@lru_cache(maxsize=1)
def _learnt() -> tuple[tuple[str, ...], Mapping[str, Sequence[tuple[int, int]]]]:
    read = json.loads(gzip.decompress(WEIGHTS.read_bytes()))
    weights = {feature: tuple(zip(each[::2], each[1::2], strict=True)) for feature, each in read["weights"].items()}
    return tuple(read["kinds"]), weights


def _words(pieces: Sequence[Piece]) -> Iterable[str]:
    was_name = False
    for piece in pieces:
        is_name = piece.cue is Cue.NAME and not piece.is_english
        if is_name and not was_name:
            yield "N"
        elif piece.cue in {Cue.NUMBER, Cue.MONEY}:
            yield "0"
        elif piece.cue is not Cue.COMMA and not is_name:
            yield from piece.phrase.split()
        was_name = is_name

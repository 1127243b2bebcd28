"""A long message by its clauses: the one that asks, and the customer whom another one names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.features.assistant.model.follow_up import is_of_many
from bot.features.assistant.model.grammar.rules.bystanders import without_bystanders
from bot.features.assistant.model.grammar.rules.sentence import Sentence
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece, scan
from bot.features.assistant.model.questions import (
    AboutMany,
    AboutOne,
    Compare,
    It,
    Named,
    OfEach,
    Question,
    Unsaid,
    WholeCard,
)

_ENDS = re.compile(
    r"(?i)\s+and\s+(?=i'll|i will|we'll)|[.!?;:]+\s+|\s+[-–—]+\s+|,\s*(?!\d)|\n+|"
    r"\s+(?:because|cos|coz|so|but|anyway|although|though|by the way|and then|well)\s+"
)
_MOST = 12
_LONGEST = 1_000  # characters; beyond it nobody asks, and runs of blanks would take long to split
_OPENS = {Cue.ASKING, Cue.MODAL, Cue.SINCE, Cue.HOW_MUCH, Cue.WHY, Cue.WHO, Cue.WHICH, Cue.HOW_MANY}
_BEFORE, _FEWEST = 4, 2
_SUPPOSES = {"if", "unless", "in case"}


def by_clause(text: str, read: Callable[[str], Question | None]) -> Question | None:
    """Return the question of the clause that asks, about the customer named beside it; None if no clause asks."""
    if len(text) > _LONGEST:
        return None
    parts = [part for part in _ENDS.split(text) if part and part.strip()][:_MOST]
    if len(parts) < 2:
        return None
    found = [(at, question) for at, part in enumerate(parts) if _asks(question := read(part), part)]
    if not found:
        return None
    many = [question for _, question in found if is_of_many(question)]
    if many:
        return _narrowed(many[-1], parts)  # never the figure of one
    asking = [(at, question) for at, question in found if _opens(parts[at])] or found
    at, question = asking[-1]
    return _about(question, _named(parts, at)) if isinstance(question, AboutOne) else question


def _narrowed(question: Question | None, parts: list[str]) -> Question | None:
    """Return the list, narrowed by a clause that is a name alone: “George - anything over 60 days”."""
    names = [part.strip() for part in parts if all(_is_proper(piece) for piece in scan(part))]
    is_open = isinstance(question, AboutMany) and not question.words
    return replace(question, words=names[0]) if names and is_open and isinstance(question, AboutMany) else question


def _asks(question: Question | None, part: str) -> bool:
    if isinstance(question, AboutOne):
        return not isinstance(question, WholeCard)
    # “On average” alone is no question about all.
    is_total = is_of_many(question) and len(part.split()) > _FEWEST
    return isinstance(question, AboutMany | Compare | OfEach) or is_total


def _opens(part: str) -> bool:
    """Return whether a clause begins like a question."""
    first = scan(part)[:_BEFORE]
    return any(piece.cue in _OPENS for piece in first) and first[0].phrase not in _SUPPOSES


def _about(question: AboutOne, name: str) -> AboutOne:
    if isinstance(question.who, Named) and any(_is_proper(piece) for piece in scan(question.who.words)):
        return question
    if name:
        return replace(question, who=Named(name))
    return replace(question, who=It()) if isinstance(question.who, Unsaid) else question


def _named(parts: list[str], at: int) -> str:
    """Return the customer of the nearest clause before that one, else after it; "" if none names one."""
    for part in (*reversed(parts[:at]), *parts[at + 1 :]):
        names = Sentence(list(without_bystanders(scan(part)))).names
        proper = [name for name in names if any(_is_proper(piece) for piece in scan(name))]
        if proper:
            return proper[-1]
    return ""


def _is_proper(piece: Piece) -> bool:
    return piece.cue is Cue.NAME and not piece.is_common

"""What a sentence asks that no rule reads: the kind it is most like, with the names that the rules find in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.cues import Cue
from bot.features.assistant.model.grammar.likeness import most_like
from bot.features.assistant.model.grammar.lists import is_of_many
from bot.features.assistant.model.grammar.scanner import Piece, scan
from bot.features.assistant.model.grammar.sentence import Sentence
from bot.features.assistant.model.questions import (
    AboutMany,
    AboutOne,
    CannotAnswer,
    OfEach,
    Question,
    Subject,
    Topic,
    Unsaid,
    WholeCard,
)

# Nothing that holds, releases or watches is guessed.
_ONE: Mapping[str, Callable[[Subject], AboutOne]] = {
    "card": ask.WholeCard,
    "on_hold": ask.IsOnHold,
    "why_held": ask.Why,
    "hold_history": ask.HoldHistory,
    "balance": ask.Balance,
    "limit": ask.Limit,
    "headroom": ask.Headroom,
    "orders": ask.Orders,
    "invoices": ask.Invoices,
    "aged": ask.AgedDebt,
    "overdue": ask.Overdue,
    "last_paid": ask.LastPaid,
    "days_late": ask.DaysLate,
    "contact": ask.Contact,
    "terms": ask.Terms,
    "rep": ask.Rep,
    "put_on_hold": ask.PutOnHold,
    "release": ask.Release,
}
_MANY: Mapping[str, type[AboutMany]] = {
    "list_on_hold": ask.WhoIsOnHold,
    "list_over_limit": ask.OverLimit,
    "list_biggest": ask.Largest,
    "list_overdue": ask.ListOverdue,
    "list_promised": ask.ListPromised,
    "list_suggested": ask.ListSuggested,
    "list_disputed": ask.ListDisputed,
    "list_warned": ask.ListWarned,
}
_PLAIN: Mapping[str, Question] = {
    "greeting": ask.Greeting(),
    "thanks": ask.Thanks(),
    "help": ask.Help(),
    "connect": ask.Connect(),
    "total_debt": CannotAnswer(Topic.TOTALS),
    "list_over_percent": CannotAnswer(Topic.NEAR_LIMIT),
    "out_of_scope": CannotAnswer(Topic.OTHER),
}
_SURE, _SURER = 0.1, 0.15
"""How much more than the next kind: where no rule reads the sentence, and where one reads a bare name in it."""
_KNOWN = 0.6
"""The least share of words that were learnt."""
_SOCIAL, _SOCIABLE = {"thanks", "greeting", "help"}, 0.4
_OF_A_NAME = {Cue.NAME, Cue.JOINER, Cue.COMMA, Cue.FILLER, Cue.AGAIN, Cue.GREETING}


def guessed(question: Question | None, pieces: Sequence[Piece]) -> Question | None:
    """Return the question that the sentence is most like, where the rules aren't sure of theirs."""
    unknown = any(piece.cue is Cue.NAME and not (piece.is_reference or piece.is_common) for piece in pieces)
    is_noise = unknown and any(piece.is_reference for piece in pieces)
    least = _least(question, pieces) if pieces and not is_noise else None
    if least is None:
        return question
    like, sentence = most_like(pieces), Sentence(pieces)
    if like.kind in _SOCIAL:
        least = _SOCIABLE
    if like.margin < least or like.known < _KNOWN:
        return question
    made = _made(like.kind, sentence)
    # What asks for a list is never answered with one customer.
    of_one = isinstance(made, AboutOne | OfEach) and question == CannotAnswer(Topic.OTHER_LISTS)
    return question if made is None or of_one else made


def _least(question: Question | None, pieces: Sequence[Piece]) -> float | None:
    """Return how sure a guess must be; None where the rules are sure."""
    if question is None or question in (CannotAnswer(Topic.OTHER), CannotAnswer(Topic.OTHER_LISTS)):
        return _SURE
    if not isinstance(question, WholeCard) or any(piece.cue is Cue.CARD for piece in pieces):
        return None
    is_bare = all(piece.cue in _OF_A_NAME and (not piece.is_english or piece.text[:1].isupper()) for piece in pieces)
    return None if is_bare else _SURER


def _made(kind: str, sentence: Sentence) -> Question | None:
    if kind in _PLAIN:
        return _PLAIN[kind] if not sentence.has_reference else None
    if kind in _MANY:
        return _MANY[kind](" ".join(filter(_is_proper, sentence.names)), sentence.has(Cue.MINE))
    if kind not in _ONE or is_of_many(sentence) or isinstance(sentence.subjects[0], Unsaid):
        return None
    return sentence.each(_ONE[kind])


def _is_proper(name: str) -> bool:
    return any(piece.cue is Cue.NAME and not piece.is_common for piece in scan(name))

"""What a sentence asks that no rule reads: the kind it is most like, with the names that the rules find in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.rules.counted import counted
from bot.features.assistant.model.grammar.rules.lists import is_of_many, list_of, says_which_of_several, takes_back
from bot.features.assistant.model.grammar.rules.sentence import Sentence
from bot.features.assistant.model.grammar.rules.states import own_state
from bot.features.assistant.model.grammar.words.amounts import currency_of
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.likeness import most_like
from bot.features.assistant.model.grammar.words.scanner import Piece, scan
from bot.features.assistant.model.questions import (
    AboutMany,
    AboutOne,
    CannotAnswer,
    It,
    Named,
    OfEach,
    Question,
    Subject,
    Topic,
    Unsaid,
)

# A wish to watch is not guessed, for it is done at once; one to hold or release is only answered with how.
_ONE: Mapping[str, type[AboutOne]] = {
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
    "list_over_percent": ask.NearLimit,
    "list_biggest": ask.Largest,
    "total_debt": ask.LedgerTotal,
    "list_overdue": ask.ListOverdue,
    "list_promised": ask.ListPromised,
    "list_suggested": ask.ListSuggested,
    "list_disputed": ask.ListDisputed,
    "list_chase": ask.ListChase,
    "list_warned": ask.ListWarned,
}
_PLAIN: Mapping[str, Question] = {
    "greeting": ask.Greeting(),
    "thanks": ask.Thanks(),
    "help": ask.Help(),
    "connect": ask.Connect(),
    "status": ask.Status(),
    "other_lists": CannotAnswer(Topic.OTHER_LISTS),
    "out_of_scope": CannotAnswer(Topic.OTHER),
}

# What the rules read so narrowly that they are right where the likeness differs.
_TRUSTED = (
    ask.Again,
    ask.Compare,
    ask.Connect,
    ask.DaysLate,
    ask.Help,
    ask.HoldHistory,
    ask.Invoices,
    ask.ListBroken,
    ask.ListChase,
    ask.ListDisputed,
    ask.ListPromised,
    ask.ListPutOnHold,
    ask.ListReleased,
    ask.ListSuggested,
    ask.ListWarned,
    ask.NearLimit,
    ask.Orders,
    ask.PutOnHold,
    ask.Release,
    ask.SinceWhen,
    ask.Status,
    ask.Unwatch,
    ask.Watch,
)
_OF_MANY = (
    Cue.WHO,
    Cue.CUSTOMERS,
    Cue.ALL,
    Cue.MINE,
    Cue.OWERS,
    Cue.HOW_MANY,
    Cue.MOST,
    Cue.TOTAL,
    Cue.OURS,
)
_MANY_TOPICS = {Topic.TOTALS, Topic.OTHER_LISTS}
_DOUBTED_TOPICS = {Topic.OTHER, Topic.OTHER_LISTS}
_DOUBTED, _READ = 0.15, 0.5
"""How much more than the next kind: where no rule reads the sentence, and where one does."""
_ELLIPSIS = 3
"""The most pieces of a follow-up that says nearly nothing."""
_LESS = {"other_lists", "help"}
"""Kinds that say less than whatever a rule reads."""
_WISHES = {"put_on_hold", "release"}
_OF_A_STATE = {Cue.NAME, Cue.HOLD, Cue.JOINER, Cue.COMMA}
_KNOWN = 0.6
"""The least share of words that were learnt."""
_OF_NOTHING = {Cue.FILLER, Cue.JOINER, Cue.LINK, Cue.COMMA, Cue.NUMBER}
_OF_A_NAME = {Cue.NAME, Cue.JOINER, Cue.COMMA, Cue.FILLER, Cue.AGAIN, Cue.GREETING}


def guessed(question: Question | None, pieces: Sequence[Piece]) -> Question | None:
    """Return the question that the sentence is most like, where that is surer than what the rules read."""
    if question is None and all(piece.cue in _OF_NOTHING for piece in pieces):
        return None  # “the first one” is like nothing
    least = _least(question, pieces) if pieces else None
    if least is None:
        return question
    like, sentence = most_like(pieces), Sentence(counted(pieces))
    if like.margin < least or like.known < _KNOWN or _says_more(question, like.kind, sentence):
        return question
    if _says(question, like.kind) or _is_of_several_kinds(question) or sentence.has(Cue.UNALLOCATED):
        return question
    is_unread = question is None or (isinstance(question, CannotAnswer) and bool(sentence.names))
    if is_unread and sentence.has(Cue.AGAIN) and like.kind in _MANY:
        return question  # “what about the lads in Hull” goes on with what was asked, whatever it was
    made = _made(like.kind, sentence, question)
    # What asks for a list, in either reading, is never answered with one customer.
    is_narrowed = isinstance(made, AboutOne | OfEach) and (is_of_many(sentence) or _is_list(question))
    is_narrowed |= isinstance(made, AboutMany) and _names_one(question) and not sentence.has(*_OF_MANY)
    is_narrowed |= isinstance(question, OfEach) and isinstance(made, AboutMany) and says_which_of_several(sentence)
    return question if made is None or is_narrowed else made


def _says_more(question: Question | None, kind: str, sentence: Sentence) -> bool:
    """Return whether what a rule reads says more than this kind."""
    if isinstance(question, ask.Headroom) and kind == "balance":
        return True  # “exposure” is the balance with the orders
    if isinstance(question, ask.Balance) and kind == "order":
        return not sentence.has(Cue.ORDER, Cue.SHIP)  # “does ABS001 owe more than £5,000”
    if kind in _WISHES and isinstance(question, AboutOne | OfEach):
        return sentence.cues <= _OF_A_STATE and sentence.says("on hold", "on stop")  # “the brothers on stop?”
    return question is not None and kind in _LESS


def _is_of_several_kinds(question: Question | None) -> bool:
    """Return whether a rule reads several questions about one customer: “balance and last payment”."""
    return isinstance(question, OfEach) and len({type(each) for each in question.questions}) > 1


def _names_one(question: Question | None) -> bool:
    """Return whether a rule reads a name with a word that is no ordinary English."""
    who = question.who if isinstance(question, AboutOne) else None
    return isinstance(who, Named) and any(not piece.is_common for piece in scan(who.words))


def _is_list(question: Question | None) -> bool:
    if isinstance(question, CannotAnswer):
        return question.topic in _MANY_TOPICS
    return isinstance(question, AboutMany)


def _least(question: Question | None, pieces: Sequence[Piece]) -> float | None:
    """Return how sure a guess must be; None where the rules are believed."""
    if question is None or question == CannotAnswer(Topic.OTHER):
        return _DOUBTED
    if isinstance(question, CannotAnswer):
        return _READ if question.topic in _DOUBTED_TOPICS else None
    if isinstance(question, ask.WholeCard) and (_is_bare(pieces) or _has_card(pieces)):
        return None
    first = question.questions[0] if isinstance(question, OfEach) else question
    is_ellipsis = isinstance(question, AboutOne) and isinstance(question.who, It) and len(pieces) <= _ELLIPSIS
    is_narrow = isinstance(question, ask.Largest) and question.minimum is not None
    return None if is_ellipsis or is_narrow or isinstance(first, _TRUSTED) else _READ


def _has_card(pieces: Sequence[Piece]) -> bool:
    """Return whether it asks for what stands on the card by a word for it: “the account card”, “any notes”."""
    return any(piece.cue in {Cue.CARD, Cue.TOPIC} for piece in pieces)


def _is_bare(pieces: Sequence[Piece]) -> bool:
    return all(piece.cue in _OF_A_NAME and (not piece.is_english or piece.text[:1].isupper()) for piece in pieces)


def _says(question: Question | None, kind: str) -> bool:
    """Return whether the rules read this kind."""
    first = question.questions[0] if isinstance(question, OfEach) else question
    alike: Mapping[str, type[Question]] = {**_ONE, **_MANY, "order": ask.CanOrder}
    if isinstance(first, AboutMany) and kind in _MANY and own_state(_MANY[kind]) in first.states:
        return True  # “over limit and on hold” is both
    is_why = kind == "why_held" and isinstance(first, ask.SinceWhen)  # reason and date are in both answers
    is_read = kind in alike and isinstance(first, alike[kind])
    return is_read or is_why or (kind in _PLAIN and question == _PLAIN[kind])


def _made(kind: str, sentence: Sentence, question: Question | None) -> Question | None:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _MANY:
        return None if sentence.has_reference else _listed(kind, sentence)
    if kind == "order":
        amount = next(iter([*sentence.of(Cue.MONEY), *reversed(sentence.of(Cue.NUMBER))]), None)
        rest = Sentence([piece for piece in sentence.pieces if piece is not amount])
        number, currency = (amount.number, currency_of(amount.text)) if amount is not None else (None, "")
        return _of_one(rest, question, lambda who: ask.CanOrder(who, number, currency))
    return _of_one(sentence, question, _ONE[kind]) if kind in _ONE else None


def _of_one(sentence: Sentence, question: Question | None, make: Callable[[Subject], AboutOne]) -> Question | None:
    if isinstance(question, OfEach):
        return OfEach(tuple(make(each.who) for each in question.questions))
    if isinstance(question, AboutOne):
        return make(question.who)
    return None if isinstance(sentence.subjects[0], Unsaid) else sentence.each(make)


def _listed(kind: str, sentence: Sentence) -> Question | None:
    """Return the list with what narrows it; None for a list of what is not to be."""
    made, narrowed = _MANY[kind], [piece for piece in sentence.pieces if piece.cue is not Cue.NAME or _is_proper(piece)]
    return None if takes_back(made, sentence) else list_of(made, Sentence(narrowed))


def _is_proper(piece: Piece) -> bool:
    return not piece.is_common

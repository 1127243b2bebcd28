"""From the pieces of a sentence to a question: the first rule that reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.rules.counted import counted
from bot.features.assistant.model.grammar.rules.lists import comparison, is_of_many, listing
from bot.features.assistant.model.grammar.rules.off_topic import off_topic, something_else
from bot.features.assistant.model.grammar.rules.one import KINDS, about_one, again, card, hold_history
from bot.features.assistant.model.grammar.rules.sentence import Case, Sentence, first_of
from bot.features.assistant.model.grammar.rules.wishes import hold_or_release, may_order, watching
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece
from bot.features.assistant.model.questions import AboutOne, Both, CannotAnswer, It, Question, Topic, Unsaid

Rule = Callable[[Sentence], Question | None]
_ASKS_WHOM = (Cue.CONTACT, Cue.REP, Cue.WHY)
_WORDS_OF_MANY = (
    "who whos whove whod customers accounts clients debtors everyone everybody anyone anybody nobody companies"
)
_OF_MANY = frozenset(_WORDS_OF_MANY.split())
_KEEPS_ITS_WORDS = {Cue.CONTACT, Cue.REP, Cue.WHY, Cue.CARD, Cue.WATCH, Cue.UNWATCH, Cue.LAST_PAID}
_OF_CUSTOMERS = tuple({cue for cue, _ in KINDS} - {Cue.DETAIL, Cue.CONTACT, Cue.CHASE})


def decide(pieces: Sequence[Piece]) -> Question | None:
    """Return the question that these pieces make; None if they make none."""
    sentence = Sentence(counted(pieces))
    for rule in _RULES:
        found = rule(sentence)
        if found is not None:
            return _never_of_one(found, sentence)
    return None


def _never_of_one(question: Question, sentence: Sentence) -> Question:
    """Return the question; a list that we don't have, if “it” would answer a question about many."""
    if not isinstance(question, AboutOne) or not isinstance(question.who, It | Unsaid | Both):
        return question
    if is_of_many(sentence):
        return CannotAnswer(Topic.OTHER_LISTS)
    if sentence.has(*_ASKS_WHOM) and not sentence.has(Cue.CUSTOMERS, Cue.OWERS):
        return question  # “who do I ring”
    words = {word for piece in sentence.pieces if piece.cue not in _KEEPS_ITS_WORDS for word in piece.phrase.split()}
    return question if words.isdisjoint(_OF_MANY) else CannotAnswer(Topic.OTHER_LISTS)


def _about_us(sentence: Sentence) -> Question | None:
    """Return a question about the app itself or the asker's connection."""
    how_to = _asks_how_to(sentence) and not sentence.has(Cue.IT, Cue.CONNECT, Cue.STATUS)
    if sentence.has(Cue.ORDINARY) or (sentence.has(*_OF_CUSTOMERS) and not how_to):
        return None
    names = {word for name in sentence.names for word in name.casefold().split()}
    if how_to and not names:
        return ask.Help()
    if names:
        return (
            ask.Connect()
            if sentence.has(Cue.CONNECT) and (names <= {"sage", "id", "200"} or not sentence.has_proper_names)
            else None
        )
    return first_of(_ABOUT_US, sentence)


def _asks_how_to(sentence: Sentence) -> bool:
    """Return whether it asks how something is done, or what a word means: “how do I release an account”."""
    begins = " ".join(piece.text.casefold() for piece in sentence.pieces[:3])
    return begins.startswith(("how do i", "how can i", "how do you", "how to")) or bool(
        {"mean", "means"} & sentence.words
    )


_ABOUT_US: tuple[Case, ...] = (
    (lambda said: said.has(Cue.CONNECT), lambda _: ask.Connect()),
    (
        lambda said: said.has(Cue.STATUS) or (said.has(Cue.STATE) and not said.has(Cue.IT)),
        lambda _: ask.Status(),
    ),
    (lambda said: said.has(Cue.HELP), lambda _: ask.Help()),
)
_RULES: tuple[Rule, ...] = (
    watching,
    comparison,
    hold_history,
    off_topic,
    _about_us,
    listing,
    hold_or_release,
    may_order,
    about_one,
    again,
    card,
    something_else,
)

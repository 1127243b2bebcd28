"""What people say is the question that is meant: the corpus, what is of many and what of one, and any text at all."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.assistant.model.follow_up import is_of_many
from bot.features.assistant.model.grammar.rules.left_out import left_out
from bot.features.assistant.model.grammar.rules.understand import understand
from bot.features.assistant.model.grammar.words.cues import TABLE, Cue
from bot.features.assistant.model.grammar.words.scanner import LONGEST
from bot.features.assistant.model.grammar.words.spelling import MEANT
from bot.features.assistant.model.questions import (
    LAST,
    AboutMany,
    AboutOne,
    Balance,
    Both,
    CannotAnswer,
    CanOrder,
    Contact,
    HoldHistory,
    IsOnHold,
    It,
    ListOverdue,
    Named,
    Nth,
    OfEach,
    Overdue,
    PutOnHold,
    Release,
    Topic,
    Unsaid,
    WhoIsOnHold,
    WholeCard,
)
from tests.features.assistant.corpora import alike, cases
from tests.slack.hostile import whatever_things_are_called


def score(name: str) -> float:
    """Per cent right; the wrong ones are printed, as the test's failure shows them."""
    every = list(cases(name))
    wrong = [(text, meant, understand(text)) for text, meant in every if not alike(understand(text), meant)]
    for text, meant, understood in wrong:
        print(f"{text!r}: meant {meant}, understood {understood}")  # noqa: T201 - that is what the test is for
    right = 100 * (1 - len(wrong) / len(every))
    print(f"{name}: {right:.1f}% of {len(every)}")  # noqa: T201
    return right


def test_the_corpus():
    assert score("corpus.txt") == 100


_NAMES = re.compile(
    r"(?i)abs ?001|low0\d\d|hol001|abs garages|lowmarsh|carter haulage|brown'?s? ?(motors)?|£?[\d,.]+k?"
)


def test_the_corpus_is_large_and_of_many_shapes():
    texts = [text for text, _ in cases("corpus.txt")]
    shapes = {" ".join(_NAMES.sub("*", text.casefold()).split()) for text in texts}
    assert len(texts) >= 1_000
    assert len(shapes) >= 700


OF_MANY = [text for text, meant in cases("corpus.txt") if is_of_many(meant)]


@pytest.mark.parametrize("around", ["{}", "{}?", "hi, {} please", "{} thanks", "ok so {}", "{} at the moment"])
def test_a_question_about_many_is_never_answered_with_the_figure_of_one(around):
    said = [around.format(text) for text in OF_MANY]
    assert len(said) > 300
    of_one = {text: understand(text) for text in said if isinstance(understand(text), AboutOne | OfEach)}
    assert of_one == {}


EXCEPT = ("except", "apart from", "but not", "other than", "without", "excluding", "not counting", "bar", "besides")
LISTED = (
    "overdue in the north",
    "overdue",
    "on hold",
    "over limit",
    "in dispute",
    "promised to pay",
    "over 90 days",
    "everyone late",
)


@pytest.mark.parametrize("leaves_out", EXCEPT)
def test_all_but_one_are_many(leaves_out):
    """“Overdue except ABS001” asks of all others, and neither of ABS001 nor of those alone."""
    for listed, name in product(LISTED, ("ABS001", "lowmarsh", "abs garages and kerridge", "ABS001 and LOW011")):
        for said in (f"{listed} {leaves_out} {name}", f"{leaves_out} {name} {listed}"):
            question = understand(said)
            assert isinstance(question, AboutMany), said
            assert (question.words, question.also) == ("north" if "north" in listed else "", ()), said
            assert " and ".join(question.without).casefold() == name.casefold(), said
            assert left_out(said, question) == (), said


WISHES = [
    text
    for text, meant in cases("corpus.txt")
    if isinstance(meant, PutOnHold | Release)
    and text.casefold().startswith(("put", "take", "stick", "release", "stop"))
]


@pytest.mark.parametrize(
    "no", ["don't", "please don't", "pls do not", "never", "you mustn't", "we shouldn't", "no need to"]
)
def test_a_wish_that_is_not_to_be_done_is_none(no):
    assert len(WISHES) > 20
    assert {text for text in WISHES if isinstance(understand(f"{no} {text}"), PutOnHold | Release)} == set()


OF_MANY_WORDS = {"who", "whos", "customers", "accounts", "clients", "everyone", "anyone", "debtors"}
ASKS_WHOM = {Cue.CONTACT, Cue.REP, Cue.WHY, Cue.CARD, Cue.WATCH, Cue.UNWATCH, Cue.LAST_PAID, Cue.TOPIC}


def test_no_phrase_hides_that_many_are_asked_about():
    phrases = [
        " ".join(phrase)
        for known in TABLE.values()
        for phrase, cue, _ in known
        if OF_MANY_WORDS & set(phrase) and cue not in ASKS_WHOM
    ]
    assert len(phrases) > 40
    said = [f"{phrase} {more}" for phrase in phrases for more in ("overdue", "on hold", "balance", "credit left")]
    read = {text: understand(text) for text in said}
    assert {text for text, question in read.items() if isinstance(question, AboutOne) and question.who == It()} == set()


def test_it_needs_a_pronoun_or_an_ellipsis():
    assert understand("balance?") == Balance(It())
    assert understand("what do they owe us for everything that was sent out before the last delivery") == Balance(It())
    long = understand("how much money is actually outstanding on there if you look at the figures again today")
    assert long == Balance(Unsaid())


def test_every_misspelling_stands_for_known_words():
    unknown = {word for meant in MEANT.values() for word in meant if word not in TABLE and not _starts(word)}
    assert unknown == set()


def _starts(word: str) -> bool:
    return any(word in phrase for known in TABLE.values() for phrase, _, _ in known)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('balance of "Hold Fast Ltd"', Balance(Named("Hold Fast Ltd"))),
        ("balance for Stop Gap Services", Balance(Named("Stop Gap Services"))),
        ("Bank of Scotland", WholeCard(Named("Bank of Scotland"))),
        ("is Marks and Spencer on hold", IsOnHold(Named("Marks and Spencer"))),
        ("balance for 24 Seven Tyres", Balance(Named("24 Seven Tyres"))),
        ("is <http://abs.co.uk|abs.co.uk> on hold", IsOnHold(Named("abs.co.uk"))),
        ("put <@U0BEN> ABS on hold", PutOnHold(Named("ABS"))),
        ("bold ltd", WholeCard(Named("bold ltd"))),
        ("can 24 Seven Tyres have 500", CanOrder(Named("24 Seven Tyres"), Decimal(500))),
    ],
)
def test_names_made_of_our_own_words(text, meant):
    assert alike(understand(text), meant)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("was ABS Garages on hold last year", HoldHistory(Named("ABS Garages"))),
        ("was it on hold last month", HoldHistory(It())),
        ("who has never paid", CannotAnswer(Topic.OTHER_LISTS)),
        ("what's our vat number", CannotAnswer(Topic.ELSEWHERE)),
        ("which of the smiths are overdue", ListOverdue("smiths")),
        ("the first one", WholeCard(Nth(1))),
        ("first one please", WholeCard(Nth(1))),
        ("2", WholeCard(Nth(2))),
        ("number 3", WholeCard(Nth(3))),
        ("what does the 2nd one owe", Balance(Nth(2))),
        ("number 2's balance", Balance(Nth(2))),
        ("last one on that list, who's the contact", Contact(Nth(LAST))),
        ("tell me about the third one", WholeCard(Nth(3))),
        ("12345", WholeCard(Named("12345"))),
        ("who was the last one we stopped", WhoIsOnHold()),
        ("are both overdue", Overdue(Both())),
        ("more", None),
        ("is it safe", CanOrder(It())),
    ],
)
def test_what_sounds_like_another_question(text, meant):
    assert understand(text) == meant


@whatever_things_are_called
def test_hostile_words_raise_nothing(words):
    for text in (words, f"what is the balance of {words}", f"can {words} order £5"):
        understand(text)


_PHRASES = sorted(TABLE)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=LONGEST + 10), st.lists(st.sampled_from(_PHRASES), max_size=60).map(" ".join)))
def test_any_text_at_all(text):
    question = understand(text)
    assert understand(text) == question
    assert len(text) <= LONGEST or question is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "piece", ["a", '"', "<@U", ":x", "and ", "how much ", "1,", "é ", "-", "of of ", "£1k ", "<a:|"]
)
def test_the_longest_question_never_runs_away(piece):
    """No clock is asked: an expression that runs away would take minutes, and the time-out ends it."""
    for length in range(LONGEST - 50, LONGEST + 1):
        understand((piece * length)[:length])


def test_what_is_too_long_is_no_question():
    assert understand("balance " * 60) is None

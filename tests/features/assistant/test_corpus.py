"""What people say is the question that is meant: the corpus, a file that was never tuned to, and any text at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.assistant.model.grammar.cues import TABLE
from bot.features.assistant.model.grammar.scanner import LONGEST
from bot.features.assistant.model.grammar.understand import understand
from bot.features.assistant.model.questions import Balance, CanOrder, IsOnHold, Named, PutOnHold, WholeCard
from tests.features.assistant.corpora import alike, cases
from tests.slack.hostile import WORDS


def score(name: str) -> float:
    """Per cent right; the wrong ones are printed, as the test's failure shows them."""
    every = list(cases(name))
    wrong = [(text, meant, understand(text)) for text, meant in every if not alike(understand(text), meant)]
    for text, meant, understood in wrong:
        print(f"{text!r}: meant {meant}, understood {understood}")  # noqa: T201 - that is what the test is for
    right = 100 * (1 - len(wrong) / len(every))
    print(f"{name}: {right:.1f} % of {len(every)}")  # noqa: T201
    return right


def test_the_corpus():
    assert len(list(cases("corpus.txt"))) >= 250
    assert score("corpus.txt") >= 97


def test_what_was_never_tuned_to():
    assert len(list(cases("held_out.txt"))) >= 60
    assert score("held_out.txt") >= 90


def test_the_files_have_no_phrasing_in_common():
    tuned, held_out = ({text for text, _ in cases(name)} for name in ("corpus.txt", "held_out.txt"))
    assert not tuned & held_out


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


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
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

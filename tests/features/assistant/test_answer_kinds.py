"""Every kind of question is counted under a name of its own; small talk isn't, and a question back isn't rated."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.features.access.model.commands import NO_PERMISSIONS
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answer_kinds import (
    KINDS,
    NOT_UNDERSTOOD,
    AnswerReport,
    KindCount,
    by_kind,
    can_be_rated,
    kind_of,
)
from bot.features.assistant.model.answers import Lost, OfEachOne, Small, Unnamed
from bot.features.assistant.model.questions import It, Question
from bot.features.assistant.views import feedback
from bot.slack.views.message import Message, note
from tests.slack.gate import passes

LOST = Lost(("What can I ask?",))
BALANCE = ask.Balance(It())


def test_every_question_but_small_talk_and_ones_own_connection_has_a_name():
    def made(each):
        return [one for below in each.__subclasses__() for one in made(below)] or [each]

    every = {one.__name__ for each in get_args(Question) for one in made(each)}
    assert every - KINDS.keys() == {"Connect", "Status", "Help", "Greeting", "Thanks"}
    assert len(set(KINDS.values())) == len(KINDS)


@pytest.mark.parametrize(
    ("question", "answer", "kind", "rated"),
    [
        (BALANCE, OfEachOne(()), "Balance", True),
        (ask.Again(It()), OfEachOne(()), "Again", True),
        (ask.CannotAnswer(ask.Topic.SALES), ask.CannotAnswer(ask.Topic.SALES), "CannotAnswer", True),
        (BALANCE, Unnamed(BALANCE), "Balance", False),
        (None, LOST, NOT_UNDERSTOOD, False),
        (ask.CannotAnswer(ask.Topic.OTHER), LOST, NOT_UNDERSTOOD, False),
        (ask.Thanks(), Small(ask.Thanks(), (), NO_PERMISSIONS), "", False),
    ],
)
def test_what_an_answer_counts_as(question, answer, kind, rated):
    assert (kind_of(question, answer), can_be_rated(answer)) == (kind, rated)


@pytest.mark.parametrize("value", ["", "liked", "liked Nonsense", "loved Balance", "liked NotUnderstood"])
def test_a_press_of_another_value_counts_as_nothing(value):
    assert feedback.pressed({"value": value}) is None


def test_the_presses_stand_below_an_answer_and_say_its_kind():
    message = feedback.with_feedback(note("£5"), "Balance")
    passes(message)
    presses = message.blocks[-1]["elements"][0]
    assert feedback.pressed(presses["positive_button"]) == ("Balance", True)
    assert feedback.pressed(presses["negative_button"]) == ("Balance", False)
    assert feedback.with_feedback(Message("£5"), "Balance").blocks == ()
    full = Message("£5", note("£5").blocks * feedback.MOST_BLOCKS)
    assert feedback.with_feedback(full, "Balance") == full


def test_the_report_says_each_kind_once_the_most_frequent_first():
    kinds = by_kind({"Balance": 3, "Terms": 7, NOT_UNDERSTOOD: 9, "gone": 1}, {"Rep": (0, 1), "Balance": (2, 0)})
    assert [each.label for each in kinds] == ["payment terms", "balance", "who looks after them"]
    message = feedback.answer_report(AnswerReport(kinds, 9, keeps_words=False))
    passes(message)
    assert "10 answered · 9 not understood · 2 👍 · 1 👎" in message.text
    assert "balance: 3 answered, 2 useful, 0 not useful" in message.text
    assert "keep-questions on" in message.text


def test_words_that_were_kept_call_nobody_and_an_empty_report_says_so():
    hostile = AnswerReport(
        (KindCount("balance", 1, 0, 0),), 1, keeps_words=True, words=("<!channel> hi *x*", "a" * 300)
    )
    message = feedback.answer_report(hostile)
    passes(message)
    assert "<!channel>" not in message.text
    empty = feedback.answer_report(AnswerReport((), 0, keeps_words=True))
    passes(empty)
    assert "nothing yet" in empty.text

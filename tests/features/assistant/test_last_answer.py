"""“Both”, “they” and “the second one” after an answer that showed several customers."""

from __future__ import annotations

from datetime import date

import pytest

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answers import CannotDo
from bot.features.assistant.model.follow_up import in_context
from bot.features.assistant.model.grammar.rules.understand import understand
from bot.features.assistant.model.last_answer import of_shown
from bot.features.assistant.model.promise_said import promise_said
from bot.features.assistant.model.questions import It, Known, OfEach, Topic, Unsaid
from bot.features.assistant.views import answer as views
from bot.features.assistant.views.cannot import EXAMPLE_OF_PROMISE, TOPICS
from tests.slack.gate import passes

TWO = (Known(1), Known(2))
LIST = tuple(map(Known, range(1, 21)))
HELD = ask.IsOnHold(It())


def meant(said, shown, last, *, is_of_one):
    question = in_context(understand(said), last)
    return of_shown(question, shown, last, is_of_one=is_of_one, text=said)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("are they both on hold", ask.IsOnHold),
        ("are both overdue", ask.Overdue),
        ("what do they owe", ask.Balance),
        ("and their limits?", ask.Limit),
        ("who do i ring", ask.Contact),
    ],
)
def test_after_two_customers_they_are_the_two(said, kind):
    assert meant(said, TWO, HELD, is_of_one=True) == OfEach((kind(Known(1)), kind(Known(2))))


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("what does he owe", ask.Balance(It())),
        ("is it on hold", ask.IsOnHold(It())),
        ("and this one's limit", ask.Limit(It())),
        ("what does LOW011 owe", ask.Balance(ask.Named("LOW011"))),
        ("the second one", ask.WholeCard(Known(2))),
    ],
)
def test_one_of_two_is_no_two(said, question):
    assert meant(said, TWO, HELD, is_of_one=True) == question


def test_after_one_customer_both_are_nobody():
    assert meant("are both overdue", (), HELD, is_of_one=True) == ask.Overdue(ask.Both())


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("the first one", ask.WholeCard(Known(1))),
        ("2", ask.WholeCard(Known(2))),
        ("number 3", ask.WholeCard(Known(3))),
        ("the last one on that list", ask.WholeCard(Known(20))),
        ("what does the third one owe", ask.Balance(Known(3))),
        ("why is the 2nd one on stop", ask.Why(Known(2))),
        ("the 21st one", ask.WholeCard(Unsaid())),
        ("#21", ask.WholeCard(Unsaid())),
    ],
)
def test_after_a_list_one_is_counted(said, question):
    assert meant(said, LIST, ask.WhoIsOnHold(), is_of_one=False) == question


def test_one_of_a_menu_is_asked_what_was_asked():
    last = ask.Balance(It())
    assert meant("the second one", TWO, last, is_of_one=False) == ask.Balance(Known(2))
    assert meant("2", TWO, last, is_of_one=False) == ask.Balance(Known(2))
    assert meant("is the first one on hold", TWO, last, is_of_one=False) == ask.IsOnHold(Known(1))


def test_the_last_one_is_it_where_no_list_came_before():
    assert meant("what does the last one owe", (), HELD, is_of_one=True) == ask.Balance(It())


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("promise 500 by friday for dales", "500 by friday"),
        ("dales promised £1,200.50 on 20 March.", "1200.50 by 20 March"),
        ("log a promise of 2k from ABS001 by the end of the month", "2000 by the end of the month"),
        ("dales have promised to pay 500", "500 by DAY"),
        ("dales promised to pay by tomorrow", "AMOUNT by tomorrow"),
        ("dales promised to pay", ""),
        ("dispute invoice 12 by friday", ""),
    ],
)
def test_a_promise_that_is_told_is_ready_to_type(said, typed):
    assert promise_said(said, date(2026, 3, 2)) == typed


def test_the_hint_has_the_amount_and_the_day_filled_in():
    assert EXAMPLE_OF_PROMISE in TOPICS[Topic.PROMISES]
    message = views.conversation_answer(CannotDo(Topic.PROMISES, "DAL`001", "500 by {friday}`<!x>"))
    passes(message)
    assert "`/customer DAL'001 promise 500 by friday'&lt;!x&gt;`" in message.text
    assert "ABS001" not in message.text

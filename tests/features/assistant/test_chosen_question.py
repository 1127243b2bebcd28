"""What a menu carries asks again what was asked, and nothing that changes anything."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.chosen_question import ABOUT_MANY, ABOUT_ONE, known_customer, question_of_menu
from bot.features.assistant.model.questions import It, Known


def test_none_of_the_questions_changes_anything():
    assert not {"put_on_hold", "release", "watch", "unwatch", "connect", "status"} & {*ABOUT_ONE, *ABOUT_MANY}


@pytest.mark.parametrize(
    "question", [ask.Balance(It()), ask.CanOrder(It(), Decimal("1500.50"), "EUR"), ask.CanOrder(It())]
)
def test_a_menu_carries_what_was_asked(question):
    assert question_of_menu(known_customer(question), Known(7)) == replace(question, who=Known(7))


def test_a_menu_carries_nothing_that_changes_anything():
    assert known_customer(ask.PutOnHold(It())) == known_customer(ask.Watch(It())) == known_customer(ask.Largest()) == ""
    forged = (
        "",
        "release",
        "watch",
        "compare",
        "can_order NaN",
        "can_order -1",
        "can_order 1e500",
        "balance 5",
        "<!x>",
    )
    assert [each for each in forged if question_of_menu(each, Known(7)) is not None] == []

"""What a follow-up means after the last question; after one about many, “they” are never one customer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.domain.text.parsing import each_name
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.chosen_question import ABOUT_MANY, ABOUT_ONE
from bot.features.assistant.model.follow_up import could_be_name, in_context, is_of_many, of_value
from bot.features.assistant.model.grammar.rules.understand import understand
from bot.features.assistant.model.questions import AboutOne, CannotAnswer, It, Named, Topic, Unsaid

LOW = Named("LOW011")
TOTALS = CannotAnswer(Topic.TOTALS)


@pytest.mark.parametrize(
    ("last", "said", "meant"),
    [
        (ask.Balance(It()), "and LOW011?", ask.Balance(LOW)),
        (ask.CanOrder(It(), Decimal(2000)), "what about LOW011", ask.CanOrder(LOW, Decimal(2000))),
        (ask.CanOrder(It(), Decimal(2000)), "and 1k?", ask.CanOrder(It(), Decimal(1000))),
        (ask.IsOnHold(It()), "and their limit?", ask.Limit(It())),
        (ask.Limit(It()), "and on hold?", ask.IsOnHold(It())),
        (None, "and LOW011?", ask.WholeCard(LOW)),
        (None, "LOW011?", ask.WholeCard(LOW)),
        (ask.Balance(It()), "LOW011?", ask.Balance(LOW)),
        (ask.Balance(It()), "LOW011", ask.WholeCard(LOW)),
        (ask.Balance(It()), "and LOW011 and ABS001?", ask.Balance(Named("LOW011 and ABS001"))),
        (ask.WhoIsOnHold(), "and in Durham?", ask.WhoIsOnHold("Durham")),
        (ask.WhoIsOnHold(), "same for the north", ask.WhoIsOnHold("north")),
        (ask.WhoIsOnHold(), "just mine", ask.WhoIsOnHold(mine=True)),
        (ask.WhoIsOnHold(), "and over 5k?", ask.WhoIsOnHold(minimum=Decimal(5000))),
        (ask.WhoIsOnHold(), "and LOW011?", ask.IsOnHold(LOW)),
        (ask.WhoIsOnHold(), "how much do they owe", ask.WhoIsOnHold()),
        (ask.WhoIsOnHold(mine=True), "are they overdue", ask.ListOverdue(mine=True)),
        (ask.OverLimit(), "are they on hold", ask.WhoIsOnHold()),
        (ask.OverLimit(), "who else?", ask.OverLimit()),
        (ask.Limit(It()), "who else?", ask.OverLimit()),
        (TOTALS, "how much of that is over 90 days", ask.ListOverdue()),
        (TOTALS, "and what do they owe", TOTALS),
        (ask.WhoIsOnHold(), "who do i ring", ask.Contact(Unsaid())),
        (ask.ListOverdue(days=30), "next page", ask.ListOverdue(days=30, page=2)),
        (ask.ListOverdue(days=30, page=2), "show more", ask.ListOverdue(days=30, page=3)),
        (ask.WhoIsOnHold(page=2), "previous page", ask.WhoIsOnHold()),
        (ask.WhoIsOnHold(), "previous page", ask.WhoIsOnHold()),
        (ask.Largest(), "page 3", ask.Largest(page=3)),
        (ask.WhoIsOnHold(page=3), "just mine", ask.WhoIsOnHold(mine=True)),
        (ask.Balance(It()), "next page", CannotAnswer(Topic.PAGES)),
        (None, "page 2", CannotAnswer(Topic.PAGES)),
        (ask.ListOverdue(), "without Scotland", ask.ListOverdue(without=("Scotland",))),
        (ask.ListOverdue(without=("Scotland",)), "and except ABS001", ask.ListOverdue(without=("Scotland", "ABS001"))),
        (ask.ListOverdue(), "under 5k", ask.ListOverdue(most=Decimal(5000))),
        (ask.Balance(It()), "without Scotland", None),
        (None, "just mine", None),
        (None, "just the ones in the north", None),
        (ask.Balance(It()), "over 5k?", None),
    ],
)
def test_it_is_the_question_that_is_meant(last, said, meant):
    assert in_context(understand(said), last) == meant


@pytest.mark.parametrize("last", [*(kind() for kind in ABOUT_MANY.values()), TOTALS], ids=repr)
@pytest.mark.parametrize("kind", ABOUT_ONE.values(), ids=lambda kind: kind.__name__)
def test_after_a_question_about_many_it_is_not_one(last, kind):
    meant = in_context(kind(It()), last)
    assert is_of_many(meant) or (isinstance(meant, AboutOne) and isinstance(meant.who, Unsaid))


def test_what_is_asked_of_a_sales_person_is_asked_of_their_customers():
    priya = Named("priya")
    assert of_value(ask.Overdue(priya)) == ask.ListOverdue("priya")
    assert of_value(ask.Balance(priya)) == ask.Largest("priya")
    assert of_value(ask.IsOnHold(priya)) == ask.WhoIsOnHold("priya")
    assert of_value(ask.Rep(priya)) == CannotAnswer(Topic.OTHER_LISTS)
    assert of_value(ask.Contact(priya)) is of_value(ask.Balance(It())) is None


def test_two_names_joined_by_and():
    assert each_name("abs garages and lowmarsh") == each_name("abs garages & lowmarsh") == ("abs garages", "lowmarsh")
    assert each_name("Lowmarsh") == ("Lowmarsh",)
    assert each_name("and and") == ("and and",)


def test_what_could_be_a_name():
    assert all(map(could_be_name, ("lowmarsh", "Cold Harbour", "unit 4", "smith motors")))
    assert not could_be_name("cheque bounced yesterday")

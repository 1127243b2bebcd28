"""What a follow-up means after the last question; after one about many, “they” are never one customer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.filters.customer_states import State, StateIs
from bot.domain.text.parsing import each_name
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.chosen_question import ABOUT_MANY, ABOUT_ONE
from bot.features.assistant.model.follow_up import could_be_name, in_context, is_of_many, of_value
from bot.features.assistant.model.grammar.rules.left_out import left_out, narrowed
from bot.features.assistant.model.grammar.rules.understand import understand
from bot.features.assistant.model.questions import AboutOne, CannotAnswer, It, Named, Topic, Unsaid

LOW = Named("LOW011")
LIVE, OVER = StateIs(State.HELD, wanted=False), StateIs(State.OVER)
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


NORTH = ask.ListOverdue("north", days=30)


@pytest.mark.parametrize(
    ("last", "said", "meant"),
    [
        (ask.WhoIsOnHold("cheque"), "owing over 2k", ask.WhoIsOnHold("cheque", minimum=Decimal(2000))),
        (NORTH, "not the ones on hold already", replace(NORTH, states=(LIVE,))),
        (NORTH, "not those over limit", replace(NORTH, states=(StateIs(State.OVER, wanted=False),))),
        (NORTH, "but not on hold", replace(NORTH, states=(LIVE,))),
        (NORTH, "only the disputed ones", replace(NORTH, states=(StateIs(State.DISPUTED),))),
        (replace(NORTH, states=(LIVE,)), "just those over limit", replace(NORTH, states=(LIVE, OVER))),
        (NORTH, "just george's", replace(NORTH, also=("george",))),
        (ask.ListOverdue(mine=True), "only in the north", ask.ListOverdue("north", mine=True)),
        (NORTH, "over 60 days", replace(NORTH, days=60)),
        (NORTH, "under £500", replace(NORTH, most=Decimal(500))),
        (NORTH, "only mine", replace(NORTH, mine=True)),
        (NORTH, "just the top 5", replace(NORTH, count=5)),
        (ask.ListOverdue(page=3), "over 60 days", ask.ListOverdue(days=60)),
        (ask.WhoIsOnHold("Durham"), "over 60 days", ask.WhoIsOnHold("Durham", states=(StateIs(State.LATE, days=60),))),
        (ask.ListReleased(period="last week"), "over 5k", ask.ListReleased(minimum=Decimal(5000), period="last week")),
        # What asks for a list of its own does so after any.
        (NORTH, "who owes over 2k", ask.Largest(minimum=Decimal(2000))),
        (NORTH, "overdue over 60 days", ask.ListOverdue(days=60)),
        (NORTH, "on hold over 5k", ask.WhoIsOnHold(minimum=Decimal(5000))),
        (NORTH, "top 5 debtors", ask.Largest(count=5)),
        (ask.WhoIsOnHold(), "not on hold", ask.WhoIsOnHold()),
        (NORTH, "just LOW011", ask.Overdue(LOW)),
        (None, "over 60 days", ask.ListOverdue(days=60)),
    ],
)
def test_a_condition_alone_narrows_the_last_list(last, said, meant):
    question = narrowed(last, said) or in_context(understand(said), last)
    assert question == meant
    assert left_out(said, question) == () or said == "not on hold"


def test_what_they_are_of_a_list_is_asked_of_its_whole_filter():
    last = ask.ListOverdue("Durham", also=("george",), without=("ABS",), currency="EUR")
    meant = ask.WhoIsOnHold("Durham", also=("george",), without=("ABS",), currency="EUR")
    assert in_context(understand("are they on hold"), last) == meant


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

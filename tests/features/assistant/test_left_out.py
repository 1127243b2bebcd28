"""Questions with two conditions: each is in the reading, or is said to be left out; and what is to be removed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answer_kinds import can_be_rated
from bot.features.assistant.model.answers import CustomerAnswer, Lost, Partly, for_everybody
from bot.features.assistant.model.grammar.amounts import read
from bot.features.assistant.model.grammar.dates import dates_in, without_dates
from bot.features.assistant.model.grammar.left_out import left_out, with_figures
from bot.features.assistant.model.grammar.understand import understand
from bot.features.assistant.model.questions import AboutOne, CannotAnswer, It, Named, Topic
from bot.features.assistant.views import answer as views
from tests.builders import card
from tests.slack.gate import passes

ABS = Named("ABS001")
OTHER_LISTS = CannotAnswer(Topic.OTHER_LISTS)


def least(amount: int) -> dict[str, Decimal]:
    return {"minimum": Decimal(amount)}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("who owes more than £5,000 and is over their limit?", ask.OverLimit(**least(5000))),
        ("who's on hold and owes over 10k", ask.WhoIsOnHold(**least(10_000))),
        ("on hold owing at least 1k", ask.WhoIsOnHold(**least(1000))),
        ("customers on hold in Durham owing more than £2,000", ask.WhoIsOnHold("Durham", **least(2000))),
        ("George's customers on hold over £5,000", ask.WhoIsOnHold("George", **least(5000))),
        ("who is more than 60 days late and owes more than £1,000", ask.ListOverdue(days=60, **least(1000))),
        ("who is overdue by more than £5,000 in the north", ask.ListOverdue("north", **least(5000))),
        ("my overdue customers over £2k", ask.ListOverdue(mine=True, **least(2000))),
        ("who's more than 2 months overdue", ask.ListOverdue(days=60)),
        ("who's over a fortnight late", ask.ListOverdue(days=14)),
        ("anyone more than a month behind with payments", ask.ListOverdue(days=30)),
        ("top 5 debtors over £10,000", ask.Largest(count=5, **least(10_000))),
        ("who owes us more than £5,000", ask.Largest(**least(5000))),
        ("who owes over 5000", ask.Largest(**least(5000))),
        ("anyone owing £20k or more", ask.Largest(**least(20_000))),
        ("which of my customers owe more than £3,000", ask.Largest(mine=True, **least(3000))),
        ("disputed invoices over £1,000", ask.ListDisputed(**least(1000))),
        ("who has disputes older than 30 days", ask.ListDisputed(days=30)),
        ("who should be put on hold owing over £5k", ask.ListSuggested(**least(5000))),
        ("early warnings in Durham over £1,000", ask.ListWarned("Durham", **least(1000))),
        ("who to chase in Durham over 60 days", ask.ListOverdue("Durham", days=60)),
        ("who is overdue and hasn't promised", ask.ListChase()),
        ("who hasn't promised to pay", ask.ListChase()),
        ("how much of ABS001 is more than 60 days overdue", ask.AgedDebt(ABS)),
        ("does ABS001 owe more than £5,000", ask.Balance(ABS)),
        ("how often was ABS001 on hold this year", ask.HoldHistory(ABS)),
        ("can ABS001 have two thousand five hundred", ask.CanOrder(ABS, Decimal(2500))),
        ("can ABS001 have three hundred and fifty pounds worth", ask.CanOrder(ABS, Decimal(350))),
    ],
)
def test_both_conditions_are_read(said, meant):
    question = understand(said)
    assert question == meant
    assert left_out(said, question) == ()


@pytest.mark.parametrize(
    ("said", "meant", "without"),
    [
        ("overdue over £500 and not on hold", ask.ListOverdue(**least(500)), ["not on hold"]),
        ("who is over their limit but not on hold", ask.OverLimit(), ["not on hold"]),
        ("biggest debtors not on hold", ask.Largest(), ["not on hold"]),
        ("who owes over 5k but isn't on hold", ask.Largest(**least(5000)), ["isn't on hold"]),
        ("who in Durham is over their limit and on hold", ask.OverLimit("Durham"), ["on hold"]),
        ("biggest debtors in Durham on hold", ask.Largest("Durham"), ["on hold"]),
        ("on hold and overdue", ask.WhoIsOnHold(), ["overdue"]),
        ("overdue and in dispute", ask.ListDisputed(), ["overdue"]),
        ("who's on hold except ABS", ask.WhoIsOnHold(), ["except ABS"]),
        ("overdue customers excluding Durham", ask.ListOverdue(), ["excluding Durham"]),
        ("list everyone on hold apart from Lowmarsh", ask.WhoIsOnHold(), ["apart from Lowmarsh"]),
        ("who's on hold in Durham or Leeds", ask.WhoIsOnHold("Durham"), ["or Leeds"]),
        ("who owes under £500", ask.Largest(), ["under £500"]),
        ("on hold with a balance less than £1,000", ask.WhoIsOnHold(), ["less than £1,000"]),
        ("overdue no more than £1,000", ask.ListOverdue(), ["no more than £1,000"]),
        ("who owes between £1,000 and £5,000", ask.Largest(**least(1000)), ["between £1,000 and £5,000"]),
        ("overdue less than 30 days", ask.ListOverdue(), ["less than 30 days"]),
        ("overdue between 30 and 60 days", ask.ListOverdue(days=30), ["between 30 and 60 days"]),
        ("overdue over 90 days but under £10,000", ask.ListOverdue(days=90), ["under £10,000"]),
        ("who promised more than £500", ask.ListPromised(), ["more than £500"]),
        ("who promised to pay by Friday", ask.ListPromised(), ["by Friday"]),
        ("accounts on hold since January", ask.WhoIsOnHold(), ["since January"]),
        ("who's overdue since 1 March", ask.ListOverdue(), ["since 1 March"]),
        ("who went over their limit this week", ask.OverLimit(), ["this week"]),
        ("who's been on hold for more than 30 days", ask.WhoIsOnHold(), ["for more than 30 days"]),
        ("on hold longer than 2 weeks", ask.WhoIsOnHold(), ["longer than 2 weeks"]),
        ("which accounts on hold owe nothing", ask.WhoIsOnHold(), ["owe nothing"]),
        ("who are the top 3 in Leeds over their limit", ask.OverLimit("Leeds"), ["top 3"]),
        ("how much did ABS001 owe at the end of March", ask.Balance(ABS), ["at the end of March"]),
        ("what did ABS001 owe on 1 June", ask.Balance(ABS), ["on 1 June"]),
        ("what will ABS001 owe by Friday", ask.Balance(ABS), ["by Friday"]),
        ("balance of ABS001 on 31/05/2026", ask.Balance(ABS), ["on 31/05/2026"]),
        ("ABS001 balance in Durham", ask.Balance(ABS), ["in Durham"]),
        ("invoices for ABS001 over £500", ask.Invoices(ABS), ["over £500"]),
        ("invoices for ABS001 older than 60 days", ask.Invoices(ABS), ["older than 60 days"]),
        ("can ABS001 have 500 and another 300", ask.CanOrder(ABS, Decimal(300)), ["500"]),
        ("can ABS001 have £500 + vat", ask.CanOrder(ABS, Decimal(500)), ["+ vat"]),
        ("release ABS001 until Friday", ask.Release(ABS), ["until Friday"]),
    ],
)
def test_what_is_not_read_is_said(said, meant, without):
    question = understand(said)
    assert (question, left_out(said, question)) == (meant, tuple(without))


@pytest.mark.parametrize(
    "said",
    [
        "who isn't on hold",
        "which customers are not overdue",
        "customers not over their limit",
        "accounts without a balance",
        "who doesn't owe us anything",
        "anyone not in dispute",
    ],
)
def test_a_list_of_what_is_not_is_not_its_opposite(said):
    assert understand(said) == OTHER_LISTS


@pytest.mark.parametrize(
    "said",
    [
        "who is on hold?",
        "isn't anyone on hold?",
        "on hold or not on hold: ABS001?",
        "morning, I've a meeting at ten and I need to see which customers have overdue balances",
        "who hasn't paid",
        "is ABS001 on hold today",
        "who do I ring at ABS001 about the £500 they owe",
        "top ten debtors",
        "put ABS001 on hold because the cheque of 3 March bounced",
        "thanks, that's great",
        "remind me on Friday",
    ],
)
def test_nothing_is_said_to_be_left_out_that_is_no_condition(said):
    assert left_out(said, understand(said)) == ()


@pytest.mark.parametrize(
    "said",
    [
        "remove PEN001 off the system",
        "remove PEN001",
        "delete PEN001",
        "get rid of PEN001",
        "can you get rid of Pennine from the system",
        "close the account of PEN001",
        "close PEN001's account",
        "take PEN001 off the ledger",
        "take Pennine off the system",
        "deactivate PEN001",
        "archive pennine",
        "scrap the PEN001 account",
        "wipe pennine off the books",
        "PEN001 needs removing from sage",
        "please purge PEN001",
        "drop PEN001 from our list",
    ],
)
def test_removing_an_account_is_no_release(said):
    assert understand(said) == CannotAnswer(Topic.ACCOUNTS)


@pytest.mark.parametrize(
    "said",
    [
        "remove the hold on PEN001",
        "remove PEN001 from the stop list",
        "take PEN001 off hold",
        "remove PEN001 from hold",
    ],
)
def test_removing_a_hold_is_a_release(said):
    assert understand(said) == ask.Release(Named("PEN001"))


@pytest.mark.parametrize("name", ["March Motors", "May Ltd", "24/7 Recovery", "1st Choice Tyres", "Friday Ltd"])
def test_a_name_like_a_date_is_a_name(name):
    assert without_dates(f"balance of {name}") == f"balance of {name}"
    question = understand(f"is {name} on hold")
    assert isinstance(question, AboutOne)
    assert isinstance(question.who, Named)


def test_the_figures_of_a_follow_up_narrow_the_list():
    assert with_figures(ask.ListOverdue("Durham"), "how much of that is over 90 days") == ask.ListOverdue(
        "Durham", days=90
    )
    assert with_figures(ask.ListOverdue(days=30), "and over £5,000?") == ask.ListOverdue(days=30, **least(5000))


def test_dates_are_found_as_they_were_typed():
    said = "since January 5th, by 1/6/2026, in q2, next week, end of the month and 2 weeks ago"
    assert dates_in(said) == (
        "since January 5th",
        "by 1/6/2026",
        "in q2",
        "next week",
        "end of the month",
        "2 weeks ago",
    )


@pytest.mark.parametrize(
    ("words", "amount"),
    [("two thousand five hundred", 2500), ("three hundred and fifty", 350), ("a hundred and twenty five quid", 125)],
)
def test_an_amount_in_words_is_read_whole(words, amount):
    said = read(words.split())
    assert said is not None
    assert (said.amount, said.words) == (amount, len(words.split()))


def test_what_is_left_out_stands_above_the_answer_and_is_harmless():
    answer = CustomerAnswer(ask.IsOnHold(It()), card(), since=date(2026, 1, 1))
    partly = Partly(answer, ("over £5,000", "in <!channel>"))
    message = views.conversation_answer(partly)
    passes(message)
    first, second, *_ = message.text.splitlines()
    assert first == "Answered without “over £5,000” and “in &lt;!channel&gt;”."
    assert "is not on hold" in second
    assert for_everybody(partly) == answer
    assert can_be_rated(partly)
    assert not can_be_rated(Partly(Lost(()), ("x",)))

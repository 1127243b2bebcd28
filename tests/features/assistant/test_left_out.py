"""Questions with two conditions: each is in the reading, or is said to be left out; and what is to be removed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import permutations, product

import pytest

from bot.domain.filters.customer_states import State, StateIs
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answer_kinds import can_be_rated
from bot.features.assistant.model.answers import CustomerAnswer, Lost, Partly, for_everybody
from bot.features.assistant.model.chosen_question import kept_question, question_to_keep
from bot.features.assistant.model.grammar.rules.left_out import left_out, with_figures
from bot.features.assistant.model.grammar.rules.understand import understand
from bot.features.assistant.model.grammar.words.amounts import read
from bot.features.assistant.model.grammar.words.dates import dates_in, without_dates
from bot.features.assistant.model.questions import AboutOne, CannotAnswer, It, Named, Topic
from bot.features.assistant.views import answer as views
from tests.builders import card
from tests.slack.gate import passes

ABS = Named("ABS001")
HELD, LIVE = StateIs(State.HELD), StateIs(State.HELD, wanted=False)
OVER, WITHIN = StateIs(State.OVER), StateIs(State.OVER, wanted=False)
LATE, CURRENT = StateIs(State.LATE), StateIs(State.LATE, wanted=False)
PROMISED, UNPROMISED = StateIs(State.PROMISED), StateIs(State.PROMISED, wanted=False)
DISPUTED, UNDISPUTED = StateIs(State.DISPUTED), StateIs(State.DISPUTED, wanted=False)
OTHER_LISTS = CannotAnswer(Topic.OTHER_LISTS)


@pytest.mark.parametrize(
    ("said", "figure"),
    [
        ("can ABS001 have -500", "-500"),
        ("can ABS001 have −£500", "-£500"),
        ("can ABS001 order 1e9", "1e9"),
        ("can ABS001 have £1,2345", "£1,2345"),
        ("can ABS001 have 2k5", "2k5"),
        ("can ABS001 have 500-600", "500-600"),
        ("does ABS001 owe 1e9", "1e9"),
    ],
)
def test_a_figure_that_is_no_amount_is_said_to_be_left_out_and_is_no_other_amount(said, figure):
    question = understand(said)
    assert getattr(question, "amount", None) is None
    assert left_out(said, question) == (figure,)


@pytest.mark.parametrize(
    ("said", "amount"),
    [("half a million", 500_000), ("half a grand", 500), ("a quarter of a million", 250_000), ("1/2 a grand", 500)],
)
def test_a_part_of_a_million_is_not_the_whole(said, amount):
    assert understand(f"can ABS001 have {said}") == ask.CanOrder(ABS, Decimal(amount))


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
        ("can ABS001 have three hundred and fifty pounds worth", ask.CanOrder(ABS, Decimal(350), "GBP")),
        ("can ABS001 have €2,000", ask.CanOrder(ABS, Decimal(2000), "EUR")),
    ],
)
def test_both_conditions_are_read(said, meant):
    question = understand(said)
    assert question == meant
    assert left_out(said, question) == ()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("on hold and overdue", ask.ListOverdue(states=(HELD,))),
        ("over limit and overdue", ask.ListOverdue(states=(OVER,))),
        ("who's on stop and more than 60 days overdue", ask.ListOverdue(days=60, states=(HELD,))),
        ("who's over 30 days and over limit", ask.ListOverdue(days=30, states=(OVER,))),
        ("overdue over £500 and not on hold", ask.ListOverdue(**least(500), states=(LIVE,))),
        ("overdue 60 not on stop", ask.ListOverdue(days=60, states=(LIVE,))),
        ("anyone over 90 days and still getting goods", ask.ListOverdue(days=90, states=(LIVE,))),
        ("who's overdue but off stop", ask.ListOverdue(states=(LIVE,))),
        ("overdue and not in dispute", ask.ListOverdue(states=(UNDISPUTED,))),
        ("who's overdue but not over their limit", ask.ListOverdue(states=(WITHIN,))),
        ("overdue list northern region", ask.ListOverdue("northern")),
        ("please may I have the overdue list", ask.ListOverdue()),
        ("overdue by a month or more", ask.ListOverdue(days=30)),
        ("overdue 3 months", ask.ListOverdue(days=90)),
        ("overdue over 90", ask.ListOverdue(days=90)),
        ("past 120", ask.ListOverdue(days=120)),
        ("owing five grand or more", ask.Largest(**least(5000))),
        ("overdue down south", ask.ListOverdue("south")),
        ("any of George's lot on hold down south", ask.WhoIsOnHold("George", also=("south",))),
        ("scottish disputes", ask.ListDisputed("scottish")),
        ("euro customers overdue", ask.ListOverdue(currency="EUR")),
        ("who owes us over €5,000", ask.Largest(**least(5000), currency="EUR")),
        ("Priya - anything over 60 days not on hold", ask.ListOverdue("Priya", days=60, states=(LIVE,))),
        ("late payers leaving out anything in dispute", ask.ListOverdue(states=(UNDISPUTED,))),
        ("everyone overdue apart from the disputed ones", ask.ListOverdue(states=(UNDISPUTED,))),
        ("anyone gone past 90", ask.ListOverdue(days=90)),
        ("my customers overdue over 10k", ask.ListOverdue(mine=True, **least(10_000))),
        ("overdue no promise", ask.ListChase()),
        ("on hold and needs chasing", ask.ListChase(states=(HELD,))),
        ("who to chase that's over limit", ask.ListChase(states=(OVER,))),
        ("which of my accounts are over limit and on stop", ask.WhoIsOnHold(mine=True, states=(OVER,))),
        ("on hold but not over limit", ask.WhoIsOnHold(states=(WITHIN,))),
        ("whos on stop but nowt overdue", ask.WhoIsOnHold(states=(CURRENT,))),
        ("who's on hold but up to date", ask.WhoIsOnHold(states=(CURRENT,))),
        ("customers on hold without a promise", ask.WhoIsOnHold(states=(UNPROMISED,))),
        ("accounts on hold owing over £5,000 and not in query", ask.WhoIsOnHold(**least(5000), states=(UNDISPUTED,))),
        ("who is over their limit but not on hold", ask.OverLimit(states=(LIVE,))),
        ("over limit but still live", ask.OverLimit(states=(LIVE,))),
        ("who in Durham is over their limit and on hold", ask.WhoIsOnHold("Durham", states=(OVER,))),
        ("who's over limit but not overdue", ask.OverLimit(states=(CURRENT,))),
        ("over limit without a promise", ask.OverLimit(states=(UNPROMISED,))),
        ("biggest debtors not on hold", ask.Largest(states=(LIVE,))),
        ("biggest debtors in Durham on hold", ask.Largest("Durham", states=(HELD,))),
        ("who owes over 5k but isn't on hold", ask.Largest(**least(5000), states=(LIVE,))),
        ("who on stop has promised to pay", ask.ListPromised(states=(HELD,))),
        ("who's promised and is over limit", ask.ListPromised(states=(OVER,))),
        ("overdue customers who promised to pay", ask.ListPromised(states=(LATE,))),
        ("promised but still over 60 days", ask.ListPromised(days=60)),
        ("promised and in dispute", ask.ListPromised(states=(DISPUTED,))),
        ("overdue and in dispute", ask.ListDisputed(states=(LATE,))),
        ("on hold and disputed in Leeds", ask.ListDisputed("Leeds", states=(HELD,))),
        ("on hold, in query, over 5k, in Leeds", ask.ListDisputed("Leeds", **least(5000), states=(HELD,))),
        ("early warnings not on hold", ask.ListWarned(states=(LIVE,))),
        ("who should be on hold and is over their limit", ask.ListSuggested(states=(OVER,))),
    ],
)
def test_a_second_state_narrows_the_list(said, meant):
    question = understand(said)
    assert question == meant
    assert left_out(said, question) == ()
    assert kept_question(question_to_keep(question)) == meant


# Each condition as a word of its own, so that any two can stand beside one another.
SAID = {
    "on hold": HELD,
    "over their limit": OVER,
    "overdue": LATE,
    "in dispute": DISPUTED,
    "promised to pay": PROMISED,
    "not on hold": LIVE,
    "not over their limit": WITHIN,
    "not overdue": CURRENT,
    "not in dispute": UNDISPUTED,
}
OF_LISTS = {
    ask.WhoIsOnHold: HELD,
    ask.OverLimit: OVER,
    ask.ListOverdue: LATE,
    ask.ListDisputed: DISPUTED,
    ask.ListPromised: PROMISED,
}
FIGURES = {
    "over 60 days overdue": lambda asked: asked.days == 60,
    "owing over £5,000": lambda asked: asked.minimum == 5000,
    "in Durham": lambda asked: asked.words == "Durham",
    "of mine": lambda asked: asked.mine,
}


def test_no_condition_of_any_two_is_dropped_in_silence():
    for (first, one), (second, two) in permutations(SAID.items(), 2):
        if one.state is two.state or not (one.wanted or two.wanted):
            continue
        for said in (f"who is {first} and {second}", f"customers {first} but {second}", f"accounts {first}, {second}"):
            question = understand(said)
            is_asked = {*question.states, OF_LISTS.get(type(question))}
            missing = [text for text, state in ((first, one), (second, two)) if state not in is_asked]
            if missing and isinstance(question, ask.ListChase):
                continue
            assert all(any(text in part for part in left_out(said, question)) for text in missing), (said, question)


def test_a_figure_a_place_and_mine_go_with_every_state():
    for (first, state), (second, is_read) in product(SAID.items(), FIGURES.items()):
        said = f"which customers {second} are {first}" if second == "of mine" else f"who is {first} {second}"
        if not state.wanted:
            said = f"{said} and overdue" if state.state is not State.LATE else f"{said} and on hold"
        question = understand(said)
        without = left_out(said, question)
        assert is_read(question) or any(second.split()[-2] in part or "£5,000" in part for part in without), said
        is_asked = {*question.states, OF_LISTS.get(type(question))}
        assert state in is_asked or any(first in part for part in without), (said, question)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("is anyone in the north on hold apart from ABS", ask.WhoIsOnHold("north", without=("ABS",))),
        ("who's on hold except ABS", ask.WhoIsOnHold(without=("ABS",))),
        ("overdue customers excluding Durham", ask.ListOverdue(without=("Durham",))),
        ("list everyone on hold apart from Lowmarsh", ask.WhoIsOnHold(without=("Lowmarsh",))),
        ("who's on hold in Durham or Leeds", ask.WhoIsOnHold("Durham or Leeds")),
        ("who's overdue, not the ones on hold", ask.ListOverdue(states=(LIVE,))),
        ("who owes under £500", ask.Largest(most=Decimal(500))),
        ("on hold with a balance less than £1,000", ask.WhoIsOnHold(most=Decimal(1000))),
        ("overdue no more than £1,000", ask.ListOverdue(most=Decimal(1000))),
        ("who owes between £1,000 and £5,000", ask.Largest(**least(1000), most=Decimal(5000))),
        ("overdue less than 30 days", ask.ListOverdue(most_days=30)),
        ("overdue up to 30 days", ask.ListOverdue(most_days=30)),
        ("overdue between 30 and 60 days", ask.ListOverdue(days=30, most_days=60)),
        ("overdue over 90 days but under £10,000", ask.ListOverdue(days=90, most=Decimal(10_000))),
        ("on hold but not over 30 days overdue", ask.ListOverdue(states=(HELD,), most_days=30)),
        ("who is on hold for bounced cheques", ask.WhoIsOnHold("bounced", also=("cheque",))),
    ],
)
def test_who_is_left_out_and_how_much_it_is_at_most_narrow_the_list(said, meant):
    question = understand(said)
    assert question == meant
    assert left_out(said, question) == ()
    assert kept_question(question_to_keep(question)) == meant


@pytest.mark.parametrize(
    ("said", "meant", "without"),
    [
        ("over limit by more than £1,000", ask.OverLimit(), ["by more than £1,000"]),
        ("who's over by more than a grand", ask.OverLimit(), ["over by more than a grand"]),
        ("anyone overdue who isn't mine", ask.ListOverdue(), ["isn't mine"]),
        ("who went on hold and who was released this week", ask.ListReleased(period="this week"), ["went on hold"]),
        (
            "who was released this week for bounced cheques",
            ask.ListReleased(period="this week"),
            ["bounced", "cheques"],
        ),
        ("who went on hold since Christmas", ask.ListPutOnHold(), ["since Christmas"]),
        ("top 5 overdue", ask.ListOverdue(count=5), []),
        ("5 oldest debts", ask.ListOverdue(count=5), []),
        ("ten worst debtors", ask.Largest(), []),
        ("top 3 released this week", ask.ListReleased(period="this week", count=3), []),
        ("top 3 accounts on hold in Durham", ask.WhoIsOnHold("Durham", count=3), []),
        ("5 biggest overdue accounts", ask.ListOverdue(count=5), ["biggest"]),
        ("on hold broken down by rep", ask.WhoIsOnHold(), ["by rep"]),
        ("which rep has the most overdue", ask.ListOverdue(), ["which rep"]),
        ("what % of the ledger is overdue", ask.ListOverdue(), ["% of"]),
        ("who's on hold but has paid since", ask.WhoIsOnHold(), ["has paid since"]),
        ("3 worst for being over limit", ask.OverLimit(count=3), []),
        ("any big ones over 120 days", ask.ListOverdue(days=120), ["big ones"]),
        ("who are our slowest payers", ask.ListOverdue(), ["slowest payers"]),
        ("who hasn't paid a penny in 60 days", ask.ListOverdue(), ["60 days"]),
        ("customers who ordered this week and are overdue", ask.ListOverdue(), ["ordered", "this week"]),
        ("has ABS001 paid anything since we stopped them", ask.LastPaid(ABS), ["since we stopped"]),
        ("list payments from ABS001 last 3 months", ask.LastPaid(ABS), ["last 3 months"]),
        ("if ABS001 pay 1k can they have 2k", ask.CanOrder(ABS, Decimal(2000)), ["1k"]),
        ("need ABS001 letting go for one order of £700", ask.Release(ABS), ["£700"]),
        ("has ABS001 gone over 60 days on anything bigger than £500", ask.AgedDebt(ABS), ["bigger than £500"]),
        ("biggest overdue accounts on hold", ask.ListOverdue(states=(HELD,)), ["biggest"]),
        ("who promised more than £500", ask.ListPromised(), ["more than £500"]),
        ("who promised to pay by Friday", ask.ListPromised(), ["by Friday"]),
        ("accounts on hold since January", ask.WhoIsOnHold(), ["since January"]),
        ("who's overdue since 1 March", ask.ListOverdue(), ["since 1 March"]),
        ("who went over their limit this week", ask.OverLimit(), ["this week"]),
        ("who's been on hold for more than 30 days", ask.WhoIsOnHold(), ["for more than 30 days"]),
        ("on hold longer than 2 weeks", ask.WhoIsOnHold(), ["longer than 2 weeks"]),
        ("which accounts on hold owe nothing", ask.WhoIsOnHold(), ["owe nothing"]),
        ("who are the top 3 in Leeds over their limit", ask.OverLimit("Leeds", count=3), []),
        ("how much did ABS001 owe at the end of March", ask.Balance(ABS), ["at the end of March"]),
        ("what did ABS001 owe on 1 June", ask.Balance(ABS), ["on 1 June"]),
        ("what will ABS001 owe by Friday", ask.Balance(ABS), ["by Friday"]),
        ("balance of ABS001 on 31/05/2026", ask.Balance(ABS), ["on 31/05/2026"]),
        ("ABS001 balance in Durham", ask.Balance(ABS), ["in Durham"]),
        ("invoices for ABS001 over £500", ask.Invoices(ABS), ["over £500"]),
        ("invoices for ABS001 older than 60 days", ask.Invoices(ABS), ["older than 60 days"]),
        ("can ABS001 have 500 and another 300", ask.CanOrder(ABS, Decimal(300)), ["500"]),
        ("can ABS001 have £500 + vat", ask.CanOrder(ABS, Decimal(500), "GBP"), ["+ vat"]),
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


def test_each_of_several_names_is_asked_about():
    said = "are any of ABS, Lowmarsh and Garston on stop"
    question = understand(said)
    assert question == ask.OfEach((ask.IsOnHold(Named("ABS")), ask.IsOnHold(Named("Lowmarsh and Garston"))))
    assert left_out(said, question) == ()
    assert understand("are any of the northern ones on stop") == ask.WhoIsOnHold("northern")


def test_an_amount_of_each_of_two_orders_is_not_left_out():
    said = "can ABS001 have £600 and LOW011 £900"
    question = understand(said)
    assert isinstance(question, ask.OfEach)
    assert [each.amount for each in question.questions if isinstance(each, ask.CanOrder)] == [600, 900]
    assert left_out(said, question) == ()


@pytest.mark.parametrize(
    "said",
    [
        "put the lot on stop",
        "stop everyone over 90 days",
        "put all my customers on stop",
        "release all of them",
        "take everybody off hold",
    ],
)
def test_many_accounts_are_never_held_or_released_at_once(said):
    assert understand(said) == CannotAnswer(Topic.SEVERAL)


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

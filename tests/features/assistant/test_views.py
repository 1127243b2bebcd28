"""Answers in plain English: one sentence for each question, with its source, and harmless whatever Sage holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from bot.domain.customer import Customer
from bot.domain.debt.debts import DebtItem, ItemKind, debt_on, set_off
from bot.domain.debt.lateness import DebtUnknown, Lateness
from bot.domain.money import Currency
from bot.features.access.model.authorization import Shown
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.answers import (
    MOST_EXAMPLES,
    Assumed,
    Compared,
    CustomerAnswer,
    Lost,
    NotYet,
    OfEachOne,
    OrderAnswer,
    Small,
    Unnamed,
    Unresolved,
    Unwatched,
    examples,
    for_everybody,
)
from bot.features.assistant.model.chosen_question import ABOUT_ONE
from bot.features.assistant.model.questions import AboutOne, It
from bot.features.assistant.views import answer as views
from bot.features.card.model import order_check
from bot.features.card.views.card import customer_card
from bot.features.customers.model.lookup import NoCustomer, SeveralCustomers
from bot.features.on_hold.model.ranking import Ranking
from bot.features.overdue.model.list import DebtNotKnown
from tests.builders import NOW, card, customer, names
from tests.slack.gate import passes
from tests.slack.hostile import whatever_things_are_called

IT = It()
KINDS = [*ABOUT_ONE.values(), ask.PutOnHold, ask.Release]
ABS = "*ABS Garages Ltd* (ABS001)"
SOURCE = "Live from ABS Motor Factors Ltd in Sage 200, <!date^"
HELD = customer(on_hold=True, status_reason="Cheque returned")


def told(question: AboutOne, shown: Customer | None = None, **more) -> str:
    message = views.conversation_answer(CustomerAnswer(question, card(shown), **more))
    passes(message)
    sentence, _, source = message.text.partition("\n")
    assert source.startswith(SOURCE)
    return sentence


@pytest.mark.parametrize(
    ("question", "shown", "expected"),
    [
        (ask.IsOnHold(IT), None, f"{ABS} is not on hold. Balance £2,464.16 of a £4,000.00 limit, 62% used."),
        (
            ask.IsOnHold(IT),
            HELD,
            f"{ABS} is on hold. Reason: Cheque returned. Balance £2,464.16 of a £4,000.00 limit, 62% used.",
        ),
        (
            ask.IsOnHold(IT),
            customer(balance=Decimal(5000)),
            f"{ABS} is not on hold. It is over its credit limit. Balance £5,000.00 of a £4,000.00 limit, 125% used.",
        ),
        (ask.Balance(IT), None, f"{ABS} owes £2,464.16."),
        (ask.Balance(IT), HELD, f"{ABS} owes £2,464.16. The account is on hold."),
        (ask.Balance(IT), customer(balance=Decimal(-5)), f"{ABS} owes nothing and is £5.00 in credit."),
        (ask.Balance(IT), customer(balance=None), f"Sage 200 gives no balance for {ABS}."),
        (ask.Limit(IT), customer(credit_limit=Decimal(0)), f"{ABS}: Balance £2,464.16, no credit limit set."),
        (
            ask.Headroom(IT),
            None,
            f"{ABS} has £1,571.84 of credit left: £4,000.00 limit − £2,464.16 balance + £36.00 returns.",
        ),
        (
            ask.CanOrder(IT),
            HELD,
            f"No: {ABS} is on hold. Reason: Cheque returned. Balance £2,464.16 of a £4,000.00 limit, 62% used.",
        ),
        (ask.Why(IT), customer(on_hold=True), f"{ABS} is on hold. Sage 200 gives no reason."),
        (ask.SinceWhen(IT), None, f"{ABS} is not on hold."),
        (ask.Contact(IT), None, f"{ABS}: Tom Abbott · 0191 498 0123."),
        (ask.Terms(IT), None, f"Payment terms of {ABS}: 30 days. It pays in 319 days on average."),
        (ask.Rep(IT), None, f"{ABS}: Sales rep George."),
        (
            ask.Release(IT),
            HELD,
            f"Nothing was changed: {ABS} is on hold. "
            "Type `/customer ABS001 request-release REASON`, or use the buttons on its card.",
        ),
        (
            ask.PutOnHold(IT, "cheque `bounced` <@U1>"),
            None,
            f"Nothing was changed: {ABS} is not on hold. "
            "Type `/customer ABS001 hold cheque bounced &lt;@U1&gt;`, or use the buttons on its card.",
        ),
    ],
)
def test_the_sentence(question, shown, expected):
    assert told(question, shown) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_shown_no_figures_hears_none_whatever_they_ask(kind):
    shown = replace(HELD, status_reason="Secret reason £7")
    message = views.conversation_answer(
        CustomerAnswer(kind(IT), replace(card(shown), shown=Shown.STATUS), reason="Secret reason £7")
    )
    passes(message)
    assert not [leak for leak in ("£", "Secret", "George", "Tom") if leak in message.text + str(message.payload())]
    assert f"{ABS} is on hold." in message.text
    assert "`/sage connect`" in message.text


def test_who_has_connected_and_is_shown_no_figures_is_not_told_to_connect():
    hidden = replace(card(HELD), shown=Shown.STATUS, may_connect=False)
    said = views.conversation_answer(CustomerAnswer(ask.Balance(IT), hidden)).text
    drawn = customer_card(hidden)
    assert "Figures are for people with a role here." in said
    assert not [each for each in (said, drawn.text, str(drawn.blocks)) if "onnect" in each]


def test_an_order_of_some_value_is_answered_with_the_verdict():
    shown = card()
    check = order_check.check_order(shown.customer, order_check.Amount(Decimal(1500)), is_copy=False)
    message = views.conversation_answer(OrderAnswer(check, shown))
    passes(message)
    assert "£71.84" in message.text


def test_what_is_overdue_of_one():
    item = DebtItem(id=1, reference="100", outstanding=Decimal(1250), gross=Decimal(1250), kind=ItemKind.INVOICE)
    late = debt_on(date(2026, 3, 2), set_off([replace(item, due=date(2025, 11, 12))]))

    def said(lateness: Lateness | None) -> str:
        answer = CustomerAnswer(ask.Overdue(IT), replace(card(), lateness=lateness))
        return views.conversation_answer(answer).text.partition("\n")[0]

    assert said(Lateness(late)) == f"{ABS}: £1,250.00 is overdue, the oldest by 110 days."
    assert said(Lateness(debt_on(date(2026, 3, 2), set_off([])))) == f"{ABS}: Nothing is overdue."
    assert said(Lateness(None, DebtUnknown.NOT_GIVEN)) == (
        f"{ABS}: What is overdue is not known: Sage 200 gives no transactions here."
    )
    assert "not known" in said(None)


def test_since_when():
    since = {"since": date(2026, 2, 26), "days": 4, "reason": "Overdue"}
    held = customer(on_hold=True)
    assert told(ask.SinceWhen(IT), held, **since) == f"{ABS} is on hold. Since 26 February 2026, 4 days."
    assert told(ask.SinceWhen(IT), held, **since, at_least=True) == f"{ABS} is on hold. On hold for at least 4 days."
    assert told(ask.Why(IT), held, **since) == f"{ABS} is on hold. Reason: Overdue. Since 26 February 2026, 4 days."


@pytest.mark.parametrize("kind", KINDS)
@whatever_things_are_called
def test_whatever_sage_holds(kind, words):
    shown = customer(
        name=words,
        reference=words,
        on_hold=True,
        status_reason=words,
        contact_name=words,
        payment_terms=words,
        analysis={2: words},
        currency=Currency("", words[:5]),
    )
    message = views.conversation_answer(
        CustomerAnswer(kind(IT), card(shown, company_name=words, labels={2: f"rep {words}"}), reason=words)
    )
    passes(message)


@whatever_things_are_called
def test_the_public_answer_has_no_figure_and_no_reason(words):
    shown = replace(HELD, name=words or "A", status_reason="Secret reason £7")
    answer = CustomerAnswer(ask.IsOnHold(IT), card(shown))
    message = views.in_public(answer)
    passes(message)
    assert for_everybody(answer)
    assert not [leak for leak in ("£", "%", "Secret") if leak in message.text + str(message.payload())]
    assert " is on hold." in message.text


@pytest.mark.parametrize("topic", ask.Topic)
def test_what_cannot_be_answered_is_said_with_what_can(topic):
    text = views.conversation_answer(ask.CannotAnswer(topic)).text
    assert topic is ask.Topic.OTHER or "`" in text or "“" in text or "Sage 200" in text or "only" in text


def test_the_customer_that_was_assumed_is_named_first():
    text = views.conversation_answer(Assumed(card(), CustomerAnswer(ask.Balance(IT), card()))).text
    assert text.startswith(f"About {ABS}, asked about last:\n{ABS} owes £2,464.16.")
    assert for_everybody(Assumed(card(), CustomerAnswer(ask.IsOnHold(IT), card())))


def test_each_of_several_is_answered():
    both = OfEachOne((CustomerAnswer(ask.Balance(IT), card()), CustomerAnswer(ask.Balance(IT), card(HELD))))
    assert views.conversation_answer(both).text.count("owes £2,464.16") == 2


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not ask.IsOnHold])
def test_only_whether_it_is_on_hold_is_for_everybody(kind):
    assert not for_everybody(CustomerAnswer(kind(IT), card()))


@pytest.mark.parametrize(
    "value",
    [
        Compared(card(), card(HELD)),
        Unresolved(ask.Balance(IT), SeveralCustomers("twin", names(25), more=True, company_name="A")),
        Unresolved(ask.Balance(IT), NoCustomer("x", (), "A")),
        Unnamed(ask.Balance(IT)),
        NotYet(ask.ListOverdue(days=90)),
        DebtNotKnown(DebtUnknown.READING, "A", 7),
        *map(ask.CannotAnswer, ask.Topic),
        Assumed(card(), CustomerAnswer(ask.Balance(IT), card())),
        OfEachOne((CustomerAnswer(ask.Balance(IT), card()), Unresolved(ask.Balance(IT), NoCustomer("x", (), "A")))),
        OfEachOne((Unresolved(ask.Balance(IT), SeveralCustomers("twin", names(25), more=True, company_name="A")),) * 4),
        Lost(examples(connected=True, sees_all=True)[:MOST_EXAMPLES]),
        Small(ask.Help(), examples(connected=False, sees_all=False)),
        Small(ask.Greeting(), examples(connected=True, sees_all=False)),
        Small(ask.Thanks()),
        Unwatched(card(), 3),
        Unwatched(card(), None),
        card(),
    ],
)
def test_every_other_answer(value):
    passes(views.conversation_answer(value))


@pytest.mark.parametrize("question", [ask.OverLimit(), ask.NearLimit(percent=90), ask.Largest()])
@whatever_things_are_called
def test_rankings_whatever_sage_holds(question, words):
    shown = customer(name=words, reference=words, on_hold=True, currency=Currency("", words[:5]))
    for count in (0, 1, 45):
        passes(
            views.conversation_answer(
                Ranking(question, (shown,) * min(count, 20), count, words, NOW, asked=words, is_narrowed=True)
            )
        )


def test_a_ranking():
    found = Ranking(ask.OverLimit(), (customer(), HELD), 2, "ABS Ltd", NOW)
    first, one, two, source = views.conversation_answer(found).text.split("\n")
    assert first == "*2 accounts over the credit limit* in ABS Ltd"
    assert one == "*ABS001* ABS Garages Ltd · £2,464.16 (limit £4,000.00)"
    assert two == f"{one} · on hold"
    assert source.startswith("Figures as at <!date^")


def test_near_the_limit_says_how_much_of_it_is_used():
    found = Ranking(ask.NearLimit(), (customer(),), 1, "ABS Ltd", NOW)
    first, one, *_ = views.conversation_answer(found).text.split("\n")
    assert first == "*1 account with 80% of the credit limit used, or more* in ABS Ltd"
    assert one == "*ABS001* ABS Garages Ltd · £2,464.16 (limit £4,000.00, 62% used)"
    nobody = views.conversation_answer(replace(found, customers=(), count=0)).text
    assert nobody.startswith("*No accounts have used 80% of their credit limit* in ABS Ltd.")


def test_a_ranking_says_how_many_there_are_and_how_to_see_the_rest():
    found = Ranking(ask.Largest(), (customer(),) * 10, 45, "A", NOW, words="min:5000")
    text = views.conversation_answer(found).text
    assert text.startswith("*Who owes the most* in A: 45 accounts, page 1 of 5")
    rest = "The rest: *Next* or `/sage balances page 2 min:5000`; all of them as a file: `/sage balances csv min:5000`."
    assert rest in text
    last = views.conversation_answer(replace(found, question=ask.OverLimit(), page=3, words="")).text
    assert "*45 accounts over the credit limit* in A, page 3 of 3" in last
    assert "The rest: *Previous* or `/sage over-limit page 2`; all of them as a file: `/sage over-limit csv`." in last
    all_shown = views.conversation_answer(replace(found, count=10)).text
    assert "The rest" not in all_shown


def test_prompts_are_as_slack_takes_them():
    for suggested in (examples(connected=flag, sees_all=flag) for flag in (True, False)):
        prompts = views.prompts(suggested)
        assert 0 < len(prompts) <= views.MOST_PROMPTS
        assert all(each.keys() == {"title", "message"} for each in prompts)

"""What is typed after `promise`, `dispute` and `note`, and the command that a refusal offers instead."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from bot.domain.money import Currency
from bot.errors import BadQuestion
from bot.features.card.model.customer_command import CustomerWord, parse_customer_command
from bot.features.promises.model.promise_typed import LONGEST, note_from, parse_dispute, parse_promise, reason_of
from tests.builders import customer

MONDAY = date(2026, 3, 16)
ABS = customer()


@pytest.mark.parametrize(
    ("typed", "amount", "due", "who"),
    [
        ("500 by Friday Jane", "500", "2026-03-20", "Jane"),
        ("500 by friday", "500", "2026-03-20", ""),
        ("£1,200.50 by 20 March", "1200.50", "2026-03-20", ""),
        ("GBP 500 by 20th March 2026 Jane Abbott", "500", "2026-03-20", "Jane Abbott"),
        ("500 by tomorrow", "500", "2026-03-17", ""),
        ("500 by today Tom", "500", "2026-03-16", "Tom"),
        ("500 by 2026-03-20", "500", "2026-03-20", ""),
        ("500 by Monday", "500", "2026-03-23", ""),  # the next one, not today
        ("500 by next Thursday", "500", "2026-03-19", ""),
        ("1.5k by 31/03/2026 Jane", "1500", "2026-03-31", "Jane"),
        ("500 by 1/4", "500", "2026-04-01", ""),
        ("500 by March 20", "500", "2026-03-20", ""),
        ("500 by the 20th of March, Jane", "500", "2026-03-20", "Jane"),
        ("500 by end of the month", "500", "2026-03-31", ""),
        ("500 by in 2 weeks", "500", "2026-03-30", ""),
        ("500 BY FRI (Jane)", "500", "2026-03-20", "Jane"),
        ("500 on Friday says Jane", "500", "2026-03-20", "Jane"),
        ("500 Friday", "500", "2026-03-20", ""),
        ("500 by 2 September", "500", "2026-09-02", ""),
        ("by friday 500", "500", "2026-03-20", ""),
        ("Friday 500 Jane", "500", "2026-03-20", "Jane"),
        ("by Friday Jane Abbott £500", "500", "2026-03-20", "Jane Abbott"),
        ("Jane 500 by Friday", "500", "2026-03-20", "Jane"),
        ("Jane says GBP 500 by Friday", "500", "2026-03-20", "Jane"),
        ("500 Jane by Friday", "500", "2026-03-20", "Jane"),
        ("500 by Jane by Friday", "500", "2026-03-20", "Jane"),
        ("Jane by 20 March 500", "500", "2026-03-20", "Jane"),
        ("by 20 March 1500", "1500", "2026-03-20", ""),
        ("20 March 2026 1500", "1500", "2026-03-20", ""),
        ("50 March 20", "50", "2026-03-20", ""),
        ("for 500 by Friday", "500", "2026-03-20", ""),
        ("in 2 weeks 500", "500", "2026-03-30", ""),
    ],
)
def test_an_amount_a_day_and_who_said_so(typed, amount, due, who):
    found = parse_promise(typed, ABS, MONDAY)
    assert (found.amount, found.due, found.said_by) == (Decimal(amount), date.fromisoformat(due), who)


def test_in_december_a_day_of_january_is_the_coming_one():
    assert parse_promise("5 by 10 January", ABS, date(2025, 12, 20)).due == date(2026, 1, 10)


@pytest.mark.parametrize(
    ("typed", "said", "right"),
    [
        ("", "how much was promised", "/customer ABS001 promise 500 by Friday"),
        ("by Friday", "how much was promised", "/customer ABS001 promise 500 by Friday"),
        ("soon", "how much was promised", "/customer ABS001 promise 500 by Friday"),
        ("750", "by which day", "/customer ABS001 promise 750 by Friday"),
        ("750 by", "by which day", "/customer ABS001 promise 750 by Friday"),
        ("750 by whenever", "That isn't a day", "/customer ABS001 promise 750 by Friday"),
        ("750 by 31 June", "no such day", "/customer ABS001 promise 750 by Friday"),
        ("750 by 30/02/2027", "no such day", "/customer ABS001 promise 750 by Friday"),
        ("750 by 13 March", "13 March 2026 is past", "/customer ABS001 promise 750 by Friday"),
        ("750 by 2026-03-15 Jane", "15 March 2026 is past", "/customer ABS001 promise 750 by Friday"),
        ("750 by 2027-03-19", "more than a year away", "/customer ABS001 promise 750 by Friday"),
        ("EUR 750 by 20 March", "kept in GBP", "/customer ABS001 promise 750 by 20 March"),
        ("750 USD by 20 March", "kept in GBP", "/customer ABS001 promise 750 by 20 March"),
        ("€750.50 by Friday Jane", "kept in GBP", "/customer ABS001 promise 750.50 by Friday Jane"),
        ("0 by Friday", "more than nothing", "/customer ABS001 promise 500 by Friday"),
        ("5.005 by Friday", "two decimal places", "/customer ABS001 promise 500 by Friday"),
        ("9999999999999 by Friday", "too large for a promise", "/customer ABS001 promise 500 by Friday"),
        ("750 by yesterday", "15 March 2026 is past", "/customer ABS001 promise 750 by Friday"),
        ("750 by last Friday", "13 March 2026 is past", "/customer ABS001 promise 750 by Friday"),
        ("yesterday 750", "15 March 2026 is past", "/customer ABS001 promise 750 by Friday"),
        ("by 20 March 2026", "how much was promised", "/customer ABS001 promise 500 by 20 March 2026"),
        ("by whenever 500", "how much was promised", "/customer ABS001 promise 500 by Friday"),
        ("by Friday €750", "kept in GBP", "/customer ABS001 promise 750 by Friday"),
        ("500 600 by Friday", "That isn't an amount", "/customer ABS001 promise 500 by Friday"),
        ("12x by Friday", "That isn't an amount", "/customer ABS001 promise 500 by Friday"),
    ],
)
def test_what_is_wrong_is_said_with_the_command_as_it_would_be_right(typed, said, right):
    with pytest.raises(BadQuestion) as refused:
        parse_promise(typed, ABS, MONDAY)
    assert said in refused.value.message
    assert f"`{right}`" in refused.value.hint
    offered = re.search(r"`/customer (.+)`", refused.value.hint)[1]
    command = parse_customer_command(offered)
    assert (command.word, command.subject) == (CustomerWord.PROMISE, "ABS001")
    parse_promise(command.rest, ABS, MONDAY)  # what is offered is taken


def test_a_promise_is_in_the_accounts_own_currency():
    euros = customer(currency=Currency("EUR", "€"))
    assert parse_promise("€500 by Friday", euros, MONDAY).amount == 500
    with pytest.raises(BadQuestion, match="kept in EUR"):
        parse_promise("£500 by Friday", euros, MONDAY)
    unknown = customer(currency=Currency())
    assert parse_promise("$500 by Friday", unknown, MONDAY).amount == 500


def test_texts_are_one_line_of_200_characters_and_never_cut():
    assert note_from("rang\n\tTom  today", ABS) == "rang Tom today"
    assert note_from("x" * LONGEST, ABS) == "x" * LONGEST
    assert parse_promise(f"5 by Friday {'x' * LONGEST}", ABS, MONDAY).said_by == "x" * LONGEST
    for too_long in (lambda: note_from("x" * 201, ABS), lambda: parse_dispute(f"INV1 {'x' * 201}", ABS)):
        with pytest.raises(BadQuestion, match="200 characters"):
            too_long()
    with pytest.raises(BadQuestion, match="200 characters"):
        parse_promise(f"5 by Friday {'x' * 201}", ABS, MONDAY)
    with pytest.raises(BadQuestion, match="what to note"):
        note_from("  ", ABS)


def test_a_dispute_names_an_invoice_and_a_reason():
    found = parse_dispute("#INV12: wrong price", ABS)
    assert (found.document, found.reason) == ("INV12", "wrong price")
    assert parse_dispute("INV12", ABS).reason == ""
    with pytest.raises(BadQuestion) as nothing:
        parse_dispute("", ABS)
    assert nothing.value.hint == "Type `/customer ABS001 dispute INV12 REASON`."
    with pytest.raises(BadQuestion) as no_reason:
        reason_of(parse_dispute("INV12", ABS), ABS)
    assert no_reason.value.hint == "Type `/customer ABS001 dispute INV12 REASON`."

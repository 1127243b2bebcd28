"""Every message of `/onhold` passes the gate, whatever things are called, and says what it must."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.changes import Snapshot
from bot.domain.money import STERLING, Currency
from bot.domain.text.periods import Period
from bot.features.alerts.model.messages import HeldAccount
from bot.features.customers.model.listing import PER_PAGE, ListTyped, NotKnown, Unknown, list_typed
from bot.features.customers.views import not_known
from bot.features.on_hold.model.list import Account, Listing, Totals
from bot.features.on_hold.model.query import MOST, HoldChanges
from bot.features.on_hold.views import list as views
from bot.slack.views.listing import page_pressed
from tests.builders import NOW
from tests.slack.gate import faults, passes
from tests.slack.hostile import whatever_things_are_called

MILLIONS = Decimal("9999999999.99")


def account(words="ABS Garages Ltd", number=1, days=12, **unlike):
    usual = {"balance": Decimal("2464.16"), "currency": STERLING}
    snapshot = Snapshot(number, words, words, on_hold=True, **{**usual, **unlike})
    return Account(HeldAccount(snapshot, days, at_least=True), date(2026, 2, 18), words)


def listing(words="ABS Garages Ltd", count=40, **unlike):
    usual = {"words": words[:MOST], "asked": words, "labels": {3: words}, "is_narrowed": True}
    accounts = unlike.pop("accounts", tuple(account(words, number) for number in range(count)))
    page, per_page = unlike.pop("page", 1), unlike.pop("per_page", PER_PAGE)
    balances = ((each.held.customer.currency, each.held.customer.balance) for each in accounts)
    found = Totals.of((currency, balance, 1, balance is not None) for currency, balance in balances)
    shown = accounts[(page - 1) * per_page : page * per_page]
    return Listing(shown, words, NOW, found, page, **{**usual, **unlike})


def changed(words="ABS Garages Ltd", count=40, **unlike):
    stay = {"released": date(2026, 2, 20), "ending": words, "times": 1_000}
    accounts = tuple(replace(account(words, number), **stay) for number in range(count))
    period = Period(date(2026, 2, 1), date(2026, 2, 28))
    given = {"changes": HoldChanges(released=False, period=period), "watched_since": date(2026, 2, 14), **unlike}
    return listing(words, accounts=accounts, **given)


def every_currency(words):
    return tuple(
        account(words, number, 99_999, balance=MILLIONS, currency=Currency(f"{chr(65 + number)}{words}", words))
        for number in range(15)
    )


BUILT = {
    views.on_hold_list: [
        lambda words: views.on_hold_list(listing(words, page=2)),
        lambda words: views.on_hold_list(listing(words, 1, page=1)),
        lambda words: views.on_hold_list(listing(words, accounts=every_currency(words), page=1)),
        lambda words: views.on_hold_list(listing(words, accounts=(account(words, balance=None, days=None),), page=1)),
    ],
    views.nobody: [
        lambda words: views.nobody(changed(words, 0)),
        lambda words: views.nobody(listing(words, 0, meant=(words,) * 30)),
        lambda words: views.nobody(listing(words, 0, asked="")),
    ],
    views.on_hold_answer: [
        lambda words: views.on_hold_answer(listing(words, 3)),
        lambda words: views.on_hold_answer(changed(words, 40, page=2)),
        lambda words: views.on_hold_answer(changed(words, 40, changes=HoldChanges(released=True))),
        *(lambda words, why=why: views.on_hold_answer(NotKnown(why, words, as_of=NOW, customers=7)) for why in Unknown),
    ],
}


@pytest.mark.parametrize("build", [build for builds in BUILT.values() for build in builds])
@whatever_things_are_called
def test_every_message_passes_whatever_things_are_called(build, words):
    passes(build(words))


@whatever_things_are_called
def test_every_account_and_its_figure_stand_in_the_text_too(words):
    odd = account(words, balance=MILLIONS, currency=Currency("", words))
    for accounts in (every_currency(words), (odd,) * 15):
        message = views.on_hold_list(listing(words, accounts=accounts, page=1))
        assert message.text.count("9,999,999,999.99") >= 15
        assert message.text.count("• ") >= 15
        assert "As of" in message.text
    assert "9 more currencies" in views.on_hold_list(listing(accounts=every_currency("ZZ"), page=1)).text


@whatever_things_are_called
def test_the_words_above_the_file_pass_too(words):
    for found in (listing(words), changed(words)):
        assert faults({"text": views.comment(found)}) == []


def test_no_view_is_forgotten():
    made: set[Any] = {
        function
        for _, function in inspect.getmembers(views, inspect.isfunction)
        if inspect.get_annotations(function).get("return") == "Message" and function.__module__ == views.__name__
    }
    assert made == set(BUILT)


def test_a_line_has_days_reason_and_balance_and_the_page_its_totals_and_age():
    euros = account("Tyres", days=1, currency=Currency("EUR", "€"))
    shown = replace(euros, held=replace(euros.held, at_least=False), reason="Cheque returned")
    message = views.on_hold_list(listing(accounts=(account(), shown), page=1))
    for text in (message.text, str(message.payload()["blocks"])):
        for fact in ("at least 12 days", "1 day", "Cheque returned", "€2,464.16 · £2,464.16", "As of <!date"):
            assert fact in text, fact
    assert "Showing your customers only" in message.text


def test_no_figure_is_in_the_words_that_say_why_there_is_none():
    for why in Unknown:
        assert "£" not in not_known(NotKnown(why, "ABS", as_of=NOW)).text


def test_why_there_is_no_list_is_true_of_every_list():
    # `/overdue` and rankings say it too.
    for why in Unknown:
        assert "on hold" not in not_known(NotKnown(why, "ABS", as_of=NOW, customers=7)).text


@pytest.mark.parametrize(
    ("page", "shown", "turns"),
    [(1, 1, ["Next"]), (2, 2, ["Previous", "Next"]), (3, 3, ["Previous"])],
)
def test_pages_hold_fifteen_and_lead_to_each_other(page, shown, turns):
    message = views.on_hold_list(listing(words="rep:George", page=page))
    assert f"page {shown} of 3" in message.text
    to = shown - 1 if shown == 3 else shown + 1
    assert f"or `/onhold page {to} rep:George`; all of them as a file: `/onhold csv rep:George`." in message.text
    assert message.text.count("• ") == (10 if shown == 3 else 15)
    [row] = [block for block in message.payload()["blocks"] if block["type"] == "actions"]
    assert [each["text"]["text"] for each in row["elements"]] == [*turns, "Send CSV"]
    for each in row["elements"]:
        pressed, to = page_pressed(each), page_pressed(each).page
        assert pressed.words == "rep:George"
        if each["action_id"] != views.CSV:
            assert views.TURNED.fullmatch(each["action_id"])
            assert abs(to - shown) == 1


@pytest.mark.parametrize("value", ["", "x", "-1 a", "1e3", "٣ a", "9" * 12, None])
def test_a_button_that_is_not_ours_names_no_page(value):
    assert page_pressed({"value": value}).page == 0


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", ListTyped("")),
        (" region:Durham ", ListTyped("region:Durham")),
        ("page 3", ListTyped("", 3)),
        ("Page 3 mine garages", ListTyped("mine garages", 3)),
        ("released this week page 2", ListTyped("released this week", 2)),
        ("page one", ListTyped("")),
        ("csv", ListTyped("", as_file=True)),
        ("CSV mine", ListTyped("mine", as_file=True)),
        ("csvs", ListTyped("csvs")),
        ("region:London,Scotland csv", ListTyped("region:London,Scotland", as_file=True)),
    ],
)
def test_what_is_typed(text, meant):
    assert list_typed(text) == meant

"""News as it is shown: every kind in every class, the list in pages; whatever things are called, it passes the gate."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.changes import ACCOUNT_DELETED, Change, ChangeKind, Snapshot, utilisation
from bot.domain.hold_episode import HoldEpisode
from bot.domain.money import STERLING, Currency
from bot.features.alerts.model.disclosure import band
from bot.features.alerts.model.messages import (
    MOST_LINES,
    ChangeAlert,
    Digest,
    GapReport,
    HeldAccount,
    Rep,
    Shown,
    SummaryAlert,
)
from bot.features.alerts.views.alert import figures, render_alert
from bot.features.alerts.views.digest import digest_message
from bot.features.assistant.model.answers import CustomerAnswer
from bot.features.assistant.model.questions import It, Limit
from bot.features.assistant.views.sentences import sentence
from bot.features.card.views.card import customer_card
from tests.builders import NOW, card, customer
from tests.slack.gate import passes
from tests.slack.hostile import whatever_things_are_called

pounds = st.decimals(-(10**9), 10**9, places=2) | st.decimals(0, 2_000, places=2)
limits = pounds.map(abs)
MONEY = re.compile(r"[£€$]\s?\d|\d+\.\d\d")


def snapshot(words: str = "ABS Garages Ltd", **unlike) -> Snapshot:
    money = {"balance": Decimal("3464.16"), "credit_limit": Decimal("4000.00"), "open_orders": Decimal("12.50")}
    usual = {
        "customer_id": 1,
        "reference": words[:20] or "ABS001",
        "name": words,
        "on_hold": True,
        "currency": STERLING,
    }
    return Snapshot(**{**usual, **money, **unlike})


def news(kind: ChangeKind, words: str = "ABS Garages Ltd", *, reason: str = "Overdue", **unlike) -> ChangeAlert:
    customer = unlike.pop("customer", snapshot(words))
    stay = HoldEpisode(NOW - timedelta(days=2), NOW if kind is ChangeKind.RELEASED else None, reason, "")
    change = Change(kind, customer, customer, amount=Decimal("500.00"), crossed=(80,), reason=reason)
    usual = {"seen_at": NOW, "episode": stay, "days_held": 2, "passed": 80, "within": {ChangeKind.PAID_WHILE_HELD: 2}}
    return ChangeAlert(change, **{**usual, **unlike})


def listed(count: int, words: str = "ABS Garages Ltd", **unlike) -> Digest:
    held = tuple(
        HeldAccount(snapshot(words, reference=f"AB{number:04}"), number, number % 2 == 0, number % 3 == 0)
        for number in range(count)
    )
    new, begin = sum(each.is_new for each in held), unlike.get("begin", 0)
    gone = {"released": (("OLD1", words),) * 10, "released_count": 15}
    usual = {"held": held[begin:][:MOST_LINES], "count": count, "new": new, **gone}
    return Digest(**{**usual, "due_at": NOW, "since": NOW - timedelta(days=1), "as_of": NOW, **unlike})


def shown_text(message) -> str:
    return json.dumps(message.payload(), ensure_ascii=False)


def percentages(text: str) -> list[str]:
    return re.findall(r"([\d,]+)%", text)


@given(pounds, limits)
@example(Decimal("796.00"), Decimal("1000.00"))
@example(Decimal("-4.00"), Decimal("1000.00"))
def test_the_card_the_alert_and_the_answer_in_words_say_one_percentage(balance, limit):
    shown = customer(balance=balance, credit_limit=limit)
    on_card = percentages(shown_text(customer_card(card(shown))).replace("\\u00a0", " "))
    in_alert = percentages(figures(Snapshot.of(shown), Shown.FIGURES))
    in_words = percentages(sentence(CustomerAnswer(Limit(It()), card(shown))))
    assert set(on_card) == set(in_alert) == set(in_words)
    assert len(in_alert) == (balance >= 0 and limit > 0)


@given(pounds, limits)
@example(Decimal("796.00"), Decimal("1000.00"))
@example(Decimal("800.00"), Decimal("1000.00"))
@example(Decimal("1000.00"), Decimal("1000.00"))
def test_a_threshold_is_reached_by_the_exact_figure_whatever_is_shown(balance, limit):
    before, after = (snapshot(balance=each, credit_limit=limit) for each in (Decimal(0), balance))
    reached = {threshold for threshold in (80, 100) if limit and 100 * balance >= threshold * limit}
    (_, fired), use = utilisation(before, after, (80, 100), ()), band(after.percent_used)
    assert fired == reached
    assert use == (100 if limit and balance > limit else 80 if 80 in reached else None)


@pytest.mark.parametrize("is_reply", [False, True])
@pytest.mark.parametrize("shown", Shown)
@pytest.mark.parametrize("kind", ChangeKind)
@whatever_things_are_called
def test_every_change_passes_the_gate_and_shows_no_more_than_its_class(kind, shown, words, is_reply):
    for by_user in (None, "U0PRIYA"):
        message = render_alert(news(kind, words, reason=words, by_user=by_user), shown, is_reply=is_reply)
        passes(message)
        if shown is not Shown.FIGURES:
            assert not MONEY.search(shown_text(message).replace(words[:20], ""))


@pytest.mark.parametrize("is_reply", [False, True])
@pytest.mark.parametrize("kind", ChangeKind)
def test_a_reason_is_read_only_where_figures_are(kind, is_reply):
    def text(shown):
        return shown_text(render_alert(news(kind, reason="owes 1200 or Tausend"), shown, is_reply=is_reply))

    assert "owes 1200 or Tausend" in text(Shown.FIGURES)
    for shown in (Shown.STATUS, Shown.BAND):
        assert not re.search(r"£|owes|1200|Tausend|500|3464|4000", text(shown))


@pytest.mark.parametrize(
    ("balance", "limit", "said"),
    [
        ("3199.99", "4000.00", "Under 80%"),
        ("3200.00", "4000.00", "80% of its credit limit or more"),
        ("4000.00", "4000.00", "80% of its credit limit or more"),
        ("4000.01", "4000.00", "Over its credit limit"),
        ("1.00", "0.00", "No credit limit set"),
    ],
)
def test_a_band_is_a_band(balance, limit, said):
    customer = snapshot(balance=Decimal(balance), credit_limit=Decimal(limit))
    message = render_alert(news(ChangeKind.PUT_ON_HOLD, customer=customer), Shown.BAND, is_reply=False)
    assert said in message.text
    assert not MONEY.search(shown_text(message))


@pytest.mark.parametrize(
    ("kind", "shown", "said"),
    [
        (ChangeKind.PUT_ON_HOLD, Shown.FIGURES, "Balance £3,464.16 of £4,000.00 (87%) · open orders £12.50"),
        (ChangeKind.PUT_ON_HOLD, Shown.STATUS, "is on hold"),
        (ChangeKind.RELEASED, Shown.STATUS, "after 2 days on hold"),
        (ChangeKind.OVER_LIMIT, Shown.STATUS, "is over its credit limit"),
        (ChangeKind.BACK_UNDER_LIMIT, Shown.STATUS, "is back within its credit limit"),
        (ChangeKind.UTILISATION, Shown.BAND, "has used 80% of its credit limit or more"),
        (ChangeKind.UTILISATION, Shown.FIGURES, "has used 80% of its credit limit or more"),
        (ChangeKind.PAID_WHILE_HELD, Shown.FIGURES, "£500.00 came in for"),
        (ChangeKind.PAID_WHILE_HELD, Shown.BAND, "A payment or a credit note came in for"),
        (ChangeKind.ORDER_WHILE_HELD, Shown.FIGURES, "Orders for £500.00 were entered for"),
    ],
)
def test_a_change_says_what_happened(kind, shown, said):
    assert said in render_alert(news(kind), shown, is_reply=False).text


@pytest.mark.parametrize(("passed", "said"), [(37, "is near"), (95, "has used 80%"), (115, "has used 100%")])
def test_a_place_for_bands_reads_the_band_and_not_the_threshold(passed, said):
    text = render_alert(news(ChangeKind.UTILISATION, passed=passed), Shown.BAND, is_reply=False).text
    assert said in text
    assert f"{passed}%" not in text


def test_it_says_who_did_it_or_when_it_was_seen():
    assert (
        "Changed in Sage 200, noticed <!date"
        in render_alert(news(ChangeKind.PUT_ON_HOLD), Shown.STATUS, is_reply=False).text
    )
    ours = render_alert(news(ChangeKind.PUT_ON_HOLD, by_user="U0PRIYA"), Shown.STATUS, is_reply=False)
    assert "By <@U0PRIYA>, <!date" in ours.text


def test_a_release_within_the_day_says_hours_and_a_deleted_account_says_so():
    stay = HoldEpisode(NOW - timedelta(hours=2, minutes=15), NOW)
    assert (
        "after 2 h 15 min on hold"
        in render_alert(news(ChangeKind.RELEASED, episode=stay, days_held=0), Shown.STATUS, is_reply=False).text
    )
    gone = render_alert(news(ChangeKind.RELEASED, reason=ACCOUNT_DELETED), Shown.STATUS, is_reply=False)
    assert "The account was deleted in Sage 200." in gone.text


def test_the_reply_below_a_card_tells_the_stay():
    text = render_alert(news(ChangeKind.RELEASED), Shown.STATUS, is_reply=True).text
    assert "Put on hold <!date" in text
    assert "2 payments while on hold" in text


@pytest.mark.parametrize("kind", ChangeKind)
@whatever_things_are_called
def test_a_summary_passes_and_names_the_first(kind, words):
    names = tuple((f"AB{number:03}", words) for number in range(20))
    message = render_alert(SummaryAlert(kind, 10_000, names, NOW), Shown.FIGURES, is_reply=False)
    passes(message)
    assert "10,000 accounts" in message.text
    assert f"and {10_000 - message.text.count('• AB'):,} more" in message.text


def test_a_report_counts_what_came_meanwhile():
    counts = {"released": 1, "put_on_hold": 3, "odd": 2}
    sage = render_alert(GapReport(NOW - timedelta(hours=7), NOW, counts), Shown.STATUS, is_reply=False)
    slack = render_alert(GapReport(NOW - timedelta(hours=7), NOW, counts, "posting"), Shown.STATUS, is_reply=False)
    for message, lead in ((sage, "Sage 200 was unavailable"), (slack, "No alerts could be posted here")):
        passes(message)
        assert lead in message.text
        assert "3 put on hold, 1 released, 2 other" in message.text


def test_who_may_not_know_how_many_is_told_that_there_are_some():
    summary = render_alert(
        SummaryAlert(ChangeKind.RELEASED, None, (("AB1", "ABS"),), NOW), Shown.FIGURES, is_reply=False
    )
    away = render_alert(GapReport(NOW, NOW, {"released": 7, "odd": 3}, is_counted=False), Shown.FIGURES, is_reply=False)
    gathered, _ = digest_message(listed(0, counts={"put_on_hold": 7}, is_counted=False, is_listed=False), Shown.FIGURES)
    for message in (summary, away, gathered):
        passes(message)
    assert "Some accounts: released*\n• AB1 ABS" in summary.text
    assert "some released, some other" in away.text
    assert "some put on hold" in gathered.text
    assert "7" not in away.text.split("*")[-1] + gathered.text.split("Changes since")[-1].split("\n")[0]


@pytest.mark.parametrize("shown", Shown)
@whatever_things_are_called
def test_every_page_of_the_list_passes_and_together_they_hold_every_account(shown, words):
    begin, seen = 0, []
    while begin is not None:
        message, begin = digest_message(listed(130, words, begin=begin), shown)
        passes(message)
        if shown is not Shown.FIGURES:
            assert "£" not in shown_text(message).replace(words, "")
        found = re.findall(r"^• (AB\d{4})", message.text, re.M)
        assert len(found) <= MOST_LINES
        seen += found
    assert seen == [f"AB{number:04}" for number in range(130)]


def test_the_list_says_what_is_new_what_was_released_and_that_it_is_late():
    message, more = digest_message(listed(4, late_by=timedelta(hours=2, minutes=5)), Shown.FIGURES)
    assert more is None
    assert "4 accounts on hold* (sent 2 h late" in message.text
    assert "2 new, 15 released" in message.text
    assert "AB0002 ABS Garages Ltd: at least 2 days · Balance £3,464.16" in message.text


def test_an_empty_list_is_said_too():
    message, _ = digest_message(replace(listed(0), released=(), released_count=0), Shown.STATUS)
    passes(message)
    assert "No accounts are on hold" in message.text


def test_a_currency_without_a_sign_is_named():
    customer = snapshot(currency=Currency("USD", "$"))
    assert (
        "USD 3,464.16"
        in render_alert(news(ChangeKind.PUT_ON_HOLD, customer=customer), Shown.FIGURES, is_reply=False).text
    )


@pytest.mark.parametrize("shown", Shown)
@pytest.mark.parametrize("kind", ChangeKind)
def test_an_alert_names_the_rep_and_carries_buttons_with_ids_alone(kind, shown):
    reps = (Rep("George <!here>", "U0GEORGE"), Rep("Anna"))
    message = render_alert(news(kind, reps=reps, company_pk=7), shown, is_reply=False)
    passes(message)
    assert "Rep: George &lt;!here&gt;, Anna" in message.text
    assert "<@U0GEORGE>" not in shown_text(message)
    assert "alert.snooze" in shown_text(message)
    pressed = [each for block in message.blocks for each in block.get("elements", ()) if each["type"] == "button"]
    held = kind in {ChangeKind.PUT_ON_HOLD, ChangeKind.PAID_WHILE_HELD, ChangeKind.ORDER_WHILE_HELD}
    assert [each["text"]["text"] for each in pressed] == ["View account", *(["Request release"] if held else [])]
    assert {each["value"] for each in pressed} == {"7:1"}


def test_the_rep_is_pinged_only_where_the_subscription_says_so():
    reps = (Rep("George", "U0GEORGE"), Rep("Anna"))
    pinging = render_alert(news(ChangeKind.PUT_ON_HOLD, reps=reps, pings=True), Shown.STATUS, is_reply=False)
    assert "Rep: <@U0GEORGE>, Anna" in pinging.text


def test_a_release_says_who_and_when_once():
    released = news(ChangeKind.RELEASED, by_user="U0PRIYA")
    for is_reply in (False, True):
        assert render_alert(released, Shown.STATUS, is_reply=is_reply).text.count("<@U0PRIYA>") == 1


def test_the_list_has_reasons_and_totals_where_figures_are_shown_and_a_menu_everywhere():
    held = (HeldAccount(snapshot(reference="AB1", status_reason="Owes £9,999.00"), 3),)
    sums = ((STERLING, Decimal("3464.16")), (Currency("EUR", "€"), Decimal("5.00")))
    found = replace(listed(1), held=held, sums=sums, company_pk=7)
    for shown in Shown:
        message, _ = digest_message(found, shown)
        passes(message)
        assert ("Owes £9,999.00" in shown_text(message)) is (shown is Shown.FIGURES)
        assert ("Total owed: £3,464.16 · €5.00" in message.text) is (shown is Shown.FIGURES)
        assert '"value": "7:1"' in shown_text(message)

"""Sharing, watching, the menus of customers and the customers of a message: harmless, within Slack's limits."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.domain.customer import CustomerName
from bot.errors import SharingFailed, SlackPosting
from bot.features.access.model.authorization import Shown
from bot.features.assistant.model.answers import Unwatched
from bot.features.card.views import card as customers
from bot.features.card.views import mentions
from bot.features.card.views import picker as customer_picker
from bot.features.customers.model.mentions import Mention, Mentions
from bot.features.sharing import views as share
from bot.features.sharing.model import Shared
from bot.features.subscriptions.model.subscription import Created, Preview, SubscriptionView
from bot.features.subscriptions.views import watching
from bot.slack.views.errors import explain
from bot.slack.views.modal import message_modal, waiting
from sandbox.slack.sending.actions import suggested
from tests.builders import card, customer
from tests.features.subscriptions.test_views import kept
from tests.slack.gate import passes, passes_view
from tests.slack.hostile import whatever_things_are_called

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def shared(shown=Shown.FIGURES, **unlike):
    return Shared(card(customer(**unlike)), shown, "C0SALES", "U0PRIYA")


def written(view):
    return json.dumps(view, ensure_ascii=False)


@pytest.mark.parametrize("shown", Shown)
@whatever_things_are_called
def test_what_is_shared_is_harmless_whatever_it_is_called(words, shown):
    what = shared(shown, name=words, reference=words[:20] or "X", status_reason=words)
    passes(share.shared(what, words))
    passes_view(share.form(what.card, preview=what))
    passes_view(share.form(what.card, trouble=explain(SharingFailed())))
    passes_view(share.share_done(what))


@pytest.mark.parametrize(
    ("shown", "has", "has_not"),
    [
        (Shown.STATUS, ["🛑 On hold"], ["£", "%", "limit", "Reason"]),
        (Shown.BAND, ["🛑 On hold", "Over its credit limit"], ["£", "120", "Reason"]),
        (Shown.FIGURES, ["🛑 On hold", "£120.00", "£100.00", "Reason: £20 short"], []),
    ],
)
def test_each_class_of_channel_is_shown_no_more_than_it_may(shown, has, has_not):
    figures = {"balance": Decimal(120), "credit_limit": Decimal(100), "status_reason": "£20 short", "on_hold": True}
    message = share.shared(shared(shown, **figures), "")
    said = message.text + json.dumps(message.payload()["blocks"], ensure_ascii=False)
    assert [fact for fact in has if fact not in message.text] == []
    assert [fact for fact in has_not if fact in said] == []
    assert "Shared by <@U0PRIYA>" in message.text
    assert "Live from" in message.text


def test_the_preview_is_the_message_itself():
    what = shared(Shown.BAND)
    blocks = share.form(what.card, preview=what)["blocks"]
    posted = share.shared(what).payload()["blocks"]
    assert blocks[-len(posted) :] == posted


@pytest.mark.parametrize("note", ["", "x", "[]", '{"id": "1"}', '{"id": true}', '{"id": -1}', '{"id": 1e99}', "null"])
def test_a_note_that_is_not_ours_names_nobody(note):
    assert share.share_note({"private_metadata": note}) == (0, "", "")
    passes_view(share.share_refused({"private_metadata": note}, explain(SharingFailed())))


def test_an_empty_form_names_no_channel():
    assert share.share_form_filled({}) == ("", "")
    assert share.share_form_filled({"state": {"values": {share.CHANNEL: {share.CHANNEL: "x"}}}}) == ("", "")


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (SlackPosting("x", in_doubt=True), "Check the channel"),
        (SlackPosting("x", trouble="the channel is archived"), "the channel is archived"),
        (SlackPosting("ratelimited"), "nothing was posted"),
    ],
)
def test_what_came_of_a_message_that_slack_did_not_take(cause, words):
    assert words in explain(SharingFailed(cause)).text


@whatever_things_are_called
def test_watching_and_no_longer(words):
    of = card(customer(name=words, reference=words[:20] or "X"))
    made = Created(kept(), "figures", Preview(0))
    for message in (
        watching.watched(made, of),
        watching.watched(made.kept, of),
        watching.unwatched(Unwatched(of, 3)),
        watching.unwatched(Unwatched(of, None)),
        customers.customer_card(dataclasses.replace(of, watched=True)),
    ):
        passes(message)


def test_the_button_says_what_it_would_do_and_the_answer_has_the_way_back():
    of = card(customer())
    assert watching.button(of)["action_id"] == watching.WATCH
    assert watching.button(dataclasses.replace(of, watched=True))["action_id"] == watching.UNWATCH
    silent = dataclasses.replace(kept(), subscription=dataclasses.replace(kept().subscription, paused="by hand"))
    assert "/sage resume 1" in watching.watched(silent, of).text
    assert watching.UNWATCH_AGAIN in str(watching.watched(kept(), of).payload())
    assert watching.WATCH_AGAIN in str(watching.unwatched(Unwatched(of, 1)).payload())
    assert isinstance(kept(), SubscriptionView)


@whatever_things_are_called
def test_the_menus_offer_what_slack_takes(words):
    name = CustomerName(7, words[:20], words, postcode=words[:10])
    for by_reference in (True, False):
        suggested({"options": customer_picker.options([name] * 3, by_reference=by_reference)})
    passes_view(
        customer_picker.look_up(customer_picker.card_blocks(card(customer(name=words, reference=words[:20] or "X"))))
    )


def test_a_long_name_loses_its_end_and_never_the_reference():
    [made] = customer_picker.options([CustomerName(7, "ABS001", "x" * 200, postcode="NE4 7JB")], by_reference=True)
    assert made["text"]["text"].endswith("… (ABS001)")
    assert len(made["text"]["text"]) == 75
    assert (made["value"], made["description"]["text"]) == ("ABS001", "NE4 7JB")


def test_the_card_in_a_modal_has_no_buttons_that_answer_elsewhere():
    view = customer_picker.look_up(customer_picker.card_blocks(card(customer())))
    passes_view(view)
    kinds = [block["type"] for block in view["blocks"]]
    assert kinds.count("actions") == 1
    assert "£2,464.16" in written(view)
    passes_view(customer_picker.look_up())
    passes_view(customer_picker.look_up(customer_picker.nothing()))


@pytest.mark.parametrize("shown", Shown)
@whatever_things_are_called
def test_the_customers_of_a_message(words, shown):
    one = Mention(customer(name=words, reference=words[:20]), shown)
    view = mentions.mentioned_customers(Mentions((one,) * 10, 3, words, NOW))
    passes_view(view)
    assert "3 more are named" in written(view)
    assert ("£" in written(view).replace(words, "")) is (shown is Shown.FIGURES)
    passes_view(mentions.mentioned_customers(Mentions((), 0, words, NOW)))


@pytest.mark.parametrize("value", ["", "x", "1 or 1", "9" * 19, "-1", None])
def test_a_button_or_a_choice_that_is_not_ours_names_nobody(value):
    assert mentions.mention_pressed({"value": value}) == 0
    assert customer_picker.picked_customer({"selected_option": {"value": value}}) == ("", 0)


def test_a_choice_of_another_company_names_both():
    [chosen] = customer_picker.options_of("0123456789abcdef", [CustomerName(7, "ABS001", "ABS Garages")])
    suggested({"option_groups": [customer_picker.group("x" * 200, [chosen]), customer_picker.group(" ", [chosen])]})
    assert customer_picker.picked_customer({"selected_option": chosen}) == ("0123456789abcdef", 7)


def test_modals_that_only_tell():
    passes_view(waiting())
    passes_view(message_modal(explain(SharingFailed())))

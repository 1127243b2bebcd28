"""The form of a subscription, empty or filled in, and the reader of the form as sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.domain import schedule as schedules
from bot.domain.filters import customer_filter as filters
from bot.domain.filters.filter_examples import DEMO, FilterExamples
from bot.features.alerts.model.topics import ALERT_KINDS, SCHEDULED, DeliveryMode, Subscription, Topic
from bot.features.card.views import picker as customer_picker
from bot.features.subscriptions.model.command_parts import ME, PING
from bot.features.subscriptions.model.form import (
    DAYS,
    DELIVERY,
    FILTER,
    KINDS,
    LISTS,
    PLACE,
    SCHEDULE,
    THRESHOLDS,
    SubscriptionForm,
)
from bot.features.subscriptions.model.subscription import SubscriptionView
from bot.slack.views.blocks import (
    Block,
    View,
    checkboxes,
    conversations_select,
    modal_view,
    plain_text_input,
    radio_buttons,
)
from bot.slack.views.fields import field, left_in, option
from bot.slack.views.text import plain

MODAL = "subscription.form"
OWN = "own"
_LONGEST_TEXT = 3_000
_DELIVERIES = {
    DeliveryMode.AT_ONCE: "Each at once",
    DeliveryMode.THREAD: "Each at once, in one thread",
    DeliveryMode.DIGEST: "In a summary, at the time below",
}


# These take a number from another field.
_MEANINGS = {
    Topic.UTILISATION: "Use of the credit limit reaching a percentage",
    Topic.OVERDUE: "Debt overdue for a number of days",
}


def subscription_form(kept: SubscriptionView | None = None, *, here: str = "", examples: FilterExamples = DEMO) -> View:
    """Return the form for a new subscription or, with `kept`, for a change; `here` is the channel of the request."""
    wanted = kept.subscription if kept is not None else None
    personal = wanted is not None and wanted.target.personal
    if wanted is not None and not personal:
        here = wanted.target.id  # who takes the channel out of the form has chosen no other
    place = wanted.target.id if wanted is not None and not personal else None
    named, chosen = _filter(kept) if kept is not None else ((), "")
    schedule = schedules.schedule_as_typed(wanted.schedule) if wanted is not None and wanted.schedule else ""
    ways = {delivery: option(delivery.value, text) for delivery, text in _DELIVERIES.items()}
    ping = option(PING, "Mention them, so that Slack notifies them")
    own = option(ME, "Only you, in a direct message")
    return modal_view(
        title=f"Subscription {kept.number}" if kept is not None else "Subscribe",
        close="Cancel",
        submit="Save" if kept is not None else "Subscribe",
        callback_id=MODAL,
        private_metadata=json.dumps({"number": kept.number if kept is not None else None, "here": here}),
        blocks=[
            _topics(KINDS, "Alert about", [each for each in Topic if each not in SCHEDULED], wanted),
            _topics(LISTS, "Send, at the time below", [each for each in Topic if each in SCHEDULED], wanted),
            field(
                PLACE,
                "In this channel",
                conversations_select(
                    PLACE,
                    initial_conversation=place,
                    default_to_current_conversation=None if wanted is not None else True,
                ),
                optional=True,
            ),
            field(
                OWN,
                "Or",
                checkboxes(OWN, options=[own], initial_options=[own] if personal else []),
                optional=True,
            ),
            _text(
                FILTER,
                "Filter",
                f"Leave empty for all customers. For example: {plain(examples.filter, most=200)}, or: mine",
                chosen,
            ),
            field(customer_picker.NAMED, "Only these customers", customer_picker.several(named), optional=True),
            _text(
                THRESHOLDS,
                "Percentages of the credit limit",
                "For use of the credit limit: up to three, such as 80, 90",
                ",".join(map(str, wanted.thresholds)) if wanted is not None else "",
            ),
            _text(
                DAYS,
                "Days overdue",
                "For overdue debt: up to five, such as 30, 60, 90",
                ",".join(map(str, wanted.days)) if wanted is not None else "",
            ),
            field(
                PING,
                "The customer's rep",
                checkboxes(PING, options=[ping], initial_options=[ping] if wanted is not None and wanted.pings else []),
                optional=True,
            ),
            field(
                DELIVERY,
                "How",
                radio_buttons(
                    DELIVERY,
                    options=list(ways.values()),
                    initial_option=ways[wanted.delivery if wanted is not None else DeliveryMode.AT_ONCE],
                ),
            ),
            _text(SCHEDULE, "Send at, for a list or a summary", "For example: weekdays 08:30", schedule),
        ],
    )


def _filter(kept: SubscriptionView) -> tuple[tuple[str, ...], str]:
    """Its customers as the menu has them, and the rest as it is typed: by its labels or, where these are too long, by
    the codes' numbers; the service keeps none longer."""
    whole = kept.subscription.filter
    named = customer_picker.holds(whole.customers)
    rest = replace(whole, customers=tuple(each for each in whole.customers if each not in named))
    labelled = filters.filter_as_typed(rest, kept.labels)
    return named, labelled if len(labelled) <= _LONGEST_TEXT else filters.filter_as_typed(rest)[:_LONGEST_TEXT]


def _topics(name: str, label: str, topics: Sequence[Topic], wanted: Subscription | None) -> Block:
    # Both are optional for Slack: one of all is enough, which the answer to the form says.
    options = {
        topic: option(topic.value, _MEANINGS.get(topic, ALERT_KINDS[topic].meaning.capitalize())) for topic in topics
    }
    ticked = [options[topic] for topic in topics if wanted is not None and topic in wanted.topics]
    return field(name, label, checkboxes(name, options=list(options.values()), initial_options=ticked), optional=True)


def _text(name: str, label: str, hint: str, value: str) -> Block:
    element = plain_text_input(name, initial_value=value, max_length=_LONGEST_TEXT)
    return field(name, label, element, optional=True, hint=hint)


def subscription_form_filled(view: Mapping[str, Any]) -> tuple[SubscriptionForm, int | None, str]:
    """Return the sent fields, the number of the subscription to change, and the channel; misshapen parts are empty."""
    known = _metadata(view)
    number, here = known.get("number"), known.get("here")

    own = bool(left_in(view, OWN).get("selected_options"))
    return (
        SubscriptionForm(
            topics=tuple(
                str(each.get("value"))
                for name in (KINDS, LISTS)
                for each in left_in(view, name).get("selected_options") or []
            ),
            place=ME if own else str(left_in(view, PLACE).get("selected_conversation") or ""),
            filter=str(left_in(view, FILTER).get("value") or ""),
            customers=tuple(
                str(each.get("value")) for each in left_in(view, customer_picker.NAMED).get("selected_options") or []
            ),
            thresholds=str(left_in(view, THRESHOLDS).get("value") or ""),
            days=str(left_in(view, DAYS).get("value") or ""),
            delivery=str((left_in(view, DELIVERY).get("selected_option") or {}).get("value") or ""),
            schedule=str(left_in(view, SCHEDULE).get("value") or ""),
            pings=bool(left_in(view, PING).get("selected_options")),
        ),
        number if isinstance(number, int) else None,
        here if isinstance(here, str) else "",
    )


def _metadata(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return the note that the app left on the form."""
    known = json.loads(str(view.get("private_metadata") or "{}"))
    return known if isinstance(known, dict) else {}

"""The subscription's form as filled in, read field by field so that each mistake is shown beside its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.domain.filters import customer_filter_parser as filter_words
from bot.domain.filters.customer_filter import EVERYONE, Codes, Filter
from bot.domain.schedule import Region
from bot.errors import BadQuestion, FieldsRefused
from bot.features.alerts.model.topics import (
    DEFAULT_DAYS,
    DEFAULT_THRESHOLDS,
    MOST_DAYS,
    MOST_THRESHOLDS,
    SCHEDULED,
    DeliveryMode,
    Topic,
)
from bot.features.subscriptions.model import schedule_parser as schedule_words
from bot.features.subscriptions.model.command_parser import SubscribeCommand
from bot.features.subscriptions.model.command_parts import HERE, ME
from bot.features.subscriptions.model.schedule_parser import SCHEDULE_EXAMPLE

T = TypeVar("T")
KINDS, PLACE, FILTER, THRESHOLDS, DELIVERY, SCHEDULE = "kinds", "place", "filter", "thresholds", "delivery", "schedule"
LISTS, DAYS = "lists", "days"


@dataclass(frozen=True, slots=True)
class SubscriptionForm:
    """The fields as filled in. `place` is "me", or a channel's id; empty is the place where the form was opened.

    `customers` were picked from the menu: whole references, or names, as in a filter.
    """

    topics: tuple[str, ...] = ()
    place: str = ""
    filter: str = ""
    customers: tuple[str, ...] = ()
    thresholds: str = ""
    days: str = ""
    delivery: str = DeliveryMode.AT_ONCE
    schedule: str = ""
    pings: bool = False


def read_subscription_form(
    form: SubscriptionForm,
    labels: Mapping[int, str],
    values: Mapping[int, Collection[str]],
    *,
    zone: str,
    region: Region | None = None,
    mine: tuple[Codes, ...] | None = None,
) -> SubscribeCommand:
    """Return the form read as `parse_subscribe_command` reads the typed words.

    Raises FieldsRefused with every mistake by its field.
    """
    wrong: dict[str, BadQuestion] = {}
    topics: frozenset[Topic] = _field(wrong, KINDS, lambda: _topics(form), frozenset[Topic]())
    delivery = _field(wrong, DELIVERY, lambda: _delivery(form), DeliveryMode.AT_ONCE)
    thresholds: tuple[int, ...] = _field(wrong, THRESHOLDS, lambda: _thresholds(form, topics), ())
    days: tuple[int, ...] = _field(wrong, DAYS, lambda: _days(form, topics), ())
    chosen = _field(
        wrong,
        FILTER,
        lambda: _chosen(form, filter_words.parse_customer_filter(form.filter, labels, values, mine=mine)),
        EVERYONE,
    )
    typed = form.schedule.strip()
    schedule = _field(
        wrong, SCHEDULE, lambda: schedule_words.parse_schedule(typed, zone=zone, region=region) if typed else None, None
    )
    if SCHEDULE not in wrong:
        _field(wrong, SCHEDULE, lambda: _timed(topics, delivery, typed), None)
    if wrong:
        raise FieldsRefused(wrong)
    target = ME if form.place == ME else f"<#{form.place}>" if form.place else HERE
    return SubscribeCommand(topics, target, chosen, thresholds, delivery, schedule, days, form.pings)


def _field(wrong: dict[str, BadQuestion], name: str, reading: Callable[[], T], otherwise: T) -> T:
    try:
        return reading()
    except BadQuestion as error:
        wrong[name] = error
        return otherwise


def _topics(form: SubscriptionForm) -> frozenset[Topic]:
    if not form.topics or not set(form.topics) <= set(Topic):
        raise BadQuestion("Tick at least one kind of alert.", hint="")
    return frozenset(Topic(each) for each in form.topics)


def _chosen(form: SubscriptionForm, typed: Filter) -> Filter:
    """Return the filter with the customers picked in the menu beside those typed."""
    return replace(typed, customers=tuple(dict.fromkeys((*typed.customers, *filter(None, form.customers)))))


def _delivery(form: SubscriptionForm) -> DeliveryMode:
    if form.delivery not in set(DeliveryMode):
        raise BadQuestion("Choose how the alerts should arrive.", hint="")
    return DeliveryMode(form.delivery)


def _thresholds(form: SubscriptionForm, topics: frozenset[Topic]) -> tuple[int, ...]:
    words = [word for word in re.split(r"[\s,%]+", form.thresholds) if word]
    if not all(re.fullmatch("[1-9][0-9]{0,2}", word) for word in words):
        raise BadQuestion("A threshold is a whole percentage from 1 to 999.", typed=form.thresholds, hint="")
    found = tuple(sorted({int(word) for word in words}))
    if len(found) > MOST_THRESHOLDS:
        raise BadQuestion(f"At most {MOST_THRESHOLDS} thresholds, please.", hint="")
    return (found or DEFAULT_THRESHOLDS) if Topic.UTILISATION in topics else ()


def _days(form: SubscriptionForm, topics: frozenset[Topic]) -> tuple[int, ...]:
    words = [word for word in re.split(r"[\s,+]+|days?\b", form.days.casefold()) if word]
    if not all(re.fullmatch("[1-9][0-9]{0,2}", word) for word in words):
        raise BadQuestion("Days overdue are whole days, from 1 to 999.", typed=form.days, hint="")
    found = tuple(sorted({int(word) for word in words}))
    if len(found) > MOST_DAYS:
        raise BadQuestion(f"At most {MOST_DAYS} numbers of days, please.", hint="")
    return (found or DEFAULT_DAYS) if Topic.OVERDUE in topics else ()


def _timed(topics: frozenset[Topic], delivery: DeliveryMode, schedule: str) -> None:
    wanted = not topics.isdisjoint(SCHEDULED) or delivery is DeliveryMode.DIGEST
    if wanted and not schedule:
        raise BadQuestion("When should the digest be sent?", hint=SCHEDULE_EXAMPLE)
    if schedule and not wanted:
        raise BadQuestion(
            "A time goes with a summary or a list: choose “In a summary”, or tick a list.",
            hint="",
        )

"""The buttons of an alert. They carry ids alone: what they show is decided when somebody presses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.changes import ChangeKind, Snapshot
from bot.slack.views.blocks import Block, Element, Option, button_element, option_object, static_select
from bot.slack.views.message import buttons
from bot.slack.views.text import plain

VIEW, REQUEST, CHOOSE, SNOOZE = "alert.view", "alert.request", "alert.choose", "alert.snooze"
VIEWED = re.compile(rf"{re.escape(VIEW)}(?:\.\d{{1,9}})?")
_DAYS = {1: "for a day", 7: "for a week", 30: "for 30 days"}
_VALUE = re.compile(r"(?P<company>[0-9]{1,12}):(?P<customer>[0-9]{1,18})(?::(?P<days>[0-9]{1,2}))?", re.ASCII)
_MOST_OPTIONS = 100
_HELD = {ChangeKind.PUT_ON_HOLD, ChangeKind.PAID_WHILE_HELD, ChangeKind.ORDER_WHILE_HELD}


def of_change(kind: ChangeKind, customer: Snapshot, company_pk: int) -> list[Block]:
    """Return the buttons below one change: *Request release* too where the account is on hold."""
    if not company_pk:
        return []
    row = [view_account(company_pk, customer.customer_id)]
    if kind in _HELD and customer.on_hold:
        row.append(button_element("Request release", REQUEST, value=_value(company_pk, customer)))
    row.append(static_select(SNOOZE, placeholder="Snooze this customer", options=_snoozes(company_pk, customer)))
    return [buttons(*row)]


def view_account(company_pk: int, customer_id: int, *, place: int = 0, about: str = "") -> Element:
    """Return the button that shows a customer. `place` and `about` tell it from others of a message."""
    action = f"{VIEW}.{place}" if place else VIEW
    label = plain(f"View account: {about}", most=75) if about else None
    return button_element("View account", action, value=f"{company_pk}:{customer_id}", accessibility_label=label)


def of_list(customers: Sequence[Snapshot], company_pk: int) -> list[Block]:
    """Return a menu of the listed accounts."""
    if not company_pk or not customers:
        return []
    options = [
        option_object(plain(f"{each.reference} {each.name}", most=70), _value(company_pk, each))
        for each in customers[:_MOST_OPTIONS]
    ]
    return [buttons(static_select(CHOOSE, placeholder="View account", options=options))]


def pressed(value: str) -> tuple[int, int] | None:
    """Return the company and the customer; None for a value that is not one of ours."""
    found = _VALUE.fullmatch(value)
    return (int(found["company"]), int(found["customer"])) if found is not None else None


def snoozed_for(value: str) -> int | None:
    """Return the days for which the menu snoozes; None for a value that is not one of ours."""
    found = _VALUE.fullmatch(value)
    days = int(found["days"] or 0) if found is not None else 0
    return days if days in _DAYS else None


def _snoozes(company_pk: int, customer: Snapshot) -> list[Option]:
    return [option_object(f"Snooze {text}", f"{_value(company_pk, customer)}:{days}") for days, text in _DAYS.items()]


def _value(company_pk: int, customer: Snapshot) -> str:
    return f"{company_pk}:{customer.customer_id}"

"""The card's menu "More", and its forms: a promise to pay, a dispute, a note, a request for a limit or an order."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.customer import ID_DIGITS
from bot.features.access.model.authorization import Action
from bot.features.customers.model.lookup import CustomerCard
from bot.features.promises.model.promise_typed import LONGEST
from bot.slack.views.blocks import (
    Element,
    View,
    datepicker,
    input_block,
    modal_view,
    option_object,
    overflow_menu,
    plain_text_input,
)
from bot.slack.views.message import section
from bot.slack.views.text import escaped

MORE, MODAL = "customer.more", "customer.more.form"
PROMISE, DISPUTE, NOTE = "promise", "dispute", "note"
LIMIT, ORDER = "limit", "order"
AMOUNT, DAY, SAID_BY, DOCUMENT, WORDS = "amount", "day", "said_by", "document", "words"
_NEEDS = {PROMISE: Action.PROMISE, DISPUTE: Action.DISPUTE, NOTE: Action.NOTE}
_NEEDS |= {LIMIT: Action.REQUEST_RELEASE, ORDER: Action.REQUEST_RELEASE}
_TITLES = {PROMISE: "Promise to pay", DISPUTE: "Dispute an invoice", NOTE: "Write a note"}
_TITLES |= {LIMIT: "Ask for a limit", ORDER: "Let an order go"}
_REASON_HINT = "Goes to credit control; you get a message when it is decided."
_VALUE = re.compile(
    r"(?P<kind>promise|dispute|note|limit|order) (?P<company>[0-9a-f]{16}) (?P<id>\d{1,18}) (?P<reference>.{1,20})",
    re.ASCII | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class MoreChosen:
    """A choice of the menu, and the customer of its card. Untrusted."""

    kind: str
    company: str
    customer_id: int
    reference: str

    @property
    def needs(self) -> Action:
        """Return the action that it takes."""
        return _NEEDS[self.kind]

    @property
    def value(self) -> str:
        """Return the choice as the menu and the form keep it."""
        return f"{self.kind} {self.company} {self.customer_id} {self.reference}"


def more_menu(card: CustomerCard) -> tuple[Element, ...]:
    """Return the menu with what the reader may do; nothing if that is nothing."""
    kinds = [kind for kind, action in _NEEDS.items() if action in card.may]
    if not kinds or not card.company_key:
        return ()
    customer = card.customer
    chosen = [MoreChosen(kind, card.company_key, customer.id, customer.reference[:20]) for kind in kinds]
    return (overflow_menu(MORE, options=[option_object(_TITLES[each.kind], each.value) for each in chosen]),)


def more_chosen(value: str) -> MoreChosen | None:
    """Return the choice; None for a value that isn't one of ours."""
    found = _VALUE.fullmatch(value)
    if found is None or not 0 < int(found["id"]) < 10**ID_DIGITS:
        return None
    return MoreChosen(found["kind"], found["company"], int(found["id"]), found["reference"])


def more_form(chosen: MoreChosen, company_name: str, today: date) -> View:
    """Return the form of a choice."""
    title = _TITLES[chosen.kind]
    lead = section(f"*{title}: {escaped(chosen.reference, most=20)}* in {escaped(company_name, most=80)}")
    said_by = plain_text_input(SAID_BY, max_length=LONGEST)
    fields = {
        PROMISE: [
            input_block(AMOUNT, "Amount", plain_text_input(AMOUNT, max_length=30, focus_on_load=True)),
            input_block(DAY, "By", datepicker(DAY, initial_date=today.isoformat())),
            input_block(SAID_BY, "Who promised", said_by, hint="Their name, if you have it.", optional=True),
        ],
        DISPUTE: [
            input_block(DOCUMENT, "Invoice", plain_text_input(DOCUMENT, max_length=20, focus_on_load=True)),
            input_block(WORDS, "Reason", plain_text_input(WORDS, max_length=LONGEST)),
        ],
        NOTE: [
            input_block(WORDS, "Note", plain_text_input(WORDS, max_length=LONGEST, multiline=True, focus_on_load=True))
        ],
        LIMIT: [
            input_block(
                AMOUNT, "Credit limit", plain_text_input(AMOUNT, max_length=30, focus_on_load=True), hint="Such as 6000"
            ),
            input_block(WORDS, "Reason", plain_text_input(WORDS, max_length=LONGEST), hint=_REASON_HINT),
        ],
        ORDER: [
            input_block(DOCUMENT, "Order number", plain_text_input(DOCUMENT, max_length=20, focus_on_load=True)),
            input_block(WORDS, "Reason", plain_text_input(WORDS, max_length=LONGEST), hint=_REASON_HINT),
        ],
    }
    return modal_view(
        [lead, *fields[chosen.kind]],
        title=title,
        close="Cancel",
        submit="Send" if chosen.kind in {LIMIT, ORDER} else "Keep",
        callback_id=MODAL,
        private_metadata=json.dumps({"chosen": chosen.value}),
    )


def form_filled(view: Mapping[str, Any]) -> tuple[MoreChosen, dict[str, str]] | None:
    """Return what a sent form is about, and what was filled in, by field; None if it isn't one of ours."""
    try:
        chosen = more_chosen(str(json.loads(str(view.get("private_metadata") or ""))["chosen"]))
        fields = {
            name: str(field.get("value") or field.get("selected_date") or "")
            for block in view["state"]["values"].values()
            for name, field in block.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return (chosen, fields) if chosen is not None else None

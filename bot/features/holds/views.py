"""Putting on hold and releasing: the buttons, the form for the reason, and what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    InputBlock,
    InteractiveElement,
    PlainTextInputElement,
    PlainTextObject,
)
from slack_sdk.models.views import View

from bot.domain.company import Company, key_of
from bot.domain.customer import Customer
from bot.features.access.model.authorization import Action
from bot.features.holds.model import LONGEST_REASON, HoldAction, HoldResult, HoldVersion, Outcome
from bot.slack.views.message import Message, aside, buttons, joined, section
from bot.slack.views.text import escaped, plain

HOLD, RELEASE, REQUEST = "customer.hold", "customer.release", "customer.request_release"
OPEN = re.compile(rf"(?:{re.escape(HOLD)}|{re.escape(RELEASE)}|{re.escape(REQUEST)})")
MODAL = "customer.reason"
_FIELD = "reason"
_VALUE = re.compile(
    r"(?P<id>\d{1,18}) (?P<held>[01]) (?P<mark>[0-9a-f]{0,12}) (?P<company>[0-9a-f]{16}) (?P<reference>.{1,20})",
    re.A | re.S,
)
_COMPANY = re.compile(r"[0-9a-f]{16}", re.A)
_DEEDS = {HOLD: HoldAction.HOLD, RELEASE: HoldAction.RELEASE, REQUEST: None}
_TITLES = {HOLD: "Put on hold", RELEASE: "Release", REQUEST: "Request release"}
_HINTS = {
    HOLD: "Goes into Sage 200 with your name, and to those who are told of holds.",
    RELEASE: "Goes into Sage 200 with your name, and to those who are told of releases.",
    REQUEST: "Those who may release it are asked; you are told what they decide.",
}


@dataclass(frozen=True, slots=True)
class HoldButton:
    """What a button or a form is about. `deed` None: to ask for a release. Nothing of it is trusted."""

    action: str
    customer_id: int
    reference: str
    seen: HoldVersion
    company: str

    @property
    def deed(self) -> HoldAction | None:
        """What is to be done; None for a request."""
        return _DEEDS[self.action]


def button(action: str, customer: Customer, company_key: str, *, text: str = "") -> ButtonElement:
    """Opens the form; it says how the account stood when the button was drawn, and in whose books."""
    seen = HoldVersion.of(customer)
    return ButtonElement(
        text=text or _TITLES[action],
        action_id=action,
        value=f"{customer.id} {int(seen.on_hold)} {seen.mark} {company_key} {customer.reference[:20]}",
        style="danger" if action == HOLD else None,
        accessibility_label=plain(f"{text or _TITLES[action]}: {customer.reference}", most=75),
    )


def hold_buttons(customer: Customer, may: Collection[Action], company_key: str) -> list[Block]:
    """What the reader of a card may do to the account as it stands."""
    if not customer.on_hold:
        return [buttons(button(HOLD, customer, company_key))] if Action.HOLD in may else []
    if Action.RELEASE in may:
        return [buttons(button(RELEASE, customer, company_key))]
    return [buttons(button(REQUEST, customer, company_key))] if Action.REQUEST_RELEASE in may else []


def hold_button_pressed(action: Mapping[str, Any]) -> HoldButton | None:
    """What a button is about; None when it is not one of ours."""
    name, found = str(action.get("action_id")), _VALUE.fullmatch(str(action.get("value") or ""))
    if name not in _DEEDS or found is None:
        return None
    seen = HoldVersion(found["held"] == "1", found["mark"])
    return HoldButton(name, int(found["id"]), found["reference"], seen, found["company"])


def hold_form(wanted: HoldButton, company: Company) -> View:
    """The reason, and what it is for: nothing is done before it is sent."""
    title = _TITLES[wanted.action]
    about = {
        "action": wanted.action,
        "id": wanted.customer_id,
        "reference": wanted.reference,
        "held": wanted.seen.on_hold,
        "mark": wanted.seen.mark,
        "company": wanted.company,
    }
    lead = f"*{title}: {escaped(wanted.reference, most=20)}* in {escaped(company.company_name, most=80)}"
    return View(
        type="modal",
        callback_id=MODAL,
        title=PlainTextObject(text=title),
        submit=PlainTextObject(text=title),
        close=PlainTextObject(text="Cancel"),
        private_metadata=json.dumps(about),
        blocks=[
            section(lead),
            InputBlock(
                block_id=_FIELD,
                label=PlainTextObject(text="Reason"),
                hint=PlainTextObject(text=_HINTS[wanted.action]),
                element=PlainTextInputElement(
                    action_id=_FIELD, max_length=LONGEST_REASON, min_length=1, focus_on_load=True
                ),
            ),
        ],
    )


def hold_form_filled(view: Mapping[str, Any]) -> tuple[HoldButton, str] | None:
    """What a sent form is about, and the reason; None when it is not one of ours, or not of today's."""
    try:
        about = json.loads(str(view.get("private_metadata") or ""))
        seen = HoldVersion(bool(about["held"]), str(about["mark"]))
        wanted = HoldButton(about["action"], int(about["id"]), str(about["reference"]), seen, str(about["company"]))
        reason = view["state"]["values"][_FIELD][_FIELD].get("value") or ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return (wanted, str(reason)) if wanted.action in _DEEDS and _COMPANY.fullmatch(wanted.company) else None


def beside(words: str) -> dict[str, str]:
    """What is wrong with the reason, in the form."""
    return {_FIELD: words}


def hold_done(found: HoldResult) -> Message:
    """What came of it, and the way back."""
    return _OUTCOMES[found.outcome](found)


def _done(found: HoldResult) -> Message:
    what = "🛑 *{} is on hold now.*" if found.deed is HoldAction.HOLD else "✅ *{} is not on hold any more.*"
    action, key = _action(found.deed.undo), key_of(found.company)
    undo = button(action, found.customer, key, text=f"Undo: {_TITLES[action].lower()}")
    return _message(found, what.format(_named(found)), f"In Sage 200: {escaped(found.reason, most=256)}", ways=(undo,))


def _already(found: HoldResult) -> Message:
    status = "is on hold already" if found.deed is HoldAction.HOLD else "is not on hold"
    return _message(found, f"*{_named(found)} {status}.* I changed nothing.", _reason(found.customer))


def _meanwhile(found: HoldResult) -> Message:
    if found.after is not found.before:
        # Ours went through and was changed again at once, or somebody did the same before us.
        status = "on hold" if found.customer.on_hold else "not on hold"
        lead = f"*{_named(found)} is {status}, but not with your reason:* somebody else changed it at the same moment."
        return _message(found, lead, _reason(found.customer), f"Yours was: {escaped(found.reason, most=256)}")
    action = _action(found.deed)
    again = button(action, found.customer, key_of(found.company), text=f"{_TITLES[action]} all the same")
    lead = f"*{_named(found)} was changed in Sage 200 since you looked.* I changed nothing."
    status = "It is on hold now." if found.customer.on_hold else "It is not on hold now."
    return _message(found, lead, status, _reason(found.customer), ways=(again,))


def _not_done(found: HoldResult) -> Message:
    status = "on hold" if found.customer.on_hold else "not on hold"
    lead = f"*{_named(found)} is {status}, as I read it from Sage 200 afterwards:* your change is not there."
    return _message(found, lead, "Either Sage 200 didn't take it, or somebody changed it back at once.")


def _unknown(found: HoldResult) -> Message:
    lead = f"*I don't know whether {_named(found)} was changed:* Sage 200 didn't answer when I looked afterwards."
    return _message(found, lead, f"Look again in a minute: `/customer {escaped(found.before.reference, most=20)}`.")


_OUTCOMES = {
    Outcome.DONE: _done,
    Outcome.ALREADY: _already,
    Outcome.CHANGED_MEANWHILE: _meanwhile,
    Outcome.NOT_DONE: _not_done,
    Outcome.UNKNOWN: _unknown,
}


def _action(deed: HoldAction) -> str:
    return HOLD if deed is HoldAction.HOLD else RELEASE


def _named(found: HoldResult) -> str:
    return f"{escaped(found.customer.name, most=80)} ({escaped(found.customer.reference, most=20)})"


def _reason(customer: Customer) -> str:
    return f"Reason in Sage 200: {escaped(customer.status_reason, most=256)}" if customer.status_reason else ""


def _message(found: HoldResult, *lines: str, ways: tuple[InteractiveElement, ...] = ()) -> Message:
    said = [line for line in lines if line]
    source = f"{escaped(found.company.company_name, most=80)} in Sage 200"
    blocks: list[Block] = [section("\n".join(said)), *([buttons(*ways)] if ways else []), aside(source)]
    return Message(joined([*said, source]), tuple(blocks))

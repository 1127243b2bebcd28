"""The buttons, the form for the reason, and the results of holds and releases."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.command_names import CUSTOMER
from bot.domain.company import Company, key_of
from bot.domain.customer import ID_DIGITS, Customer
from bot.domain.hold_notes import NoteKind
from bot.domain.json_column import JsonColumn
from bot.features.access.model.authorization import Action
from bot.features.account_detail.model import OpenOrders
from bot.features.account_detail.views.documents import order_lines
from bot.features.customers.model.lookup import CustomerCard
from bot.features.holds.model import (
    LONGEST_REASON,
    Compared,
    FailedNote,
    HoldAction,
    HoldResult,
    HoldVersion,
    Outcome,
)
from bot.features.temporary_releases.model import TimedRelease
from bot.features.temporary_releases.views import beside as beside_release
from bot.features.temporary_releases.views import term_fields
from bot.slack.sending.pressed import PressedMessage, kept_message
from bot.slack.views.blocks import (
    Block,
    Element,
    View,
    actions_block,
    button_element,
    input_block,
    modal_view,
    option_object,
    plain_text_input,
    rich_text_block,
    rich_text_preformatted,
    rich_text_words,
    static_select,
)
from bot.slack.views.message import Message, aside, buttons, joined, note, section
from bot.slack.views.text import escaped, plain

HOLD, RELEASE, REQUEST = "customer.hold", "customer.release", "customer.request_release"
_PLACE = r"(?:\.\d{1,9})?"  # ids in a message must differ, so each ends in its place where there are several
OPEN = re.compile(rf"(?P<action>{re.escape(HOLD)}|{re.escape(RELEASE)}|{re.escape(REQUEST)}){_PLACE}")
MODAL = "customer.reason"
_FIELD, _KIND, _ON_CARD = "reason", "kind", "customer.card.hold"
_MOST_KINDS = 15
_MOST_ORDERS = 5
_LONGEST_VALUE = 1_900  # Slack takes 2,000
_VERSION = JsonColumn(HoldVersion)
_COMPANY = re.compile(r"[0-9a-f]{16}", re.A)
_ACTIONS = {HOLD: HoldAction.HOLD, RELEASE: HoldAction.RELEASE, REQUEST: None}
_TITLES = {HOLD: "Put on hold", RELEASE: "Release", REQUEST: "Request release"}
_HINTS = {
    HOLD: "Saved in Sage 200 with your name, and shown in alerts.",
    RELEASE: "Saved in Sage 200 with your name, and shown in alerts.",
    REQUEST: "Goes to credit control; you get a message when it is decided.",
}


@dataclass(frozen=True, slots=True)
class HoldButton:
    """What a button or a form is about. Untrusted. `hold_action` None: to ask for a release.

    `reason` is what the user gave before, to be asked for it no second time.
    """

    action: str
    customer_id: int
    reference: str
    version: HoldVersion
    company: str
    reason: str = ""

    @property
    def hold_action(self) -> HoldAction | None:
        """Return the hold action; None for a release request."""
        return _ACTIONS[self.action]


def button(
    action: str,
    customer: Customer,
    company_key: str,
    *,
    text: str = "",
    seen: HoldVersion | None = None,
    reason: str = "",
    place: int = 0,
) -> Element:
    """Return a button that opens the form. Its value has what its reader sees of the account, and the company key.

    `place` tells it from the others of a message that has several.
    """
    about = HoldButton(
        action, customer.id, customer.reference[:20], seen or HoldVersion.of(customer), company_key, reason
    )
    return button_element(
        text or _TITLES[action],
        f"{action}.{place}" if place else action,
        value=_value(about),
        style="danger" if action == HOLD else None,
        accessibility_label=plain(f"{text or _TITLES[action]}: {customer.reference}", most=75),
    )


def asked_of(action: str, card: CustomerCard) -> HoldButton:
    """Return what the button of this card would be about."""
    customer = card.customer
    return HoldButton(action, customer.id, customer.reference[:20], HoldVersion.of(customer), card.company_key)


def hold_buttons(customer: Customer, may: Collection[Action], company_key: str) -> list[Block]:
    """Return the buttons for what the reader may do to the account in its present state."""
    if not customer.on_hold:
        return [_row(HOLD, customer, company_key)] if Action.HOLD in may else []
    if Action.RELEASE in may:
        return [_row(RELEASE, customer, company_key)]
    return [_row(REQUEST, customer, company_key)] if Action.REQUEST_RELEASE in may else []


def _row(action: str, customer: Customer, company_key: str) -> Block:
    return actions_block([button(action, customer, company_key)], block_id=_ON_CARD)


def is_on_card(action: Mapping[str, Any]) -> bool:
    """Return whether the button that was pressed stands on a customer's card."""
    return action.get("block_id") == _ON_CARD


def hold_button_pressed(action: Mapping[str, Any]) -> HoldButton | None:
    """Return what a button is about; None if the value is not one of ours."""
    try:
        about = json.loads(str(action.get("value") or ""))
    except ValueError:
        return None
    pressed = OPEN.fullmatch(str(action.get("action_id")))
    return _about(pressed["action"], about) if pressed is not None else None


def _value(about: HoldButton) -> str:
    """Return a button's value, without the reasons where they don't fit."""
    value = json.dumps(_kept(about), ensure_ascii=False)
    if len(value) <= _LONGEST_VALUE:
        return value
    return json.dumps(_kept(replace(about, version=replace(about.version, reason=None), reason="")))


def _kept(about: HoldButton) -> dict[str, Any]:
    """Return the JSON object of a button or form."""
    return {
        "id": about.customer_id,
        "reference": about.reference,
        "seen": _VERSION.write(about.version),
        "company": about.company,
        "reason": about.reason,
    }


def _about(action: str, about: Any) -> HoldButton | None:
    """Return what `_kept` made; None for anything else."""
    try:
        wanted = HoldButton(
            action,
            int(about["id"]),
            str(about["reference"])[:20],
            _VERSION.read(about["seen"]),
            str(about["company"]),
            str(about["reason"])[:LONGEST_REASON],
        )
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
    is_whole = 0 < wanted.customer_id < 10**ID_DIGITS and wanted.reference and _COMPANY.fullmatch(wanted.company)
    return wanted if action in _ACTIONS and is_whole else None


def hold_form(
    wanted: HoldButton,
    company: Company,
    card: PressedMessage | None = None,
    *,
    reasons: Sequence[str] = (),
    orders: OpenOrders | None = None,
) -> View:
    """Return the form for the reason. Nothing is changed before it is sent. `card`: where the card stands, if any.

    `reasons` are offered beside the words, so that holds can be counted by them. `orders` are those that a hold leaves.
    """
    title = _TITLES[wanted.action]
    on_card = {"card": card.kept()} if card is not None else {}
    lead = f"*{title}: {escaped(wanted.reference, most=20)}* in {escaped(company.company_name, most=80)}"
    offered = reasons if wanted.hold_action is not HoldAction.RELEASE else ()
    reason = plain_text_input(
        _FIELD,
        max_length=LONGEST_REASON,
        min_length=None if offered else 1,
        focus_on_load=True,
        initial_value=wanted.reason or None,
    )
    return modal_view(
        [
            section(lead),
            *([section(_impact(orders))] if orders is not None else []),
            *([_kinds(offered)] if offered else []),
            input_block(
                _FIELD,
                "In your words" if offered else "Reason",
                reason,
                hint=_HINTS[wanted.action],
                optional=True if offered else None,
            ),
            *(term_fields() if wanted.hold_action is HoldAction.RELEASE else []),
        ],
        title=title,
        close="Cancel",
        submit=title,
        callback_id=MODAL,
        private_metadata=json.dumps({"action": wanted.action, "about": _kept(wanted), **on_card}, ensure_ascii=False),
    )


def _impact(orders: OpenOrders) -> str:
    """Return the open orders with values and the first promised day: a hold stops none of them."""
    if not orders.orders:
        return "No open orders."
    ending = "A hold doesn't stop orders already entered: stop those in Sage 200."
    return joined([*order_lines(orders, most=_MOST_ORDERS), ending], most=2_900)


def _kinds(reasons: Sequence[str]) -> Block:
    """Return the menu of reasons."""
    options = [
        option_object(plain(f"{each[:1].upper()}{each[1:]}", most=75), each[:75]) for each in reasons[:_MOST_KINDS]
    ]
    menu = static_select(_KIND, placeholder="Pick a reason", options=options)
    return input_block(_KIND, "Reason", menu, optional=True)


def kind_chosen(view: Mapping[str, Any]) -> str:
    """Return the reason that was picked in the menu of a sent form; empty for none. Untrusted."""
    values = (view.get("state") or {}).get("values") or {}
    chosen = ((values.get(_KIND) or {}).get(_KIND) or {}).get("selected_option") or {}
    return str(chosen.get("value") or "")


def hold_form_filled(view: Mapping[str, Any]) -> tuple[HoldButton, str] | None:
    """Return what a sent form is about, and the reason; None if it is outdated or not one of ours."""
    try:
        form = json.loads(str(view.get("private_metadata") or ""))
        wanted = _about(str(form["action"]), form["about"])
        reason = view["state"]["values"][_FIELD][_FIELD].get("value") or ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return (wanted, str(reason)) if wanted is not None else None


def card_of_form(view: Mapping[str, Any]) -> PressedMessage | None:
    """Return the card from which a sent form was opened; None if it was opened elsewhere. Untrusted."""
    try:
        return kept_message(json.loads(str(view.get("private_metadata") or "")).get("card"))
    except (ValueError, AttributeError):
        return None


def beside(words: str) -> dict[str, str]:
    """Return an error below the reason field."""
    return {_FIELD: words}


def hold_done(found: HoldResult) -> Message:
    """Return the result of a hold change, with an undo button if it was done."""
    return _OUTCOMES[found.outcome](found)


def released(found: TimedRelease) -> Message:
    """Return the result of a release, with how long it is for."""
    done, line = hold_done(found.done), beside_release(found)
    return Message(joined([done.text, line]), (*done.blocks, section(line))) if line else done


def _done(found: HoldResult) -> Message:
    what = "🛑 *{} is on hold now.*" if found.action is HoldAction.HOLD else "✅ *{} is off hold.*"
    action, key = _action(found.action.undo), key_of(found.company)
    seen = HoldVersion.of(found.customer).without_figures()
    undo = button(action, found.customer, key, seen=seen, text="Undo")
    kept = (found.customer.status_reason or "nothing") if found.kept_otherwise else found.reason
    how = "Sage 200 keeps the reason as" if found.kept_otherwise else "In Sage 200"
    reason = f"{how}: {escaped(kept, most=256)}"
    return _message(found, what.format(_named(found)), reason, _notes(found), actions=(undo,))


def _notes(found: HoldResult) -> str:
    """Return what Sage is given beside the reason, or is to take back."""
    if not found.notes:
        return ""
    if found.action is HoldAction.HOLD:
        places = {NoteKind.ALERT: "as an alert when an order is entered", NoteKind.MEMO: "as a memo on the account"}
        shown = " and ".join(places[kind] for kind in found.notes)
        return f"Within a minute Sage 200 also shows it {shown}. You get a message if it doesn't."
    taken = " and the ".join(found.notes)
    return f"Within a minute the {taken} {'is' if len(found.notes) == 1 else 'are'} taken off in Sage 200."


def note_failed(found: FailedNote) -> Message:
    """Return the message that an alert or a memo of a hold isn't in Sage, or couldn't be taken back."""
    named = f"{escaped(found.name, most=80)} ({escaped(found.reference, most=20)})"
    what = "alert at order entry" if found.kind is NoteKind.ALERT else "memo"
    if found.is_wanted:
        lead = f"*{named} is on hold, but Sage 200 didn't take the {what}.*"
        todo = "Add it in Sage 200 if it is needed there."
    else:
        lead = f"*{named} is off hold, but its {what} in Sage 200 still says that it is on hold.*"
        todo = "Take it off in Sage 200: set it inactive on the customer's account."
    return note(joined([lead, escaped(found.why, most=300), todo]))


def _already(found: HoldResult) -> Message:
    status = "is on hold already" if found.action is HoldAction.HOLD else "is not on hold"
    return _message(found, f"*{_named(found)} {status}.* Nothing was changed.", _reason(found.customer))


def _meanwhile(found: HoldResult) -> Message:
    if found.after is not found.before:
        # Our change was overwritten at once, or another user made the same change first.
        status = "on hold" if found.customer.on_hold else "not on hold"
        lead = f"*{_named(found)} is {status}, but somebody else's reason was saved first.* Yours was not saved:"
        return _message(found, lead, _reason(found.customer), f"Yours was not saved: {escaped(found.reason, most=256)}")
    action, key = _action(found.action), key_of(found.company)
    seen = HoldVersion.of(found.customer).without_figures(but={each.what for each in found.differences})
    text = f"{_TITLES[action]} anyway"
    again = button(action, found.customer, key, text=text, seen=seen, reason=found.reason)
    lead = f"*{_named(found)} was changed in Sage 200 since you looked.* Nothing was changed."
    status = "It is on hold now." if found.customer.on_hold else "It is not on hold now."
    lines = [(each.what.value, _shown(found, each.before), _shown(found, each.after)) for each in found.differences]
    # A reason that the card didn't show can't be in the table, and is worth knowing before confirming.
    has_reason = any(each.what is Compared.REASON for each in found.differences)
    reason = "" if has_reason else _reason(found.customer)
    changed = joined(
        [f"{what}: {escaped(before, most=256)} → {escaped(after, most=256)}" for what, before, after in lines]
    )
    message = _message(found, lead, status, changed, reason, actions=(again,))
    if not lines:
        return message
    source = f"{escaped(found.company.company_name, most=80)} in Sage 200"
    blocks = (section(joined([lead, status, reason])), _table(lines), buttons(again), aside(source))
    return Message(message.text, blocks)


def _table(lines: Sequence[tuple[str, str, str]]) -> Block:
    """Return a table of what was seen and what is so now."""
    rows = [("", "When you looked", "Now"), *(tuple(plain(cell, most=60) for cell in line) for line in lines)]
    wide = [max(len(row[place]) for row in rows) for place in (0, 1)]
    text = "\n".join(f"{row[0]:<{wide[0]}}  {row[1]:<{wide[1]}}  {row[2]}".rstrip() for row in rows)
    return rich_text_block(rich_text_preformatted([rich_text_words(text)]))


def _shown(found: HoldResult, value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return found.customer.currency.show(value)
        case datetime():
            return f"{value.day} {value:%b %Y, %H:%M:%S} UTC"
    return str(value) or "none"


def _not_done(found: HoldResult) -> Message:
    status = "on hold" if found.customer.on_hold else "not on hold"
    lead = f"*{_named(found)} is {status} in Sage 200:* your change is not there."
    return _message(found, lead, "Either Sage 200 didn't take it, or somebody changed it back at once.")


def _unknown(found: HoldResult) -> Message:
    lead = f"*It isn't known whether {_named(found)} was changed:* Sage 200 didn't answer afterwards."
    return _message(found, lead, f"Look again in a minute: `{CUSTOMER} {escaped(found.before.reference, most=20)}`.")


_OUTCOMES = {
    Outcome.DONE: _done,
    Outcome.ALREADY: _already,
    Outcome.CHANGED_MEANWHILE: _meanwhile,
    Outcome.NOT_DONE: _not_done,
    Outcome.UNKNOWN: _unknown,
}


def _action(hold_action: HoldAction) -> str:
    return HOLD if hold_action is HoldAction.HOLD else RELEASE


def _named(found: HoldResult) -> str:
    return f"{escaped(found.customer.name, most=80)} ({escaped(found.customer.reference, most=20)})"


def _reason(customer: Customer) -> str:
    return f"Reason in Sage 200: {escaped(customer.status_reason, most=256)}" if customer.status_reason else ""


def _message(found: HoldResult, *lines: str, actions: tuple[Element, ...] = ()) -> Message:
    said = [line for line in lines if line]
    source = f"{escaped(found.company.company_name, most=80)} in Sage 200"
    blocks: list[Block] = [section("\n".join(said)), *([buttons(*actions)] if actions else []), aside(source)]
    return Message(joined([*said, source]), tuple(blocks))

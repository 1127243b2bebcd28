"""A customer as Slack's `item` entity: what everybody in a channel sees of it, and what one viewer's side pane shows.

The shapes are those of docs.slack.dev/messaging/work-objects-implementation. An item has no `fields`, only
`custom_fields`; the pane's entity has the address and the reference of the card's, or Slack refuses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.domain.changes import Snapshot
from bot.domain.customer import Customer
from bot.features.access.model.authorization import Shown
from bot.features.account_detail.views.documents import AGED, INVOICES, detail_value
from bot.features.connections.model import ConnectLinkOffer
from bot.features.customers.model.lookup import CustomerCard
from bot.features.holds import views as holds
from bot.features.overdue.views.lateness import overdue_words
from bot.features.work_objects.model import CUSTOMER, CustomerObject
from bot.slack.views.blocks import Element, button_element
from bot.slack.views.message import Message
from bot.slack.views.text import plain, short, unescaped

Entity = dict[str, Any]
_ITEM = "slack#/entities/item"
_MOST_VALUE, _MOST_PRIMARY, _MOST_OVERFLOW = 300, 2, 5
_NO_FIGURES = "Figures are for people with a role in this app."


def card_entity(what: CustomerObject, customer: Snapshot, public_url: str, *, now: datetime) -> Entity:
    """Return the entity that everybody in the channel sees: name, reference and hold state, and no figure."""
    return _entity(what, public_url, customer.name, customer.reference, [_status(customer.on_hold)], now=now)


def pane(what: CustomerObject, card: CustomerCard, public_url: str, *, now: datetime) -> Entity:
    """Return what one viewer sees in the side pane: as much as their card shows them."""
    customer = card.customer
    fields = [
        _status(customer.on_hold),
        *(_figures(card) if card.shown is Shown.FIGURES else [_field("Figures", _NO_FIGURES)]),
    ]
    made = _entity(what, public_url, customer.name, customer.reference, fields, now=now)
    buttons = [_action(each) for each in _buttons(card)]
    if buttons:
        made["entity_payload"]["actions"] = {
            "primary_actions": buttons[:_MOST_PRIMARY],
            "overflow_actions": buttons[_MOST_PRIMARY:][:_MOST_OVERFLOW],
        }
    return made


def refusal(message: Message) -> dict[str, Any]:
    """Return why the pane shows nothing, in the words that a command would be answered with."""
    return {
        "status": "custom",
        "custom_title": "Not shown",
        "custom_message": plain(unescaped(message.text).replace("*", "").replace("`", ""), most=_MOST_VALUE),
        "message_format": "plain_text",
    }


def missing() -> dict[str, Any]:
    """Return that there is no such customer here."""
    return {"status": "not_found"}


def signs_in(offer: ConnectLinkOffer) -> dict[str, Any]:
    """Return the arguments that ask the viewer to connect, by a link of their own."""
    return {"user_auth_required": True, "user_auth_url": offer.url}


def _entity(
    what: CustomerObject,
    public_url: str,
    name: str,
    reference: str,
    fields: Sequence[Entity],
    *,
    now: datetime,
) -> Entity:
    return {
        "entity_type": _ITEM,
        "url": what.url(public_url),
        "external_ref": {"id": what.id, "type": CUSTOMER},
        "entity_payload": {
            "attributes": {
                "title": {"text": plain(name, most=110) or plain(reference, most=20) or "(no name)"},
                "display_id": plain(reference, most=20) or what.id,
                "display_type": "Customer",
                # Slack takes a change only with a later time than the one before.
                "metadata_last_modified": int(now.timestamp()),
            },
            "custom_fields": list(fields),
            "display_order": [each["key"] for each in fields],
        },
    }


def _status(on_hold: bool) -> Entity:
    words, colour = ("On hold", "red") if on_hold else ("Not on hold", "green")
    return {**_field("Status", words), "tag_color": colour}


def _field(label: str, value: str) -> Entity:
    key = label.casefold().replace(" ", "_")
    return {"key": key, "label": label, "type": "string", "value": plain(value, most=_MOST_VALUE)}


def _figures(card: CustomerCard) -> list[Entity]:
    customer = card.customer
    facts = [
        ("Balance", _money(customer, customer.balance)),
        ("Credit limit", _limit(customer)),
        ("Overdue", unescaped(overdue_words(card.lateness, customer.currency)) if card.lateness is not None else ""),
        ("Headroom", _money(customer, customer.headroom)),
        ("Open orders", _money(customer, customer.open_orders)),
        ("Reason" if customer.on_hold else "Last note", customer.status_reason or ""),
        ("Source", _source(card)),
    ]
    return [_field(label, value) for label, value in facts if plain(value)]


def _limit(customer: Customer) -> str:
    return _money(customer, customer.credit_limit) if customer.has_limit else "no limit set"


def _money(customer: Customer, value: Decimal | None) -> str:
    return "" if value is None else short(customer.currency).show(value)


def _source(card: CustomerCard) -> str:
    at = f"{card.as_of:%d %b %Y %H:%M} UTC"
    if card.copied is None:
        return f"Live from {card.company_name} in Sage 200, {at}"
    return f"{card.copied.why}. Figures as at {at} ({card.company_name})"


def _buttons(card: CustomerCard) -> list[Element]:
    """Return the card's own buttons, whose presses go the usual ways."""
    rows = holds.hold_buttons(card.customer, card.may, card.company_key)
    made: list[Element] = [element for row in rows for element in row["elements"]]
    if card.shown is Shown.FIGURES:
        value = detail_value(card.customer, card.company_key)
        made = [
            button_element("Aged debt", AGED, value=value),
            *made,
            button_element("Open invoices", INVOICES, value=value),
        ]
    return made


def _action(button: Element) -> Entity:
    made = {"text": button["text"]["text"], "action_id": button["action_id"], "value": button["value"]}
    return {**made, **({"style": button["style"]} if "style" in button else {})}

"""A menu of customers that fills while somebody types, and what it offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ExternalDataSelectElement,
    Option,
    PlainTextObject,
)
from slack_sdk.models.blocks.block_elements import ExternalDataMultiSelectElement
from slack_sdk.models.views import View

from bot.domain.customer import ID_DIGITS, CustomerName
from bot.domain.parsing import whole_number
from bot.features.card.views import card as customers
from bot.features.customers.model.lookup import CustomerCard
from bot.slack.views.message import Message, aside, section
from bot.slack.views.modal import modal
from bot.slack.views.text import plain

SHORTCUT = "customer.find"
PICK, NAMED = "picker.customer", "customers"
"""The two menus: of one customer, whose options are ids; and of several in a form, whose options are references."""
MOST_NAMED = 25
_TITLE = "Look up a customer"
_LONGEST = 75
_PLACEHOLDER = "Reference, name or postcode"


def look_up(found: Message | None = None) -> View:
    """The menu and, below it, the card of the one that was chosen, or why there is none."""
    menu = ExternalDataSelectElement(action_id=PICK, placeholder=PlainTextObject(text=_PLACEHOLDER), min_query_length=1)
    blocks: list[Block] = [ActionsBlock(block_id=PICK, elements=[menu])]
    if found is not None:
        blocks += found.blocks
    return modal(blocks, title=_TITLE)


def card_blocks(shown: CustomerCard) -> Message:
    """The card as a modal shows it: its buttons answer in a conversation, which a modal covers."""
    whole = customers.customer_card(shown)
    kept = [block for block in whole.blocks if not isinstance(block, ActionsBlock)]
    more = f"For debt by age, invoices and orders: `/customer {_typed(shown.customer.reference)}`"
    return Message(whole.text, (*kept, aside(more)))


def _typed(reference: str) -> str:
    return plain(reference, most=20).replace("`", "'").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def options(names: Iterable[CustomerName], *, by_reference: bool) -> list[dict[str, Any]]:
    """As Slack takes them. One without a reference can't be named in a form."""
    return [
        option(name.reference if by_reference else str(name.id), name.reference, name.name, name.postcode).to_dict()
        for name in names
        if name.reference or not by_reference
    ]


def option(value: str, reference: str, name: str = "", postcode: str = "") -> Option:
    """`ABS Garages Ltd (ABS001)`: a long name loses its end, never the reference."""
    shown = plain(reference, most=20) or "no reference"
    room = _LONGEST - len(shown) - 3
    text = f"{plain(name, most=room)} ({shown})" if plain(name) else shown
    below = plain(postcode, most=_LONGEST)
    return Option(
        text=PlainTextObject(text=text, emoji=False),
        value=value[:150],
        description=PlainTextObject(text=below, emoji=False) if below else None,
    )


def several(references: Iterable[str]) -> ExternalDataMultiSelectElement:
    """For a form, with those that are chosen already."""
    chosen = [_kept_option(each) for each in holds(references)]
    return ExternalDataMultiSelectElement(
        action_id=NAMED,
        placeholder=PlainTextObject(text=_PLACEHOLDER),
        min_query_length=1,
        initial_options=chosen or None,
        max_selected_items=MOST_NAMED,
    )


def holds(references: Iterable[str]) -> tuple[str, ...]:
    """As many of these as such a menu can have: they may be names too, and some too long for it."""
    return tuple(each for each in references if plain(each) and len(each) <= _LONGEST)[:MOST_NAMED]


def _kept_option(reference: str) -> Option:
    return Option(text=PlainTextObject(text=plain(reference, most=_LONGEST), emoji=False), value=reference)


def picked_customer(action: Mapping[str, Any]) -> int:
    """The chosen customer's id; 0 when it is not one of ours."""
    value = str((action.get("selected_option") or {}).get("value") or "")
    return whole_number(value, digits=ID_DIGITS) or 0


def nothing() -> Message:
    """The choice can't be read."""
    text = "That choice is out of date. Type again."
    return Message(text, (section(text),))

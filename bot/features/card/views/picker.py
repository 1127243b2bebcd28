"""The customer menus that fill while a user types, and their options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.command_names import CUSTOMER
from bot.domain.company import key_and_id, with_key
from bot.domain.customer import CustomerName
from bot.features.card.views import card as customers
from bot.features.customers.model.lookup import CustomerCard
from bot.slack.views.blocks import (
    Element,
    Option,
    View,
    actions_block,
    external_select,
    multi_external_select,
    option_group,
    option_object,
)
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
    """Return the modal with the menu and, below, the chosen customer's card or why there is none."""
    menu = external_select(PICK, placeholder=_PLACEHOLDER, min_query_length=1)
    blocks = [actions_block([menu], block_id=PICK)]
    if found is not None:
        blocks += found.blocks
    return modal(blocks, title=_TITLE)


def card_blocks(shown: CustomerCard) -> Message:
    """Return the card for a modal, without buttons: they answer in a conversation, which the modal would cover."""
    whole = customers.customer_card(shown)
    blocks = customers.without_buttons(whole.blocks)
    more = f"For debt by age, invoices and orders: `{CUSTOMER} {_typed(shown.customer.reference)}`"
    return Message(whole.text, (*blocks, aside(more)))


def _typed(reference: str) -> str:
    return plain(reference, most=20).replace("`", "'").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def options(names: Iterable[CustomerName], *, by_reference: bool) -> list[Option]:
    """Return the options for Slack. A customer without a reference is left out of a form."""
    return [
        option(name.reference if by_reference else str(name.id), name.reference, name.name, name.postcode)
        for name in names
        if name.reference or not by_reference
    ]


def option(value: str, reference: str, name: str = "", postcode: str = "") -> Option:
    """Return `ABS Garages Ltd (ABS001)`, at most 75 characters: a long name is cut, the reference never."""
    shown = plain(reference, most=20) or "no reference"
    room = _LONGEST - len(shown) - 3
    text = f"{plain(name, most=room)} ({shown})" if plain(name) else shown
    return option_object(text, value[:150], description=plain(postcode, most=_LONGEST))


def several(references: Iterable[str]) -> Element:
    """Return a form's menu of several customers, with those already chosen."""
    return multi_external_select(
        NAMED,
        placeholder=_PLACEHOLDER,
        min_query_length=1,
        initial_options=[_chosen_option(each) for each in holds(references)],
        max_selected_items=MOST_NAMED,
    )


def holds(references: Iterable[str]) -> tuple[str, ...]:
    """Return the references that fit such a menu, at most 25; names are possible too, and some are too long."""
    return tuple(each for each in references if plain(each) and len(each) <= _LONGEST)[:MOST_NAMED]


def _chosen_option(reference: str) -> Option:
    return option_object(plain(reference, most=_LONGEST), reference)


def options_of(company_key: str, names: Iterable[CustomerName]) -> list[Option]:
    """Return the options of another company than the one in use, whose key is in their values."""
    return [option(with_key(company_key, name.id), name.reference, name.name, name.postcode) for name in names]


def group(company_name: str, options: Sequence[Option]) -> Element:
    """Return the options of one company under its name."""
    return option_group(plain(company_name, most=_LONGEST) or "(no name)", options)


def picked_customer(action: Mapping[str, Any]) -> tuple[str, int]:
    """Return (company key, customer id), no key for the company in use; an id of 0 if the value isn't one of ours."""
    return key_and_id(str((action.get("selected_option") or {}).get("value") or "")) or ("", 0)


def nothing() -> Message:
    """Return that the choice can't be read."""
    text = "That choice is out of date. Please type it again."
    return Message(text, (section(text),))

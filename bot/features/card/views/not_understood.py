"""The answer to what is typed after a customer, or in place of one, and isn't understood."""

from __future__ import annotations

from bot.command_names import CUSTOMER, named
from bot.domain.text.parsing import nearest
from bot.features.access.model.commands import Permissions, entries_of
from bot.features.customers.model.lookup import CustomerCard
from bot.slack.views.message import Message, joined, note
from bot.slack.views.text import escaped, readable

_EXAMPLE = "{customer} ABS001 "


def not_understood(card: CustomerCard, rest: str, permissions: Permissions) -> Message:
    """Return what may be typed after this customer, the words nearest to `rest` first."""
    reference = escaped(card.customer.reference, most=20)
    usable = [entry.usage for entry in entries_of(str(CUSTOMER)) if permissions.has(entry)]
    example, known = named(_EXAMPLE), dict[str, str]()
    for usage in usable:
        if usage.startswith(example):
            known.setdefault(usage.removeprefix(example).split()[0], usage)  # of a word's usages the first
    near = nearest(rest.partition(" ")[0], known)[:2]
    lead = f"{reference}: I don't know “{readable(rest, most=60)}”."
    meant = f"Did you mean {' or '.join(_typed(known[word], reference) for word in near)}?" if near else ""
    others = [_typed(usage, reference) for word, usage in known.items() if word not in near]
    more = f"After a customer you can type: {' · '.join(others)}" if others else ""
    return note(joined([lead, meant, more, f"For the account itself: `{CUSTOMER} {reference}`"]))


def customer_first(action: str, typed: str, permissions: Permissions) -> Message:
    """Return that a customer is missing before this action, and what may be typed."""
    example = named(_EXAMPLE)
    usages = [entry.usage for entry in entries_of(str(CUSTOMER)) if permissions.has(entry)]
    fitting = [f"`{usage}`" for usage in usages if usage.startswith(f"{example}{action}")] or [f"`{CUSTOMER} ABS001`"]
    lead = f"“{readable(typed, most=60)}” isn't understood: the customer comes first."
    return note(joined([lead, f"You can type: {' · '.join(fitting)}"]))


def _typed(usage: str, reference: str) -> str:
    return f"`{CUSTOMER} {reference} {usage.removeprefix(named(_EXAMPLE))}`"

"""The card's watch button, and the messages after a press."""

from __future__ import annotations

from bot.features.account_detail.views.documents import detail_value
from bot.features.assistant.model.answers import Unwatched
from bot.features.assistant.views.sentences import called
from bot.features.customers.model.lookup import CustomerCard
from bot.features.subscriptions.model.subscription import Created, SubscriptionView
from bot.slack.views.blocks import Element, button_element
from bot.slack.views.message import Message, buttons, joined, note

WATCH, UNWATCH = "customer.watch", "customer.unwatch"
WATCH_AGAIN, UNWATCH_AGAIN = f"{WATCH}.undo", f"{UNWATCH}.undo"
"""The same under an answer, for there is no card to change there."""


def button(card: CustomerCard) -> Element:
    """Return the button: Unwatch for a watched customer, else Watch."""
    return _unwatch(card, "Stop watching", UNWATCH) if card.watched else _watch(card, "Watch", WATCH)


def watched(made: Created | SubscriptionView, card: CustomerCard) -> Message:
    """Return the confirmation: what will be told, and how to end the watch."""
    kept = made.kept if isinstance(made, Created) else made
    who = called(card.customer)
    silent = kept.subscription.paused or kept.subscription.muted_until is not None
    if isinstance(made, Created):
        opening = (
            f"You are watching {who}. You get a message if it goes on hold, comes off hold or goes over its limit."
        )
    else:
        opening = f"You are watching {who} already."
    lines = [
        opening,
        f"It's paused. `/sage resume {kept.number}` turns it back on." if silent else "",
        f"It is subscription {kept.number}; `/sage subscriptions` lists yours.",
    ]
    return note(
        joined(lines), buttons(_unwatch(card, "Undo" if isinstance(made, Created) else "Stop watching", UNWATCH_AGAIN))
    )


def unwatched(gone: Unwatched) -> Message:
    """Return the confirmation that the watch has ended, and how to watch again."""
    who = called(gone.card.customer)
    if gone.number is None:
        return note(f"You aren't watching {who}.", buttons(_watch(gone.card, "Watch", WATCH_AGAIN)))
    text = f"You won't get any more alerts about {who}: subscription {gone.number} has ended."
    return note(text, buttons(_watch(gone.card, "Undo", WATCH_AGAIN)))


def _watch(card: CustomerCard, text: str, action_id: str) -> Element:
    label = f"{text}: get a message when {card.customer.reference} changes"
    about = detail_value(card.customer, card.company_key)
    return button_element(text, action_id, value=about, accessibility_label=label[:75])


def _unwatch(card: CustomerCard, text: str, action_id: str) -> Element:
    label = f"{text}: no more alerts about {card.customer.reference}"
    about = detail_value(card.customer, card.company_key)
    return button_element(text, action_id, value=about, accessibility_label=label[:75])

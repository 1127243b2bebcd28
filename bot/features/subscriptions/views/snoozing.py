"""Snoozing a customer in words: what was done, and what is snoozed."""

from __future__ import annotations

from collections.abc import Iterable

from bot.command_names import CUSTOMER
from bot.features.subscriptions.model.snooze import SnoozedCustomer
from bot.slack.views.message import Message, note
from bot.slack.views.text import channel_mention, escaped, moment


def snoozed(done: SnoozedCustomer) -> Message:
    """Return what was done, and how to undo it."""
    who = f"{escaped(done.name, most=60)} ({escaped(done.reference, most=20)})"
    if done.until is None:
        return note(f"*Alerts about {who} are on {'again' if done.is_news else 'already'} {_where(done)}.*")
    opening = "*No alerts" if done.is_news else "*There are already no alerts"
    return note(f"{opening} about {who} {_where(done)} until {moment(done.until)}.* {_undo(done)} ends that.")


def listed(every: Iterable[SnoozedCustomer]) -> list[str]:
    """Return a line for each customer that is snoozed."""
    return [
        f"Snoozed {_where(each)} until {moment(each.until)}: {escaped(each.reference, most=20)} "
        f"{escaped(each.name, most=60)} · {_undo(each)}"
        for each in every
        if each.until is not None
    ]


def _where(done: SnoozedCustomer) -> str:
    return "in your own messages" if done.is_personal else f"in {channel_mention(done.target_id)}"


def _undo(done: SnoozedCustomer) -> str:
    here = "" if done.is_personal else " here"
    return f"`{CUSTOMER} {escaped(done.reference, most=20)} snooze off{here}`"

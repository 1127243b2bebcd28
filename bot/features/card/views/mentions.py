"""The customers named in a message, each with as much as the asker is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.domain.changes import Snapshot
from bot.domain.customer import ID_DIGITS
from bot.domain.text.parsing import whole_number
from bot.features.access.model.authorization import Shown
from bot.features.alerts.views.alert import figures, named
from bot.features.customers.model.mentions import Mention, Mentions
from bot.slack.views.blocks import Block, View, button_element, mrkdwn, section_block
from bot.slack.views.message import aside, joined, section
from bot.slack.views.modal import modal
from bot.slack.views.text import escaped, moment

SHORTCUT = "customer.mentioned"
CARD = "mentioned.card"
PRESSED = re.compile(rf"{re.escape(CARD)}\.\d{{1,2}}")
TITLE = "Customers mentioned"


def mentioned_customers(found: Mentions) -> View:
    """Return the modal with a line and a button for each customer."""
    if not found.found:
        text = f"That message names no customer of {escaped(found.company_name)} that you may see."
        hint = "References are found as they are written, and names as Sage 200 has them."
        return modal([section(text), aside(hint, _source(found))], title=TITLE)
    blocks: list[Block] = [_entry(each, number) for number, each in enumerate(found.found)]
    more = f"{found.more:,} more are named: only the first are listed." if found.more else ""
    return modal([*blocks, aside(joined([more, _source(found)]))], title=TITLE)


def mention_pressed(action: Mapping[str, Any]) -> int:
    """Return the customer id of a button; 0 if the value is not one of ours."""
    value = str(action.get("value") or "")
    return whole_number(value, digits=ID_DIGITS) or 0


def _entry(mention: Mention, number: int) -> Block:
    snapshot = Snapshot.of(mention.customer)
    hold = "🛑 On hold" if mention.customer.on_hold else "✅ Not on hold"
    over = mention.shown is Shown.FIGURES and mention.customer.over_limit
    status = f"{hold} · ⚠️ Over credit limit" if over else hold
    lines = [f"*{named(snapshot)}*", status, figures(snapshot, mention.shown)]
    button = button_element(
        "Show the card",
        f"{CARD}.{number}",
        value=str(mention.customer.id),
        accessibility_label=f"Show the card of {mention.customer.reference}"[:75],
    )
    return section_block(mrkdwn(joined(lines, most=2_900)), accessory=button)


def _source(found: Mentions) -> str:
    return f"Figures as at {moment(found.as_of)} ({escaped(found.company_name)})"

"""A customer as a channel is shown it, and the form that sends it there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    ConversationFilter,
    ConversationSelectElement,
    DividerBlock,
    InputBlock,
    PlainTextInputElement,
    PlainTextObject,
)
from slack_sdk.models.views import View

from bot.domain.changes import Snapshot
from bot.domain.customer import Customer
from bot.features.access.model.authorization import Shown
from bot.features.account_detail.views.documents import detail_value
from bot.features.alerts.views.alert import figures, named
from bot.features.customers import views as sources
from bot.features.customers.model.lookup import CustomerCard
from bot.features.sharing.model import LONGEST_COMMENT, Shared
from bot.slack.views.message import Message, aside, joined, section
from bot.slack.views.modal import modal
from bot.slack.views.text import channel_mention, escaped, user_mention

SHARE, MODAL = "customer.share", "share.form"
CHANNEL, COMMENT = "share.channel", "share.comment"
TITLE = "Share with a channel"
_CLASSES = {
    Shown.STATUS: "on hold or not, without figures",
    Shown.BAND: "on hold or not, and how near the limit in bands",
    Shown.FIGURES: "figures too",
}


def button(customer: Customer) -> ButtonElement:
    """On a card whose figures are shown."""
    return ButtonElement(
        text="Share",
        action_id=SHARE,
        value=detail_value(customer),
        accessibility_label=f"Share {customer.reference} with a channel"[:75],
    )


def shared(what: Shared, comment: str = "") -> Message:
    """What the channel reads: no more of the figures than it is shown, and never a reason unless it is shown all."""
    customer, shown = what.card.customer, what.shown
    hold = "🛑 On hold" if customer.on_hold else "✅ Not on hold"
    over = shown is not Shown.STATUS and customer.over_limit
    reason = escaped(customer.status_reason or "", most=256) if shown is Shown.FIGURES else ""
    lines = [
        f"*{named(Snapshot.of(customer))}*",
        f"{hold} · ⚠️ Over credit limit" if over else hold,
        f"Reason: {reason}" if reason else "",
        figures(Snapshot.of(customer), shown),
    ]
    said = f"{user_mention(what.by_user)}: {escaped(comment, most=LONGEST_COMMENT)}" if comment.strip() else ""
    small = [sources.customer_line(what.card.source), f"Shared by {user_mention(what.by_user)}"]
    blocks = (*([section(said)] if said else []), section(joined(lines)), aside(*small))
    return Message(joined([said, *lines, *small]), blocks)


def form(card: CustomerCard, *, preview: Shared | None = None, trouble: Message | None = None) -> View:
    """Choose a channel; then exactly what it would be shown just now, or why it would be shown nothing."""
    note = json.dumps({"id": card.customer.id, "reference": card.customer.reference[:20]})
    return _form(note, named(Snapshot.of(card.customer)), preview=preview, trouble=trouble)


def share_refused(view: Mapping[str, Any], trouble: Message) -> View:
    """The form once more with what is wrong, where there is no card to show."""
    customer_id, reference = share_note(view)
    note = json.dumps({"id": customer_id, "reference": reference})
    return _form(note, f"*{escaped(reference, most=20)}*" if reference else "", preview=None, trouble=trouble)


def _form(note: str, who: str, *, preview: Shared | None, trouble: Message | None) -> View:
    menu = ConversationSelectElement(
        action_id=CHANNEL,
        placeholder=PlainTextObject(text="Pick a channel"),
        filter=ConversationFilter(include=["public", "private"], exclude_external_shared_channels=True),
    )
    blocks: list[Block] = [
        section(joined([who, "The channel is shown no more than an admin of this app allows it."])),
        InputBlock(block_id=CHANNEL, label=PlainTextObject(text="Channel"), element=menu, dispatch_action=True),
        InputBlock(
            block_id=COMMENT,
            label=PlainTextObject(text="Your words above it"),
            element=PlainTextInputElement(action_id=COMMENT, multiline=True, max_length=LONGEST_COMMENT),
            optional=True,
        ),
    ]
    if preview is not None:
        what = f"*{channel_mention(preview.channel_id)} will be shown this* ({_CLASSES[preview.shown]}):"
        blocks += [DividerBlock(), section(what), *shared(preview).blocks]
    elif trouble is not None:
        blocks += [DividerBlock(), *trouble.blocks]
    return View(
        type="modal",
        callback_id=MODAL,
        title=PlainTextObject(text=TITLE),
        submit=PlainTextObject(text="Share"),
        close=PlainTextObject(text="Cancel"),
        private_metadata=note,
        blocks=blocks,
    )


def share_note(view: Mapping[str, Any]) -> tuple[int, str]:
    """Which customer the form is about, by its own note: only a name for what is then asked afresh."""
    try:
        known = json.loads(str(view.get("private_metadata") or ""))
    except ValueError:
        known = {}
    found = known if isinstance(known, dict) else {}
    number, reference = found.get("id"), found.get("reference")
    customer_id = number if type(number) is int and 0 < number < 10**18 else 0
    return customer_id, reference if isinstance(reference, str) else ""


def share_form_filled(view: Mapping[str, Any]) -> tuple[str, str]:
    """The channel and the words."""
    values = (view.get("state") or {}).get("values") or {}

    def field(name: str) -> Mapping[str, Any]:
        found = (values.get(name) or {}).get(name)
        return found if isinstance(found, dict) else {}

    return str(field(CHANNEL).get("selected_conversation") or ""), str(field(COMMENT).get("value") or "")


def share_done(what: Shared) -> View:
    """It stands in the channel now."""
    words = f"{named(Snapshot.of(what.card.customer))} was shared in {channel_mention(what.channel_id)}:"
    return modal([section(words), *shared(what).blocks], title=TITLE)

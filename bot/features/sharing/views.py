"""A customer's message to a channel, and the form that sends it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.domain.changes import Snapshot
from bot.domain.customer import Customer
from bot.features.access.model.authorization import Shown
from bot.features.account_detail.views.documents import detail_value
from bot.features.alerts.views.alert import figures, named
from bot.features.customers import views as sources
from bot.features.customers.model.lookup import CustomerCard
from bot.features.sharing.model import LONGEST_COMMENT, Shared
from bot.slack.views.blocks import (
    Block,
    Element,
    View,
    button_element,
    conversation_filter,
    conversations_select,
    divider_block,
    input_block,
    modal_view,
    plain_text_input,
)
from bot.slack.views.message import Message, aside, joined, section
from bot.slack.views.modal import modal
from bot.slack.views.text import channel_mention, escaped, user_mention

SHARE, MODAL = "customer.share", "share.form"
CHANNEL, COMMENT = "share.channel", "share.comment"
TITLE = "Share with a channel"
_CLASSES = {
    Shown.STATUS: "hold status only, no figures",
    Shown.BAND: "hold status, and how near the limit in bands",
    Shown.FIGURES: "hold status and figures",
}


def button(customer: Customer, company_key: str) -> Element:
    """Return the Share button of a card whose figures are shown."""
    return button_element(
        "Share",
        SHARE,
        value=detail_value(customer, company_key),
        accessibility_label=f"Share {customer.reference} with a channel"[:75],
    )


def shared(what: Shared, comment: str = "") -> Message:
    """Return the channel's message: no more than the channel is shown, and a reason only with figures."""
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
    """Return the form: a channel, then its preview or why nothing would be shown there."""
    note = _note(card.customer.id, card.customer.reference[:20], card.company_key)
    return _form(note, named(Snapshot.of(card.customer)), preview=preview, trouble=trouble)


def share_refused(view: Mapping[str, Any], trouble: Message) -> View:
    """Return the form again with what is wrong, where there is no card to show."""
    customer_id, reference, company = share_note(view)
    note = _note(customer_id, reference, company)
    return _form(note, f"*{escaped(reference, most=20)}*" if reference else "", preview=None, trouble=trouble)


def _form(note: str, who: str, *, preview: Shared | None, trouble: Message | None) -> View:
    menu = conversations_select(
        CHANNEL,
        placeholder="Pick a channel",
        filter_object=conversation_filter("public", "private", exclude_external_shared_channels=True),
    )
    blocks: list[Block] = [
        section(joined([who, "The channel sees only what an admin of the app has allowed."])),
        input_block(CHANNEL, "Channel", menu, dispatch_action=True),
        input_block(
            COMMENT,
            "Add a message",
            plain_text_input(COMMENT, multiline=True, max_length=LONGEST_COMMENT),
            optional=True,
        ),
    ]
    if preview is not None:
        what = f"*{channel_mention(preview.channel_id)} will see this* ({_CLASSES[preview.shown]}):"
        joins = aside("Sage 200 isn't in that channel yet: *Share* lets it join.")
        blocks += [divider_block(), section(what), *shared(preview).blocks, *([joins] if preview.joins else [])]
    elif trouble is not None:
        blocks += [divider_block(), *trouble.blocks]
    return modal_view(blocks, title=TITLE, close="Cancel", submit="Share", callback_id=MODAL, private_metadata=note)


def _note(customer_id: int, reference: str, company_key: str) -> str:
    return json.dumps({"id": customer_id, "reference": reference, "company": company_key})


def share_note(view: Mapping[str, Any]) -> tuple[int, str, str]:
    """Return (customer id, reference, company key) of the form's metadata; rights are checked afresh by the caller."""
    try:
        known = json.loads(str(view.get("private_metadata") or ""))
    except ValueError:
        known = {}
    found = known if isinstance(known, dict) else {}
    number, reference, company = found.get("id"), found.get("reference"), found.get("company")
    customer_id = number if type(number) is int and 0 < number < 10**18 else 0
    return customer_id, reference if isinstance(reference, str) else "", company if isinstance(company, str) else ""


def share_form_filled(view: Mapping[str, Any]) -> tuple[str, str]:
    """Return the channel and the comment of a sent form."""
    values = (view.get("state") or {}).get("values") or {}

    def field(name: str) -> Mapping[str, Any]:
        found = (values.get(name) or {}).get(name)
        return found if isinstance(found, dict) else {}

    return str(field(CHANNEL).get("selected_conversation") or ""), str(field(COMMENT).get("value") or "")


def share_done(what: Shared) -> View:
    """Return the modal that says where the customer was shared."""
    words = f"{named(Snapshot.of(what.card.customer))} was shared in {channel_mention(what.channel_id)}:"
    return modal([section(words), *shared(what).blocks], title=TITLE)

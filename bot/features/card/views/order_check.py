"""The answer to "can I take this order?": the verdict, then the arithmetic."""

from __future__ import annotations

from decimal import Decimal

from bot.features.account_detail.views.documents import detail_title, further, money
from bot.features.card.model.order_check import OrderCheck, OrderReason, OrderVerdict
from bot.features.customers import views as sources
from bot.features.customers.model.lookup import CustomerCard
from bot.slack.views.message import Message, aside, heading, joined, section
from bot.slack.views.text import escaped

_SAYS = {OrderVerdict.GO: "✅ Go", OrderVerdict.ASK: "⚠️ Ask credit control first", OrderVerdict.STOP: "🛑 Stop"}
_BECAUSE = {
    OrderReason.ON_HOLD: "the account is on hold, and Sage 200 takes no new orders for it.",
    OrderReason.OVER: "the account is over its credit limit already, so Sage 200 puts new orders on hold.",
    OrderReason.HIDDEN: "the account is hidden in Sage 200, so it may be out of use.",
    OrderReason.UNKNOWN: "Sage 200 did not give every figure that this takes.",
    OrderReason.NO_LIMIT: "no credit limit is set, so there is nothing to measure the order against.",
    OrderReason.BEYOND: "the order goes beyond the credit limit.",
    OrderReason.COPIED: "it would fit, but these figures are a copy.",
    OrderReason.WITHIN: "the order fits within the headroom.",
}


def order_answer(found: OrderCheck, card: CustomerCard) -> Message:
    """Return the verdict with every figure in the customer's currency; headroom is our own figure."""
    decision = f"*{_SAYS[found.decision]}*: {_BECAUSE[found.why]}"
    reason = escaped(card.customer.status_reason or "", most=256) if found.why is OrderReason.ON_HOLD else ""
    lines = [f"{label}: {value}" for label, value in _arithmetic(found, card)]
    source = sources.customer_line(card.source)
    top = joined([decision, f"Reason: {reason}" if reason else ""])
    body = "\n".join(lines)
    blocks = (
        heading(detail_title(card.customer)),
        *sources.warning(card.source),
        section(top),
        section(body),
        further(card.customer),
        aside(source),
    )
    return Message(joined([escaped(detail_title(card.customer)), top, body, source]), blocks)


def _arithmetic(found: OrderCheck, card: CustomerCard) -> list[tuple[str, str]]:
    def show(amount: Decimal | None) -> str:
        return "not known" if amount is None else money(found.currency, amount)

    no_limit = "no limit set" if card.customer.credit_limit == 0 else "not known"
    lines = [
        ("Credit limit", show(found.limit) if found.limit is not None else no_limit),
        ("− Balance", show(found.balance)),
        ("− Open orders", show(found.open_orders)),
        ("= Headroom", show(found.headroom)),
        ("− This order", show(found.order)),
        ("= Headroom after it", show(found.after)),
    ]
    return lines if found.limit is not None else [lines[0], *lines[1:3], lines[4]]

"""The answer to "can I take this order?": the verdict first, then the arithmetic line by line."""

from __future__ import annotations

from decimal import Decimal

from bot.features.account_detail.views.documents import further, money, title
from bot.features.card.model.order_check import OrderCheck, Verdict, Why
from bot.features.customers import views as sources
from bot.features.customers.model.lookup import Card
from bot.slack.views.message import Message, aside, heading, joined, section
from bot.slack.views.text import escaped

_SAYS = {Verdict.GO: "✅ Go", Verdict.ASK: "⚠️ Ask credit control first", Verdict.STOP: "🛑 Stop"}
_BECAUSE = {
    Why.ON_HOLD: "the account is on hold, and Sage 200 takes no new orders for it.",
    Why.OVER: "the account is over its credit limit already, so Sage 200 puts new orders on hold.",
    Why.HIDDEN: "the account is hidden in Sage 200, so it may be out of use.",
    Why.UNKNOWN: "Sage 200 did not give every figure that this takes.",
    Why.NO_LIMIT: "no credit limit is set, so there is nothing to measure the order against.",
    Why.BEYOND: "the order goes beyond the credit limit.",
    Why.COPIED: "it would fit, but these figures are a copy.",
    Why.WITHIN: "the order fits within the headroom.",
}


def answer(found: OrderCheck, card: Card) -> Message:
    """Every figure in the customer's own currency; headroom is our own figure."""
    verdict = f"*{_SAYS[found.verdict]}*: {_BECAUSE[found.why]}"
    reason = escaped(card.customer.status_reason or "", most=256) if found.why is Why.ON_HOLD else ""
    lines = [f"{label}: {value}" for label, value in _arithmetic(found, card)]
    source = sources.line(card.source)
    top = joined([verdict, f"Reason: {reason}" if reason else ""])
    body = "\n".join(lines)
    blocks = (
        heading(title(card.customer)),
        *sources.warning(card.source),
        section(top),
        section(body),
        further(card.customer),
        aside(source),
    )
    return Message(joined([escaped(title(card.customer)), top, body, source]), blocks)


def _arithmetic(found: OrderCheck, card: Card) -> list[tuple[str, str]]:
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

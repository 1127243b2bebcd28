"""The answer to "can I take this order?": the verdict, then the arithmetic."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.domain.customer import ID_DIGITS
from bot.features.account_detail.views.documents import detail_title, further
from bot.features.card.model.order_check import OrderCheck, OrderReason, OrderVerdict
from bot.features.customers import views as sources
from bot.features.customers.model.lookup import CustomerCard
from bot.features.overdue.views.lateness import days, overdue_words
from bot.slack.views.blocks import View, input_block, modal_view, plain_text_input
from bot.slack.views.message import Message, aside, joined, section
from bot.slack.views.text import escaped, money

FORM = "customer.order"
_FIELD = "amount"
_SAYS = {OrderVerdict.GO: "OK", OrderVerdict.ASK: "Check with credit control", OrderVerdict.STOP: "Stop"}
_MARKS = {OrderVerdict.GO: "✅", OrderVerdict.ASK: "⚠️", OrderVerdict.STOP: "🛑"}
_BECAUSE = {
    OrderReason.ON_HOLD: "The account is on hold, and Sage 200 takes no new orders for it.",
    OrderReason.OVER: "The account is over its credit limit already, so Sage 200 puts new orders on hold.",
    OrderReason.HIDDEN: "The account is hidden in Sage 200, so it may be out of use.",
    OrderReason.UNKNOWN: "Sage 200 didn't give every figure needed for this.",
    OrderReason.NO_LIMIT: "No credit limit is set, so there is nothing to measure the order against.",
    OrderReason.BEYOND: "The order goes over the credit limit.",
    OrderReason.DEBT_UNKNOWN: "What is overdue isn't known.",
    OrderReason.DEBT_UNSURE: "The overdue amount is unconfirmed.",
    OrderReason.COPIED: "Sage 200 isn't responding, so these figures are not live.",
    OrderReason.WITHIN: "It's within their credit limit, and nothing else stops it.",
}


@dataclass(frozen=True, slots=True)
class OrderForm:
    """What a sent form says. Untrusted."""

    customer_id: int
    reference: str
    company_key: str
    amount: str


def order_form(card: CustomerCard) -> View:
    """Return the form for an order's value."""
    customer = card.customer
    about = {"id": customer.id, "reference": customer.reference[:20], "company": card.company_key}
    return modal_view(
        [
            section(f"*Check an order: {escaped(detail_title(customer))}*"),
            input_block(
                _FIELD,
                "Order value",
                plain_text_input(_FIELD, max_length=30, focus_on_load=True, placeholder="1500"),
                hint="With VAT, in the customer's currency.",
            ),
        ],
        title="Check an order",
        close="Cancel",
        submit="Check",
        callback_id=FORM,
        private_metadata=json.dumps(about),
    )


def order_form_filled(view: Mapping[str, Any]) -> OrderForm | None:
    """Return what a sent form says; None if it is not one of ours."""
    try:
        about = json.loads(str(view.get("private_metadata") or ""))
        amount = view["state"]["values"][_FIELD][_FIELD].get("value") or ""
        found = OrderForm(int(about["id"]), str(about["reference"]), str(about["company"]), str(amount))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    return found if 0 < found.customer_id < 10**ID_DIGITS else None


def beside(words: str) -> dict[str, str]:
    """Return an error below the field."""
    return {_FIELD: words}


def order_answer(found: OrderCheck, card: CustomerCard) -> Message:
    """Return the verdict with every reason and every figure in the customer's currency; headroom is our own figure."""
    customer = card.customer
    asked = f"order of {money(found.currency, found.order)} for {escaped(detail_title(customer))}"
    reasons = [_because(reason, found, card) for reason in found.reasons]
    lines = [f"{label}: {value}" for label, value in _arithmetic(found, card)]
    source = sources.customer_line(card.source)
    verdict = f"*{_SAYS[found.decision]}*: {asked}"
    body = "\n".join(lines)
    blocks = (
        section(f"{_MARKS[found.decision]} {verdict}"),
        *sources.warning(card.source),
        section(joined([f"• {reason}" for reason in reasons])),
        section(body),
        further(customer, card.company_key),
        aside(source),
    )
    return Message(joined([verdict, *reasons, body, source]), blocks)


def _because(reason: OrderReason, found: OrderCheck, card: CustomerCard) -> str:
    """Return a reason as a sentence, with its figures."""
    said = _BECAUSE.get(reason)
    if reason is OrderReason.ON_HOLD and card.customer.status_reason:
        return f"{said} Reason: {escaped(card.customer.status_reason, most=256)}"
    if said is not None:
        return said
    debt = found.lateness.debt
    assert debt is not None  # noqa: S101 - the other reasons are of a debt that is known
    if reason is OrderReason.UNDATED:
        return f"{money(found.currency, debt.undated)} is owed without a due date."
    late = f"{money(found.currency, debt.overdue)} is overdue, the oldest by {days(debt.oldest_days)}"
    return {
        OrderReason.LATE_STOP: f"{late}: your policy stops orders there.",
        OrderReason.LATE_PROMISED: f"{late}, and all of it is promised.",
        OrderReason.BROKEN: f"{late}, and a promise to pay was broken.",
        OrderReason.LATE: f"{late}.",
    }[reason]


def _open_orders(amount: Decimal | None, show: Callable[[Decimal | None], str]) -> tuple[str, str]:
    """Return the line on open orders: what customers send back is added, never taken away twice."""
    if amount is not None and amount < 0:
        return "+ Open orders (returns)", show(-amount)
    return "− Open orders", show(amount)


def _arithmetic(found: OrderCheck, card: CustomerCard) -> list[tuple[str, str]]:
    def show(amount: Decimal | None) -> str:
        return "not known" if amount is None else money(found.currency, amount)

    no_limit = "no limit set" if card.customer.credit_limit == 0 else "not known"
    lines = [
        ("Credit limit", show(found.limit) if found.limit is not None else no_limit),
        ("− Balance", show(found.balance)),
        _open_orders(found.open_orders, show),
        ("= Headroom", show(found.headroom)),
        ("− This order", show(found.order)),
        ("= Headroom after it", show(found.after)),
    ]
    overdue = ("Overdue", overdue_words(found.lateness, found.currency))
    return [*(lines if found.limit is not None else [lines[0], *lines[1:3], lines[4]]), overdue]

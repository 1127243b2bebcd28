"""What each tool answers: the message of the command that asks for it, by the session of the person who asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.authorization import Shown
from bot.features.account_detail.service import DetailRequest
from bot.features.account_detail.views import documents
from bot.features.card.listeners.whole import found_message
from bot.features.card.model import order_check
from bot.features.card.views import card as cards
from bot.features.card.views import order_check as orders
from bot.features.customers.model.listing import list_typed
from bot.features.customers.model.lookup import CustomerCard
from bot.features.on_hold.views import list as on_hold
from bot.features.overdue.views import list as overdue
from bot.slack.tool_call import ToolCall
from bot.slack.views.message import Message

Handle = Callable[[ToolCall, Mapping[str, str]], Awaitable[Message]]
"""Answers a call with the arguments that were read."""

_NO_FILE = "A file can't be sent here."
_NO_FILE_HINT = "Leave `csv` out."


async def customer(call: ToolCall, given: Mapping[str, str]) -> Message:
    """Answer as `/customer` with these words does."""
    session = await call.session()
    found = await call.services.customers.look_up(session, given.get("words") or given["reference"])
    return await found_message(call.services, session, found)


async def check_order(call: ToolCall, given: Mapping[str, str]) -> Message:
    """Answer as `/customer REF order AMOUNT` does. Raises NotAllowed without figures, or BadQuestion."""
    session, asked = await call.session(), order_check.amount(given["amount"])
    found = await call.services.customers.look_up(session, given["reference"])
    if not isinstance(found, CustomerCard):
        return cards.lookup_answer(found)
    if found.shown is not Shown.FIGURES:
        raise NotAllowed
    return orders.order_answer(await call.services.debts.check_order(session, found, asked), found)


async def open_invoices(call: ToolCall, given: Mapping[str, str]) -> Message:
    """Answer as the card's button does."""
    session = await call.session()
    found = await call.services.customers.look_up(session, given["reference"])
    if not isinstance(found, CustomerCard):
        return cards.lookup_answer(found)
    wanted = DetailRequest(found.customer.id, found.customer.reference)
    return documents.invoices(await call.services.account_detail.open_invoices(session, wanted))


async def accounts_on_hold(call: ToolCall, given: Mapping[str, str]) -> Message:
    """Answer as `/onhold` does."""
    asked = list_typed(given["filter"])
    if asked.as_file:
        raise BadQuestion(_NO_FILE, hint=_NO_FILE_HINT)
    return on_hold.on_hold_answer(await call.services.on_hold.ask(await call.session(), asked.words, page=asked.page))


async def overdue_accounts(call: ToolCall, given: Mapping[str, str]) -> Message:
    """Answer as `/overdue` does."""
    asked = list_typed(given["filter"])
    if asked.as_file:
        raise BadQuestion(_NO_FILE, hint=_NO_FILE_HINT)
    return overdue.overdue_answer(await call.services.overdue.ask(await call.session(), asked.words, page=asked.page))


HANDLERS: Mapping[str, Handle] = {
    "find_customers": customer,
    "customer": customer,
    "check_order": check_order,
    "accounts_on_hold": accounts_on_hold,
    "overdue_accounts": overdue_accounts,
    "open_invoices": open_invoices,
}

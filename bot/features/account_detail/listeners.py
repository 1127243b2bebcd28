"""The buttons of a card, and `/customer REF order AMOUNT`. Each reads the session of the user who pressed or typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.command_names import CUSTOMER
from bot.errors import BadQuestion, NotAllowed, OutOfDate, TooLateToOpen
from bot.features.access.model.authorization import Shown
from bot.features.access.model.session import Session
from bot.features.account_detail.service import DetailRequest
from bot.features.account_detail.views import aged_debt as aged_views
from bot.features.account_detail.views import documents as views
from bot.features.card.listeners.whole import found_message
from bot.features.card.model import order_check
from bot.features.card.model.customer_command import CustomerCommand, CustomerWord
from bot.features.card.views import order_check as order_views
from bot.features.customers.model.lookup import CustomerCard
from bot.slack.customer_command import CustomerHandle
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.blocks import View
from bot.slack.views.message import Message
from bot.slack.views.modal import message_modal, waiting


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the listeners of a card's buttons."""
    app.action(views.AGED)(answered(aged_debt))
    app.action(aged_views.AGED_BY)(answered(aged_by))
    for action in (views.INVOICES, views.INVOICES_PAGE):
        app.action(action)(answered(invoices))
    for action in (views.ORDERS, views.ORDERS_PAGE):
        app.action(action)(answered(orders))
    app.action(views.CONTACT)(answered(contact))
    app.action(views.REFRESH)(answered(refresh))
    app.view(order_views.FORM)(answered(order_submitted))


async def aged_debt(interaction: Interaction) -> None:
    """Reply with the chart and the table of aged debt."""
    session, wanted, _ = await _pressed(interaction)
    found = await interaction.services.account_detail.aged_debt(session, wanted)
    await interaction.reply(aged_views.aged_debt(found))


async def aged_by(interaction: Interaction) -> None:
    """Replace both with those that count age in the chosen way."""
    session, wanted, _ = await _pressed(interaction)
    by = aged_views.aged_by_chosen(interaction.action_id)
    found = await interaction.services.account_detail.aged_debt(session, wanted, by=by)
    await interaction.reply(aged_views.aged_debt(found), in_place=True)


async def invoices(interaction: Interaction) -> None:
    """Reply with the open invoices; a further page replaces the one before."""
    session, wanted, page = await _pressed(interaction)
    found = await interaction.services.account_detail.open_invoices(session, wanted)
    await interaction.reply(views.invoices(found, page=page), in_place=_is_page_button(interaction.payload))


async def orders(interaction: Interaction) -> None:
    """Reply with the open orders; a further page replaces the one before."""
    session, wanted, page = await _pressed(interaction)
    found = await interaction.services.account_detail.open_orders(session, wanted)
    await interaction.reply(views.orders(found, page=page), in_place=_is_page_button(interaction.payload))


async def contact(interaction: Interaction) -> None:
    """Reply with the customer's contact."""
    session, wanted, _ = await _pressed(interaction)
    await interaction.reply(views.contact(await interaction.services.account_detail.contact(session, wanted)))


async def refresh(interaction: Interaction) -> None:
    """Replace the card with a current one. Raises SageMissing if the id has another reference now."""
    session, wanted, _ = await _pressed(interaction)
    card = await interaction.services.customers.by_id(session, wanted.customer_id, reference=wanted.reference)
    await interaction.reply(await found_message(interaction.services, session, card), in_place=True)


async def order(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message | None:
    """Return whether to take an order of this amount; open the form for one that wasn't typed.

    Raises NotAllowed without figures, or BadQuestion.
    """
    if card.shown is not Shown.FIGURES:
        raise NotAllowed
    if asked.rest:
        return await _order_answer(interaction, card, order_check.amount(asked.rest))
    try:
        await interaction.open(order_views.order_form(card))
    except TooLateToOpen:
        raise order_check.no_amount(card.customer.reference) from None
    return None


async def order_submitted(interaction: Interaction) -> None:
    """Show in the form whether to take an order of the amount that was filled in."""
    filled = order_views.order_form_filled(interaction.payload)
    if filled is None:
        await interaction.ack()
        raise OutOfDate("form")
    try:
        amount = order_check.amount(filled.amount)
    except BadQuestion as error:
        await interaction.ack(response_action="errors", errors=order_views.beside(error.message))
        return
    await interaction.ack(response_action="update", view=waiting())

    async def fill() -> View:
        session = await interaction.session_in(filled.company_key)
        card = await interaction.services.customers.by_id(session, filled.customer_id, reference=filled.reference)
        if card.shown is not Shown.FIGURES:
            raise NotAllowed
        return message_modal(await _order_answer(interaction, card, amount))

    await interaction.fill(fill)


async def _order_answer(interaction: Interaction, card: CustomerCard, amount: order_check.Amount) -> Message:
    found = await interaction.services.debts.check_order(await interaction.session(), card, amount)
    return order_views.order_answer(found, card)


WORDS: dict[CustomerWord, CustomerHandle] = {CustomerWord.ORDER: order}


async def _pressed(interaction: Interaction) -> tuple[Session, DetailRequest, int]:
    """Return the session in the company of the button, its customer, and the page."""
    found = views.detail_request(interaction.payload)
    if found is None:
        raise OutOfDate("card", hint=f"Type `{CUSTOMER}` and the reference for a new one.")
    session = await interaction.session_in(found.company)
    return session, DetailRequest(found.customer_id, found.reference), found.page


def _is_page_button(action: Mapping[str, Any]) -> bool:
    return str(action.get("action_id") or "").rpartition(".")[2].isdigit()

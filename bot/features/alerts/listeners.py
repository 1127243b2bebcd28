"""The buttons of an alert. Each answers the person who pressed it, with what they may see and do now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from slack_bolt.async_app import AsyncApp

from bot.errors import OutOfDate
from bot.features.alerts.views import buttons
from bot.features.card.listeners.whole import found_message
from bot.features.customers.model.lookup import CustomerCard
from bot.features.holds import views as holds
from bot.features.holds.listeners import ask_reason
from bot.features.subscriptions.views import snoozing
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons and the menu."""
    app.action(buttons.VIEWED)(answered(view_account))
    app.action(buttons.CHOOSE)(answered(view_account))
    app.action(buttons.REQUEST)(answered(request_release))
    app.action(buttons.SNOOZE)(answered(snooze))


async def view_account(interaction: Interaction) -> None:
    """Reply with the card of the alert's customer, as Sage has it now."""
    card = await _card(interaction)
    await interaction.reply(await found_message(interaction.services, await interaction.session(), card))


async def request_release(interaction: Interaction) -> None:
    """Open the form for a release of the alert's customer; say how to type one where that is too late."""
    card = await _card(interaction)
    if not card.customer.on_hold:
        whole = await found_message(interaction.services, await interaction.session(), card)
        return await interaction.reply(whole)
    answer = await ask_reason(interaction, holds.REQUEST, card)
    return await interaction.reply(answer) if answer is not None else None


async def snooze(interaction: Interaction) -> None:
    """Snooze the alert's customer where the alert stands: in the channel, or for who pressed in their own messages."""
    days = buttons.snoozed_for(interaction.selected)
    if days is None:
        raise OutOfDate("menu")
    card, session = await _card(interaction), await interaction.session()
    until = session.now + timedelta(days=days)
    snoozes = interaction.services.customer_snoozes
    done = await snoozes.snooze(session, card, until=until, channel_id=interaction.channel_id)
    await interaction.reply(snoozing.snoozed(done))


async def _card(interaction: Interaction) -> CustomerCard:
    """Return the card for who pressed. Raises what keeps them from the account."""
    about = buttons.pressed(interaction.value or interaction.selected)
    if about is None:
        raise OutOfDate("button")
    company_pk, customer_id = about
    session = await interaction.session_in(company_pk)
    return await interaction.services.customers.by_id(session, customer_id)

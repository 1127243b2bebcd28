"""The commands, buttons and form for putting an account on hold, releasing it, and asking for a release."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.command_names import CUSTOMER
from bot.domain.company import Company
from bot.domain.hold_reasons import with_kind
from bot.errors import BadQuestion, BotError, NotConnected, OutOfDate, ReconnectNeeded, TooLateToOpen
from bot.features.access.model.session import Session
from bot.features.account_detail.model import OpenOrders
from bot.features.account_detail.service import DetailRequest
from bot.features.card.listeners.whole import found_message
from bot.features.card.model.customer_command import CustomerCommand, CustomerWord
from bot.features.connections.listeners import open_link, push_link, repeating
from bot.features.customers.model.lookup import CustomerCard
from bot.features.holds import views
from bot.features.holds.model import HoldAction, HoldResult, HoldVersion, Outcome, reason_from
from bot.features.holds.service.change_hold import HoldChange
from bot.features.release_requests import views as requests
from bot.features.release_requests.model import Wanted
from bot.features.temporary_releases.model import parse_terms
from bot.features.temporary_releases.views import terms_filled
from bot.slack.customer_command import CustomerHandle
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener
from bot.slack.sending.pressed import PressedMessage, pressed_message
from bot.slack.views.blocks import View
from bot.slack.views.errors import explain
from bot.slack.views.message import Message
from bot.slack.views.modal import waiting


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons and the form; the typed words are in `WORDS`."""
    app.action(views.OPEN)(answered(ask_why))
    app.view(views.MODAL)(answered(submitted))


async def _hold(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message | None:
    return await _change(interaction, asked, card, HoldAction.HOLD)


async def _release(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message | None:
    return await _change(interaction, asked, card, HoldAction.RELEASE)


async def _change(
    interaction: Interaction, asked: CustomerCommand, card: CustomerCard, action: HoldAction
) -> Message | None:
    if not asked.rest:
        return await ask_reason(interaction, views.HOLD if action is HoldAction.HOLD else views.RELEASE, card)
    session, terms, words = await interaction.session(), None, asked.rest
    if action is HoldAction.RELEASE:
        terms, words = parse_terms(asked.rest, session.today)
    reason_from(words, typed=f"{CUSTOMER} {card.customer.reference} {action} REASON")
    # What the command's first question found, so that a change between it and the last one is noticed.
    change = HoldChange(action, card.customer.id, words, HoldVersion.of(card.customer), card.company_key)
    with repeating(f"{CUSTOMER} {card.customer.reference} {action} {asked.rest}"):
        if action is HoldAction.RELEASE:
            return views.released(await interaction.services.temporary_releases.release(session, change, terms))
        return views.hold_done(await interaction.services.hold_changes.change(session, change))


async def _request(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message | None:
    if not asked.rest:
        return await ask_reason(interaction, views.REQUEST, card)
    session, ask = await interaction.session(), interaction.services.release_requests.ask
    return requests.request_sent(await ask(session, card.customer.id, Wanted(asked.rest), company=card.company_key))


async def ask_reason(interaction: Interaction, action: str, card: CustomerCard) -> Message | None:
    """Open the form for a reason that wasn't typed; say how to type one if Slack opens no form any more."""
    wanted = views.asked_of(action, card)
    company = _may(interaction, await interaction.session(), wanted)
    if card.copied is None and wanted.hold_action is not None and card.customer.on_hold is wanted.hold_action.on_hold:
        so_already = HoldResult(wanted.hold_action, Outcome.ALREADY, company, card.customer, card.customer)
        return views.hold_done(so_already)
    try:
        await _open(interaction, wanted, company)
    except TooLateToOpen:
        reason_from(
            "",
            typed=f"{CUSTOMER} {card.customer.reference} {wanted.hold_action or CustomerWord.REQUEST_RELEASE} REASON",
        )
    return None


async def _open(
    interaction: Interaction, wanted: views.HoldButton, company: Company, card: PressedMessage | None = None
) -> None:
    """Open the form; that of a hold with the orders that are open, which Sage is asked for meanwhile."""
    session = await interaction.session()
    reasons = session.policy.hold_reasons
    if wanted.hold_action is not HoldAction.HOLD:
        return await interaction.open(views.hold_form(wanted, company, card, reasons=reasons))

    async def fill() -> View:
        orders = await _open_orders(interaction, session, wanted)
        return views.hold_form(wanted, company, card, reasons=reasons, orders=orders)

    return await interaction.open_filled(waiting(), fill)


async def _open_orders(interaction: Interaction, session: Session, wanted: views.HoldButton) -> OpenOrders | None:
    """Return the customer's open orders; None where Sage doesn't say: that keeps nobody from a hold."""
    try:
        return await interaction.services.account_detail.open_orders(session, DetailRequest(wanted.customer_id))
    except BotError:
        return None


def _may(interaction: Interaction, session: Session, wanted: views.HoldButton) -> Company:
    """Return the company in which the asker may do this. Raises what keeps them from it."""
    if wanted.hold_action is None:
        return interaction.services.release_requests.may_ask(session, card=wanted.company).company
    return interaction.services.hold_changes.may(session, wanted.hold_action, card=wanted.company)


WORDS: dict[CustomerWord, CustomerHandle] = {
    CustomerWord.HOLD: _hold,
    CustomerWord.RELEASE: _release,
    CustomerWord.REQUEST_RELEASE: _request,
}


async def ask_why(interaction: Interaction) -> None:
    """Open the form for the reason, for a user who may do it."""
    # Sage isn't asked here: Slack allows three seconds to open a form.
    wanted = views.hold_button_pressed(interaction.payload)
    if wanted is None:
        raise OutOfDate("button")
    session = await interaction.session_in(wanted.company)
    try:
        company = _may(interaction, session, wanted)
    except (NotConnected, ReconnectNeeded) as error:
        return await open_link(interaction, error)
    card = pressed_message(interaction.body) if views.is_on_card(interaction.payload) else None
    return await _open(interaction, wanted, company, card)


async def submitted(interaction: Interaction) -> None:
    """Change the hold, or ask for a release, as the user who sent the form may now."""
    filled = views.hold_form_filled(interaction.payload)
    wanted, reason = filled or (None, "")
    if wanted is None:
        await interaction.ack()
        raise OutOfDate("form")
    session, about = await interaction.session_in(wanted.company), wanted.company
    kinds = session.policy.hold_reasons
    chosen = views.kind_chosen(interaction.payload)
    reason = with_kind(chosen if chosen in kinds else "", reason, kinds)
    terms, wrong = terms_filled(interaction.payload, session.now, session.policy)
    if wrong:
        await interaction.ack(response_action="errors", errors=wrong)
        return
    try:
        reason_from(reason)
        # A sign-in may have ended while the form was open: it stays open, with what was written.
        if wanted.hold_action is not None:
            interaction.services.hold_changes.may(session, wanted.hold_action)
    except (NotConnected, ReconnectNeeded) as error:
        await push_link(interaction, error)
        return
    except BadQuestion as error:
        await interaction.ack(response_action="errors", errors=views.beside(explain(error).text))
        return
    except BotError:
        pass  # said after the ack, as for every change
    await interaction.ack()
    if wanted.hold_action is None:
        asked = await interaction.services.release_requests.ask(
            session, wanted.customer_id, Wanted(reason), company=about
        )
        await interaction.reply(requests.request_sent(asked))
        return
    change = HoldChange(wanted.hold_action, wanted.customer_id, reason, wanted.version, about)
    if wanted.hold_action is HoldAction.RELEASE:
        released = await interaction.services.temporary_releases.release(session, change, terms)
        found, said = released.done, views.released(released)
    else:
        found = await interaction.services.hold_changes.change(session, change)
        said = views.hold_done(found)
    await interaction.reply(said)
    card = views.card_of_form(interaction.payload)
    if card is not None and found.after is not None:
        # It says what was so before, and offers what has just been done.
        now = await interaction.services.customers.reread(session, found.after)
        await interaction.reply.redraw(card, await found_message(interaction.services, session, now))

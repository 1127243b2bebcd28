"""Listeners of release requests: typed commands, the buttons of a request's message, and the form."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.errors import BadQuestion, BotError, NotConnected, OutOfDate, ReconnectNeeded, TooLateToOpen
from bot.features.card.listeners.whole import found_message
from bot.features.card.model.customer_command import CustomerCommand, CustomerWord
from bot.features.connections.listeners import open_link, push_link, repeating
from bot.features.customers.model.lookup import CustomerCard
from bot.features.holds.model import reason_from
from bot.features.promises.views import forms as more
from bot.features.release_requests import views
from bot.features.release_requests.model import ShownRequest, State, Wanted, parse_limit, parse_order
from bot.features.release_requests.service.requests import NO_WORDS
from bot.features.temporary_releases.model import parse_terms
from bot.features.temporary_releases.views import terms_filled
from bot.slack.customer_command import CustomerHandle
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.errors import explain
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons and the form; the typed commands are in `WORDS`."""
    app.action(views.DECIDE)(answered(ask_why))
    app.action(views.VIEWED)(answered(view_account))
    app.view(views.MODAL)(answered(submitted))
    app.action(views.ASKED_BACK)(answered(ask_back))
    app.action(views.ANSWERED)(answered(answer))
    app.view(views.QUESTION_MODAL)(answered(question_submitted))


DECIDED = "decided"


async def _every(interaction: Interaction) -> Message:
    session = await interaction.session()
    if interaction.words.strip().casefold() == DECIDED:
        return views.who_decided(await interaction.services.release_requests.decided(session))
    waiting = await interaction.services.temporary_releases.waiting(session)
    return views.open_requests(await interaction.services.release_requests.every(session), waiting)


async def _approve(interaction: Interaction) -> Message:
    session = await interaction.session()
    number, words = _number(interaction.words)
    terms, reason = parse_terms(words, session.today)
    with repeating(f"/sage approve {number} {words}".rstrip()):
        approve = interaction.services.release_requests.approve
        return views.request_decided(await approve(session, number, reason, terms=terms))


async def _decline(interaction: Interaction) -> Message:
    session = await interaction.session()
    number, reason = _number(interaction.words)
    return views.request_decided(await interaction.services.release_requests.decline(session, number, reason))


async def _ask_back(interaction: Interaction) -> Message:
    session = await interaction.session()
    number, words = _number(interaction.words, word="ask-back")
    return views.question_said(await interaction.services.release_requests.ask_back(session, number, words))


async def _answer(interaction: Interaction) -> Message:
    session = await interaction.session()
    number, words = _number(interaction.words, word="answer")
    return views.question_said(await interaction.services.release_requests.answer(session, number, words))


async def _withdraw(interaction: Interaction) -> Message:
    session = await interaction.session()
    number, _ = _number(interaction.words)
    return views.request_decided(await interaction.services.release_requests.withdraw(session, number))


async def _request_limit(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message | None:
    if not asked.rest:
        return await _ask_by_form(interaction, more.LIMIT, card)
    return await _ask(interaction, card, parse_limit(asked.rest, card.customer))


async def _request_order(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message | None:
    if not asked.rest:
        return await _ask_by_form(interaction, more.ORDER, card)
    return await _ask(interaction, card, parse_order(asked.rest, card.customer))


async def _ask(interaction: Interaction, card: CustomerCard, wanted: Wanted) -> Message:
    session, requests = await interaction.session(), interaction.services.release_requests
    return views.request_sent(await requests.ask(session, card.customer.id, wanted, company=card.company_key))


async def _ask_by_form(interaction: Interaction, kind: str, card: CustomerCard) -> Message | None:
    """Open the form for what wasn't typed; say how to type it if Slack opens no form any more."""
    session = await interaction.session()
    company = interaction.services.release_requests.may_ask(session, card=card.company_key).company
    customer = card.customer
    chosen = more.MoreChosen(kind, card.company_key, customer.id, customer.reference[:20])
    try:
        await interaction.open(more.more_form(chosen, company.company_name, session.today))
    except TooLateToOpen:
        (parse_limit if kind == more.LIMIT else parse_order)("", customer)
    return None


CUSTOMER_WORDS: dict[CustomerWord, CustomerHandle] = {
    CustomerWord.REQUEST_LIMIT: _request_limit,
    CustomerWord.REQUEST_ORDER: _request_order,
}
"""The handlers of these words after a customer."""

WORDS: dict[str, Handle] = {
    "requests": _every,
    "approve": _approve,
    "decline": _decline,
    "withdraw": _withdraw,
    "ask-back": _ask_back,
    "answer": _answer,
}


def _number(rest: str, *, word: str = "approve") -> tuple[int, str]:
    number, _, more = rest.removeprefix("#").partition(" ")
    found = views.request_pressed({"value": number})
    if found is None:
        raise BadQuestion(
            f"Which one? Add its number, such as `/sage {word} 3`.", typed=number, hint="`/sage requests` lists them."
        )
    return found, unescaped(more.strip())


async def ask_why(interaction: Interaction) -> None:
    """Open the form for Approve or Decline; show the outcome if the request is decided already.

    A user who needs a Sage sign-in for it first gets the connect link in place of the form.
    """
    number, action = _pressed(interaction), views.decision_pressed(interaction.payload)
    session = await interaction.session()
    try:
        asked = await interaction.services.release_requests.may_decide(
            session, number, approving=action == views.APPROVE
        )
    except (NotConnected, ReconnectNeeded) as error:
        return await open_link(interaction, error)
    if asked.request.state is not State.OPEN:
        return await _show_decided(interaction, asked)
    return await interaction.open(views.request_form(action, asked, views.figures_pressed(interaction.payload)))


async def _show_decided(interaction: Interaction, asked: ShownRequest) -> None:
    """Show the outcome in place of the message; in a channel to this user alone, who may be shown more than it is."""
    await interaction.reply(views.request_asked(asked.request), in_place=True)


async def ask_back(interaction: Interaction) -> None:
    """Open the form for a question to the user who asked; show the outcome if the request is decided already."""
    session = await interaction.session()
    asked = await interaction.services.release_requests.may_decide(session, _pressed(interaction))
    if asked.request.state is not State.OPEN:
        return await _show_decided(interaction, asked)
    return await interaction.open(views.question_form(asked.request, views.ASK_BACK))


async def answer(interaction: Interaction) -> None:
    """Open the form for the answer, for the user who was asked back."""
    session = await interaction.session()
    request = await interaction.services.release_requests.may_answer(session, _pressed(interaction))
    await interaction.open(views.question_form(request, views.ANSWER))


async def question_submitted(interaction: Interaction) -> None:
    """Send the question, or its answer."""
    action, number, words = views.question_form_filled(interaction.payload) or ("", 0, "")
    try:
        reason_from(words, missing=NO_WORDS)
    except BadQuestion as error:
        await interaction.ack(response_action="errors", errors=views.beside(explain(error).text))
        return
    await interaction.ack()
    if not action:
        raise OutOfDate("form")
    session, requests = await interaction.session(), interaction.services.release_requests
    said = await (requests.answer if action == views.ANSWER else requests.ask_back)(session, number, words)
    await interaction.reply(views.question_said(said))
    await interaction.home.if_seen()


async def view_account(interaction: Interaction) -> None:
    """Reply with the card of the request's customer, as Sage has it now."""
    requests = interaction.services.release_requests
    company_pk, customer_id = await requests.account_of(await interaction.session(), _pressed(interaction))
    session = await interaction.session_in(company_pk)
    card = await interaction.services.customers.by_id(session, customer_id)
    await interaction.reply(await found_message(interaction.services, session, card))


def _pressed(interaction: Interaction) -> int:
    number = views.request_pressed(interaction.payload)
    if number is None:
        raise OutOfDate("button", hint="`/sage requests` lists those that wait.")
    return number


async def submitted(interaction: Interaction) -> None:
    """Decide as the user who sent the form says."""
    action, number, reason = views.request_form_filled(interaction.payload) or ("", 0, "")
    session = await interaction.session()
    terms, wrong = terms_filled(interaction.payload, session.now, session.policy)
    if wrong:
        await interaction.ack(response_action="errors", errors=wrong)
        return
    try:
        if action == views.DECLINE or reason.strip():
            reason_from(reason)
        if action == views.APPROVE:
            # A sign-in may have ended while the form was open: it stays open, with what was written.
            interaction.services.release_requests.require_sign_in(session)
    except (NotConnected, ReconnectNeeded) as error:
        await push_link(interaction, error)
        return
    except BadQuestion as error:
        await interaction.ack(response_action="errors", errors=views.beside(explain(error).text))
        return
    except BotError:
        pass  # said after the ack, as for every decision
    await interaction.ack()
    if not action:
        raise OutOfDate("form")
    requests = interaction.services.release_requests
    if action == views.APPROVE:
        seen = views.figures_of_form(interaction.payload)
        decided = await requests.approve(session, number, reason, seen=seen, terms=terms)
    else:
        decided = await requests.decline(session, number, reason)
    await interaction.reply(views.request_decided(decided))
    await interaction.home.if_seen()

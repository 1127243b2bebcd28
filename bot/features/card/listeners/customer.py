"""`/customer`, and a choice from the menu of several customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace

from slack_bolt.async_app import AsyncApp

from bot.command_names import CUSTOMER
from bot.domain.company import key_and_id
from bot.domain.text.folding import same
from bot.errors import NOTHING_CHANGED, NOTHING_NOTED, NOTHING_SENT, OutOfDate, saying_what_became
from bot.features.access.model.session import Session
from bot.features.account_detail import listeners as account_detail
from bot.features.account_detail.views import documents
from bot.features.assistant.views import answer as answers
from bot.features.card.listeners.whole import found_message
from bot.features.card.model.customer_command import (
    CustomerCommand,
    CustomerWord,
    customer_left_out,
    parse_customer_command,
)
from bot.features.card.views import card as views
from bot.features.card.views.not_understood import customer_first, not_understood
from bot.features.customers.model.lookup import CustomerCard, LookupResult, NoCustomer, asked_words, reference_in
from bot.features.holds import listeners as holds
from bot.features.on_hold import listeners as on_hold
from bot.features.on_hold.views import history
from bot.features.promises import listeners as promises
from bot.features.release_requests import listeners as release_requests
from bot.features.subscriptions.listeners import watching
from bot.features.subscriptions.views import watching as watching_views
from bot.slack.customer_command import CustomerHandle
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener, for_anybody
from bot.slack.sending.reply import clicked_in
from bot.slack.views import help as helps

WORDS: dict[CustomerWord, CustomerHandle] = {
    **account_detail.WORDS,
    **holds.WORDS,
    **on_hold.WORDS,
    **promises.WORDS,
    **release_requests.CUSTOMER_WORDS,
    **watching.WORDS,
}
"""The handlers of the words after a customer, joined from each feature's own table."""

_NOT_DONE: Mapping[CustomerWord, str] = {
    **dict.fromkeys(holds.WORDS, NOTHING_CHANGED),
    **dict.fromkeys(promises.WORDS, NOTHING_NOTED),
    **dict.fromkeys(release_requests.CUSTOMER_WORDS, NOTHING_SENT),
    **dict.fromkeys(watching.WORDS, NOTHING_CHANGED),
}


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register `/customer` and the choice from its menu."""
    app.command(str(CUSTOMER))(answered(customer))
    app.action(views.PICK_CUSTOMER)(answered(pick))
    app.action(views.PICK_ELSEWHERE)(answered(show_elsewhere))
    app.action(views.MENU)(answered(choose))


@for_anybody
async def customer(interaction: Interaction) -> None:
    """Answer `/customer ABS001` with the card, a menu or the nearest names; or run a word of `WORDS` after it."""
    if helps.asks_for_help(interaction.text):
        permissions = (await interaction.anybodys_session()).permissions
        await interaction.reply(helps.customer_help(permissions))
        return
    asked: CustomerCommand | None = parse_customer_command(interaction.text)
    while asked is not None:
        session = await interaction.session(reference=reference_in(asked.subject or asked.whole))
        asked = await _answer(interaction, session, asked)


async def _answer(interaction: Interaction, session: Session, asked: CustomerCommand) -> CustomerCommand | None:
    """Answer what was typed; return what else it may be where nothing was answered."""
    handle = WORDS.get(asked.word) if asked.word is not None else None
    found: LookupResult | None = None
    if handle is not None:
        not_done = _NOT_DONE.get(asked.word) if asked.word is not None else None
        with saying_what_became(not_done) if not_done else nullcontext():
            found = await interaction.services.customers.look_up(session, asked.subject)
            if isinstance(found, CustomerCard) and (asked.is_sure or _is_meant(found, asked)):
                answer = await handle(interaction, asked, found)
                if answer is not None:
                    await interaction.reply(answer)
                return None
        if asked.or_else is not None:
            return asked.or_else
    if found is None or not (asked.is_sure or asked.is_quoted):
        found = await interaction.services.customers.look_up(session, asked.whole)
    if isinstance(found, NoCustomer) and asked.subject and handle is None:
        account = await interaction.services.customers.look_up(session, asked.subject)
        if isinstance(account, CustomerCard) and _has_reference(account, asked.subject):
            await interaction.reply(not_understood(account, asked.rest, session.permissions))
            return None
    left_out = customer_left_out(asked.whole)
    if left_out is not None and isinstance(found, NoCustomer) and not (found.nearest or found.elsewhere):
        await interaction.reply(customer_first(left_out, asked.whole, session.permissions))
        return None
    await interaction.reply(await found_message(interaction.services, session, found))
    return None


def _is_meant(card: CustomerCard, asked: CustomerCommand) -> bool:
    """Return whether the account's exact reference was typed or, in quotation marks, its whole name."""
    is_name = asked.is_quoted and same(card.customer.name) == same(asked.subject)
    return is_name or _has_reference(card, asked.subject)


def _has_reference(card: CustomerCard, reference: str) -> bool:
    """Return whether the account's exact reference was typed, not something like a name."""
    return same(card.customer.reference) == same(asked_words(reference))


_CHOICES: Mapping[str, Listener] = {
    documents.CONTACT: account_detail.contact,
    documents.REFRESH: account_detail.refresh,
    history.HISTORY: on_hold.show_history,
    watching_views.WATCH: watching.watch,
    watching_views.UNWATCH: watching.unwatch,
}


async def choose(interaction: Interaction) -> None:
    """Do what the chosen option of the card's menu stands for: the press of a button."""
    action_id, value = views.menu_chosen(interaction.selected)
    if action_id not in _CHOICES:
        raise OutOfDate("menu")
    await _CHOICES[action_id](replace(interaction, payload={"action_id": action_id, "value": value}))


async def show_elsewhere(interaction: Interaction) -> None:
    """Reply with the card, or the answer to the question that was asked, of the chosen company.

    As the asker is shown it there; the company in use stays in use.
    """
    company_key, reference = views.picked_elsewhere(interaction.selected)
    if not company_key:
        raise OutOfDate("menu")
    session, place = await interaction.session_in(company_key), clicked_in(interaction.body)
    asked = answers.question_elsewhere(interaction.payload, reference)
    if asked is not None:
        found = await interaction.services.conversation.ask(session, asked, place)
        return await interaction.reply(answers.conversation_answer(found))
    card = await interaction.services.conversation.named(session, reference, place)
    return await interaction.reply(await found_message(interaction.services, session, card))


async def pick(interaction: Interaction) -> None:
    """Replace the menu with the card of the chosen customer, or with the answer to the question that was asked."""
    # From now on that customer is "it" in the conversation.
    chosen = key_and_id(interaction.selected)
    if chosen is None:
        raise OutOfDate("menu")
    (company_key, customer_id), place = chosen, clicked_in(interaction.body)
    session = await interaction.session_in(company_key)
    asked = answers.question_of(interaction.payload, customer_id)
    if asked is not None:
        found = await interaction.services.conversation.ask(session, asked, place)
        return await interaction.reply(answers.conversation_answer(found), in_place=True)
    card = await interaction.services.conversation.chose(session, customer_id, place)
    return await interaction.reply(await found_message(interaction.services, session, card), in_place=True)

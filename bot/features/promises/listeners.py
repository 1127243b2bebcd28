"""Listeners of promises, disputes and notes: typed words, the card's menu and its forms, and the buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from slack_bolt.async_app import AsyncApp

from bot.command_names import CUSTOMER
from bot.domain.company import key_and_id
from bot.errors import BadQuestion, OutOfDate
from bot.features.access.model.session import Session
from bot.features.card.model.customer_command import CustomerCommand, CustomerWord
from bot.features.customers.model.lookup import CustomerCard
from bot.features.promises.model.promise_typed import (
    checked_amount,
    checked_day,
    is_withdrawal,
    note_from,
    parse_dispute,
    parse_promise,
)
from bot.features.promises.views import forms
from bot.features.promises.views import words as views
from bot.features.release_requests.model import parse_limit, parse_order
from bot.features.release_requests.views import request_sent
from bot.slack.customer_command import CustomerHandle
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.message import Message


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the menu, the form and the buttons; the typed words are in `WORDS`."""
    app.action(forms.MORE)(answered(choose))
    app.view(forms.MODAL)(answered(submitted))
    app.action(views.WITHDRAW)(answered(withdraw))
    app.action(views.ACCEPT)(answered(accept))
    app.action(views.RESOLVE)(answered(resolve))


async def _promise(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message:
    session, promises = await interaction.session(), interaction.services.promises
    if is_withdrawal(asked.rest):
        return views.promises_withdrawn(await promises.withdraw_all(session, card))
    promises.may(session, card)
    typed = parse_promise(asked.rest, card.customer, promises.today(session))
    return views.promise_noted(await promises.note(session, card, typed))


async def _dispute(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message:
    typed, session = parse_dispute(asked.rest, card.customer), await interaction.session()
    return views.dispute_said(await interaction.services.disputes.dispute(session, card, typed))


async def _resolve(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message:
    typed, session = parse_dispute(asked.rest, card.customer, word="resolve"), await interaction.session()
    return views.dispute_said(await interaction.services.disputes.resolve(session, card, typed))


async def _note(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message:
    words = note_from(asked.rest, card.customer)
    await interaction.services.disputes.write_note(await interaction.session(), card, words)
    return views.note_written(card.customer, words)


WORDS: dict[CustomerWord, CustomerHandle] = {
    CustomerWord.PROMISE: _promise,
    CustomerWord.DISPUTE: _dispute,
    CustomerWord.RESOLVE: _resolve,
    CustomerWord.NOTE: _note,
}


async def choose(interaction: Interaction) -> None:
    """Open the form of what was chosen, for a user who may do it."""
    # Sage isn't asked here: Slack allows three seconds to open a form.
    chosen = forms.more_chosen(interaction.selected)
    if chosen is None:
        raise OutOfDate("card", hint=f"Type `{CUSTOMER}` and the reference for a new one.")
    session, promises = await interaction.session_in(chosen.company), interaction.services.promises
    company = promises.company(session, chosen.needs, card=chosen.company)
    await interaction.open(forms.more_form(chosen, company.company_name, promises.today(session)))


async def submitted(interaction: Interaction) -> None:
    """Keep what a form says, as the user who sent it may now."""
    filled = forms.form_filled(interaction.payload)
    if filled is None:
        await interaction.ack()
        raise OutOfDate("form")
    chosen, fields = filled
    session, promises = await interaction.session_in(chosen.company), interaction.services.promises
    wrong = _wrong(chosen, fields, promises.today(session))
    if wrong:
        await interaction.ack(response_action="errors", errors=wrong)
        return None
    await interaction.ack()
    promises.company(session, chosen.needs, card=chosen.company)
    card = await interaction.services.customers.by_id(session, chosen.customer_id, reference=chosen.reference)
    words = fields.get(forms.WORDS, "")
    if chosen.kind in {forms.LIMIT, forms.ORDER}:
        return await interaction.reply(await _request(interaction, chosen, fields, card))
    if chosen.kind == forms.PROMISE:
        said = f"{fields[forms.AMOUNT]} by {fields[forms.DAY]} {fields.get(forms.SAID_BY, '')}"
        asked = CustomerCommand("", word=CustomerWord.PROMISE, rest=said.strip())
        return await interaction.reply(await _promise(interaction, asked, card))
    if chosen.kind == forms.DISPUTE:
        asked = CustomerCommand("", word=CustomerWord.DISPUTE, rest=f"{fields.get(forms.DOCUMENT, '')} {words}")
        return await interaction.reply(await _dispute(interaction, asked, card))
    return await interaction.reply(await _note(interaction, CustomerCommand("", rest=words), card))


def _wrong(chosen: forms.MoreChosen, fields: Mapping[str, str], today: date) -> dict[str, str]:
    """Return what is wrong with the amount and the day of a form, by field."""
    checks = {
        forms.PROMISE: ((forms.AMOUNT, checked_amount), (forms.DAY, checked_day)),
        forms.LIMIT: ((forms.AMOUNT, checked_amount),),
    }.get(chosen.kind, ())
    wrong = {}
    for name, check in checks:
        try:
            check(fields.get(name, ""), today)
        except BadQuestion as error:
            wrong[name] = error.message
    return wrong


async def _request(
    interaction: Interaction, chosen: forms.MoreChosen, fields: Mapping[str, str], card: CustomerCard
) -> Message:
    words = fields.get(forms.WORDS, "")
    if chosen.kind == forms.LIMIT:
        wanted = parse_limit(f"{fields.get(forms.AMOUNT, '').replace(' ', '')} {words}", card.customer)
    else:
        wanted = parse_order(f"{fields.get(forms.DOCUMENT, '')} {words}", card.customer)
    session, requests = await interaction.session(), interaction.services.release_requests
    return request_sent(await requests.ask(session, chosen.customer_id, wanted, company=chosen.company))


async def withdraw(interaction: Interaction) -> None:
    """Withdraw the promise of a button, in place of its message."""
    done = await interaction.services.promises.withdraw(*await _pressed(interaction))
    await interaction.reply(views.promises_withdrawn([done]), in_place=True)


async def accept(interaction: Interaction) -> None:
    """Accept the dispute of a button, in place of its message."""
    done = await interaction.services.disputes.accept(*await _pressed(interaction))
    await interaction.reply(views.dispute_said(done), in_place=True)


async def resolve(interaction: Interaction) -> None:
    """Close the dispute of a button, in place of its message."""
    done = await interaction.services.disputes.close(*await _pressed(interaction))
    await interaction.reply(views.dispute_said(done), in_place=True)


async def _pressed(interaction: Interaction) -> tuple[Session, int]:
    """Return the session in the company of the button, and the id of its promise or dispute."""
    found = key_and_id(interaction.value)
    if found is None:
        raise OutOfDate("button")
    company_key, row_id = found
    return await interaction.session_in(company_key), row_id

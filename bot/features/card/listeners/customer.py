"""`/customer`, and a choice from its menu."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.customer import ID_DIGITS
from bot.domain.parsing import whole_number
from bot.errors import BadQuestion
from bot.features.account_detail import listeners as documents
from bot.features.assistant.views import answer as talk
from bot.features.card.model.customer_command import CustomerWord, parse_customer_command
from bot.features.card.views import card as views
from bot.features.customers.model.lookup import CustomerCard
from bot.features.holds import listeners as doing
from bot.features.subscriptions.listeners import watching
from bot.services import Services
from bot.slack.customer_command import Handle, Typed
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply, clicked_in
from bot.slack.views import help as helps
from bot.slack.views.text import unescaped

Clock = Callable[[], datetime]

WORDS: dict[CustomerWord, Handle] = {**documents.WORDS, **doing.WORDS, **watching.WORDS}
"""What may be typed after a customer; a module of listeners that has such words joins its own table here."""


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Everything about customers."""
    app.command("/customer")(answered(customer))
    app.action(views.PICK_CUSTOMER)(answered(pick))


async def customer(
    ack: AsyncAck,
    command: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """`/customer ABS001`: the card, a menu, or the nearest names; words of `WORDS` may come after a customer."""
    await ack()
    asker = await introduce()
    if helps.asks_for_help(command.get("text", "")):
        return await reply(helps.customer_help(await services.access.reach(asker)))
    now, asked = clock(), parse_customer_command(unescaped(str(command.get("text") or "")))
    handle = WORDS.get(asked.word) if asked.word is not None else None
    if handle is not None:
        found = await services.customers.look_up(asker, asked.subject, now=now)
        if isinstance(found, CustomerCard) and (asked.is_sure or _is_of(found, asked.subject)):
            answer = await handle(Typed(services, asker, asked, found, now, command, client))
            return await reply(answer) if answer is not None else None
        if asked.is_sure:
            return await reply(views.lookup_answer(found))
    found = await services.customers.look_up(asker, asked.whole, now=now)
    return await reply(views.lookup_answer(found))


def _is_of(card: CustomerCard, reference: str) -> bool:
    """Whether the reference itself was typed, and not something like a name."""
    return card.customer.reference.casefold() == reference.casefold()


async def pick(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
) -> None:
    """A menu's choice, put where the menu stood: the card, or what was asked. From now on that customer is “it”."""
    await ack()
    asked = talk.picked_question(action)
    if asked is not None:
        found = await services.conversation.ask(await introduce(), asked, clicked_in(body), now=clock())
        return await reply(talk.conversation_answer(found), in_place=True)
    chosen = whole_number(str((action.get("selected_option") or {}).get("value", "")), digits=ID_DIGITS)
    if chosen is None:
        raise BadQuestion("That menu is out of date.")
    card = await services.conversation.chose(await introduce(), chosen, clicked_in(body), now=clock())
    return await reply(views.customer_card(card), in_place=True)

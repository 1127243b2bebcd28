"""The card's watch button, and `/customer REF watch` and `unwatch`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.errors import BadQuestion, SageMissing
from bot.features.access.model.authorization import Asker
from bot.features.account_detail.views import documents as buttons
from bot.features.card.model.customer_command import CustomerWord
from bot.features.card.views import card as customers
from bot.features.customers.model.lookup import CustomerCard
from bot.features.subscriptions.views import watching as views
from bot.services import Services
from bot.slack.customer_command import Handle, Typed
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply
from bot.slack.views.message import Message

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Both buttons, on a card and under an answer."""
    for action in (views.WATCH, views.WATCH_AGAIN):
        app.action(action)(answered(watch))
    for action in (views.UNWATCH, views.UNWATCH_AGAIN):
        app.action(action)(answered(unwatch))


async def watch(
    ack: AsyncAck,
    action: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
) -> None:
    """Watch, and let the card say so."""
    await ack()
    asker, now = await introduce(), clock()
    card = await _card(services, asker, action, now)
    done = views.watched(await services.watching.watch(asker, card, now=now), card)
    await _answer(reply, action, replace(card, watched=True), done)


async def unwatch(
    ack: AsyncAck,
    action: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
) -> None:
    """No longer, and let the card say so."""
    await ack()
    asker, now = await introduce(), clock()
    card = await _card(services, asker, action, now)
    done = views.unwatched(await services.watching.unwatch(asker, card, now=now))
    await _answer(reply, action, replace(card, watched=False), done)


async def _card(services: Services, asker: Asker, action: dict[str, Any], now: datetime) -> CustomerCard:
    """The customer that the button names, as who presses it may see it."""
    pressed = buttons.detail_request(action)
    if pressed is None:
        raise BadQuestion("That button is out of date.", hint="`/customer` and the reference makes a new one.")
    card = await services.customers.by_id(asker, pressed[0], now=now)
    if card.customer.reference != pressed[2]:
        raise SageMissing("That card is of another account than this button asks for now.")
    return card


async def _answer(reply: Reply, action: dict[str, Any], card: CustomerCard, done: Message) -> None:
    """A button of a card changes the card too; what is under an answer takes that answer's place."""
    if action.get("action_id") not in {views.WATCH, views.UNWATCH}:
        return await reply(done, in_place=True)
    await reply(customers.customer_card(card), in_place=True)
    return await reply(done)


async def _typed_watch(typed: Typed) -> Message:
    return views.watched(await typed.services.watching.watch(typed.asker, typed.card, now=typed.now), typed.card)


async def _typed_unwatch(typed: Typed) -> Message:
    return views.unwatched(await typed.services.watching.unwatch(typed.asker, typed.card, now=typed.now))


WORDS: dict[CustomerWord, Handle] = {CustomerWord.WATCH: _typed_watch, CustomerWord.UNWATCH: _typed_unwatch}

"""`/customer`, and a choice from its menu."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.errors import BadQuestion
from bot.services.services import Services
from bot.slack.answering import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply, clicked_in
from bot.slack.views import customers as views
from bot.slack.views import help as helps
from bot.slack.views import talk

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Everything about customers."""
    app.command("/customer")(answered(customer))
    app.action(views.PICK_CUSTOMER)(answered(pick))


async def customer(
    ack: AsyncAck, command: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """`/customer ABS001`: the card, a menu, or the nearest names."""
    await ack()
    if helps.asks_for_help(command.get("text", "")):
        return await reply(helps.customer_help())
    found = await services.customers.look_up(await introduce(), command.get("text", ""), now=clock())
    return await reply(views.answer(found))


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
    asked = talk.picked(action)
    if asked is not None:
        found = await services.conversation.ask(await introduce(), asked, clicked_in(body), now=clock())
        return await reply(talk.answer(found), in_place=True)
    chosen = str((action.get("selected_option") or {}).get("value", ""))
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
        raise BadQuestion("That menu is out of date.")
    card = await services.conversation.chose(await introduce(), int(chosen), clicked_in(body), now=clock())
    return await reply(views.card(card), in_place=True)

"""The shortcut “Look up a customer”, and every menu of customers that fills while somebody types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.features.card.views import picker as views
from bot.services import Services
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.modals import filled, opened
from bot.slack.reply import Reply
from bot.slack.views.modal import waiting

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The shortcut, its menu, and the options of both kinds of menu."""
    app.global_shortcut(views.SHORTCUT)(answered(begin))
    app.action(views.PICK)(answered(picked))
    app.options(views.PICK)(answered(by_id))
    app.options(views.NAMED)(answered(by_reference))


async def begin(
    ack: AsyncAck,
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    client: AsyncWebClient,
) -> None:
    """The menu, for those who may look somebody up."""
    await ack()

    async def fill() -> View:
        await services.type_ahead.may_begin(await introduce())
        return views.look_up()

    await opened(client, reply, body, waiting(), fill)


async def by_id(ack: AsyncAck, payload: dict[str, Any], introduce: Introduce, services: Services, reply: Reply) -> None:
    """What stands behind an option is a customer's id."""
    found = await services.type_ahead.suggest(introduce, str(payload.get("value") or ""))
    await ack(options=views.options(found, by_reference=False))


async def by_reference(
    ack: AsyncAck, payload: dict[str, Any], introduce: Introduce, services: Services, reply: Reply
) -> None:
    """In a form that keeps references."""
    found = await services.type_ahead.suggest(introduce, str(payload.get("value") or ""))
    await ack(options=views.options(found, by_reference=True))


async def picked(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """The card below the menu, as who picked may see it."""
    await ack()

    async def fill() -> View:
        customer_id = views.picked_customer(action)
        if not customer_id:
            return views.look_up(views.nothing())
        card = await services.customers.by_id(await introduce(), customer_id, now=clock())
        return views.look_up(views.card_blocks(card))

    await filled(client, reply, str((body.get("view") or {}).get("id") or ""), fill, refused=views.look_up)

"""The message shortcut “Find customers mentioned”."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion
from bot.features.card.views import mentions as views
from bot.features.card.views import picker
from bot.services import Services
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.modals import opened
from bot.slack.reply import Reply
from bot.slack.views.modal import told, waiting
from bot.slack.views.text import unescaped

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The entry in a message's menu, and the buttons of what it finds."""
    app.message_shortcut(views.SHORTCUT)(answered(find))
    app.action(views.PRESSED)(answered(show))


async def find(
    ack: AsyncAck,
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """Whoever wrote the message: who asks is shown what they themselves may see."""
    await ack()
    text = unescaped(str((body.get("message") or {}).get("text") or ""))

    async def fill() -> View:
        return views.mentioned_customers(await services.mentions.find(await introduce(), text, now=clock()))

    await opened(client, reply, body, waiting(title=views.TITLE), fill)


async def show(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """The card, on top of the list."""
    await ack()

    async def fill() -> View:
        customer_id = views.mention_pressed(action)
        if not customer_id:
            raise BadQuestion("That button is out of date.", hint="")
        card = await services.customers.by_id(await introduce(), customer_id, now=clock())
        return told(picker.card_blocks(card))

    await opened(client, reply, body, waiting(), fill)

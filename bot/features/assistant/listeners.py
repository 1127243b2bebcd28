"""Plain English: in the app's own conversation, in a thread of it, and where somebody mentions the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion, ChannelUnknown
from bot.features.assistant.model.answers import CustomerAnswer, for_everybody, needs_sage
from bot.features.assistant.views import answer as views
from bot.features.card.views import card as customers
from bot.features.home.publisher import HomePublisher
from bot.services import Services
from bot.slack.channels import looking
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply, clicked_in, place_of
from bot.slack.views.text import unescaped

Clock = Callable[[], datetime]

log = structlog.get_logger(__name__)


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Messages, mentions, the opened conversation, and the button under an answer."""
    app.event("message")(answered(direct_message))
    app.event("app_mention")(answered(mention))
    app.event("app_home_opened")(answered(opened))
    app.action(views.SHOW_CARD)(answered(show_card))


async def direct_message(
    ack: AsyncAck,
    event: dict[str, Any],
    client: AsyncWebClient,
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
) -> None:
    """A message in the app's own conversation, or in a thread of it."""
    await ack()
    if not _by_a_person(event) or event.get("channel_type") != "im":
        return
    text = unescaped(str(event.get("text") or ""))
    if needs_sage(services.conversation.read(text)):
        await _show_status(client, event)
    found = await services.conversation.answer(await introduce(), text, place_of(event), now=clock())
    await reply(views.conversation_answer(found))


async def mention(
    ack: AsyncAck,
    event: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
) -> None:
    """In a channel: on hold or not is told in the thread, to everybody; all else to the asker alone."""
    await ack()
    if not _by_a_person(event) or str(event.get("channel", "")).startswith("D"):
        return None
    text = unescaped(str(event.get("text") or ""))
    found = await services.conversation.answer(await introduce(), text, place_of(event), now=clock())
    if isinstance(found, CustomerAnswer) and for_everybody(found) and await _may_be_public(client, event, body):
        return await reply.in_public(views.in_public(found))
    return await reply(views.conversation_answer(found))


async def opened(
    ack: AsyncAck,
    event: dict[str, Any],
    client: AsyncWebClient,
    introduce: Introduce,
    services: Services,
    reply: Reply,
    show_home: HomePublisher,
) -> None:
    """Somebody opens the conversation: what they may ask is suggested. Or the Home tab, which is made for them.

    Only for show: a failure changes nothing.
    """
    await ack()
    if event.get("tab") == "home":
        return await show_home.opened()
    if event.get("tab") != "messages":
        return None
    suggested = await services.conversation.prompts(await introduce())
    if not suggested:
        return None
    try:
        await client.assistant_threads_setSuggestedPrompts(
            channel_id=str(event.get("channel") or ""), prompts=views.prompts(suggested)
        )
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.info("no prompts suggested", why=type(error).__name__)


async def show_card(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
) -> None:
    """The card behind an answer, as who presses it."""
    await ack()
    customer_id = views.chosen_customer(action)
    if not customer_id:
        raise BadQuestion("That button is out of date.")
    card = await services.conversation.chose(await introduce(), customer_id, clicked_in(body), now=clock())
    await reply(customers.customer_card(card))


def _by_a_person(event: Mapping[str, Any]) -> bool:
    """Neither a bot's, nor an edit, nor any other special kind."""
    special = ("subtype", "bot_id", "bot_profile", "edited", "hidden")
    return isinstance(event.get("user"), str) and not any(event.get(each) for each in special)


async def _may_be_public(client: AsyncWebClient, event: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether only this company reads the channel; what can't be confirmed is private."""
    if body.get("is_ext_shared_channel") is not False:
        return False
    try:
        channel = await looking(client)(str(event.get("channel") or ""))
    except ChannelUnknown:
        return False
    return channel.is_member and not channel.is_shared and not channel.is_archived


async def _show_status(client: AsyncWebClient, event: Mapping[str, Any]) -> None:
    """“asking Sage 200…” under the composer; the answer clears it. Only for show, so its failure changes nothing."""
    try:
        await client.assistant_threads_setStatus(
            channel_id=event["channel"], thread_ts=event.get("thread_ts") or event["ts"], status="is asking Sage 200…"
        )
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.info("no status shown", why=type(error).__name__)

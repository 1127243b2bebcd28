"""`/onhold`: the list, its pages, and the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion
from bot.features.access.model.authorization import Asker
from bot.features.on_hold.model.csv import on_hold_csv
from bot.features.on_hold.model.list import Listing
from bot.features.on_hold.views import list as views
from bot.services import Services
from bot.slack.files import send_file
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply
from bot.slack.views import help as helps
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The command and its buttons."""
    app.command("/onhold")(answered(onhold))
    app.action(views.TURNED)(answered(turn_page))
    app.action(views.CSV)(answered(send_csv))


async def onhold(
    ack: AsyncAck,
    command: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """`/onhold [page N | csv] [words]`."""
    await ack()
    words, page, as_file = views.on_hold_typed(unescaped(str(command.get("text") or "")))
    asker = await introduce()
    if helps.wants_help(words):
        return await reply(helps.onhold_help(await services.access.reach(asker)))
    found = await services.on_hold.ask(asker, words, now=clock())
    if as_file and isinstance(found, Listing):
        return await reply(await _sent(services, client, asker, found, clock()))
    return await reply(views.on_hold_answer(found, page=page))


async def turn_page(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """Previous and Next: asked afresh, as who presses it."""
    await ack()
    words, page = _pressed(action)
    found = await services.on_hold.ask(await introduce(), words, now=clock())
    await reply(views.on_hold_answer(found, page=page), in_place=True)


async def send_csv(
    ack: AsyncAck,
    action: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Clock,
    client: AsyncWebClient,
) -> None:
    """The file, into the conversation of who presses it."""
    await ack()
    words, _ = _pressed(action)
    asker = await introduce()
    found = await services.on_hold.ask(asker, words, now=clock())
    if isinstance(found, Listing):
        return await reply(await _sent(services, client, asker, found, clock()))
    return await reply(views.on_hold_answer(found))


def _pressed(action: dict[str, Any]) -> tuple[str, int]:
    words, page = views.on_hold_page_pressed(action)
    if not page:
        raise BadQuestion("That list is out of date.", hint="`/onhold` makes a new one.")
    return words, page


async def _sent(services: Services, client: AsyncWebClient, asker: Asker, found: Listing, now: datetime) -> Message:
    if not found.accounts:
        return views.on_hold_answer(found)
    await services.records.taken_out(asker, *views.on_hold_filter(found), now=now)
    await send_file(
        client, asker.user_id, name=views.file_name(found), content=on_hold_csv(found), comment=views.comment(found)
    )
    return views.on_hold_file_sent()

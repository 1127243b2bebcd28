"""`/sage audit`: the record, its pages, and the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion
from bot.features.access.model.authorization import Asker
from bot.features.audit import views
from bot.features.audit.model.csv import audit_csv
from bot.services import Services
from bot.slack.files import send_file
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply
from bot.slack.sage_command import Handle, Typed
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The buttons; the typed words are in `WORDS`."""
    app.action(views.TURNED)(answered(turn_page))
    app.action(views.CSV)(answered(send_csv))


async def _audit(typed: Typed) -> Message:
    words, as_file = views.audit_typed(unescaped(typed.rest))
    if as_file:
        return await _sent(typed.services, typed.client, typed.asker, words, typed.now)
    return views.audit_page(await typed.services.records.read(typed.asker, words), words)


WORDS: dict[str, Handle] = {"audit": _audit}


async def turn_page(
    ack: AsyncAck, action: dict[str, Any], introduce: Introduce, services: Services, reply: Reply
) -> None:
    """Newer and Older: asked afresh, as who presses it."""
    await ack()
    words, page = views.audit_page_pressed(action)
    if not page:
        raise BadQuestion("That list is out of date.", hint="`/sage audit` makes a new one.")
    await reply(
        views.audit_page(await services.records.read(await introduce(), words), words, page=page), in_place=True
    )


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
    await reply(await _sent(services, client, await introduce(), views.audit_page_pressed(action)[0], clock()))


async def _sent(services: Services, client: AsyncWebClient, asker: Asker, words: str, now: datetime) -> Message:
    lines = await services.records.read(asker, words)
    if not lines:
        return views.audit_page(lines, words)
    await services.records.taken_out(asker, "the record", views.audit_list(len(lines), words), now=now)
    name, comment = views.FILE_NAME, views.comment(len(lines))
    await send_file(client, asker.user_id, name=name, content=audit_csv(lines), comment=comment)
    return views.audit_file_sent(len(lines))

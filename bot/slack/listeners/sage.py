"""`/sage WORD …`: the one place where the words of all listeners meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.services import Services
from bot.slack.answering import Listener
from bot.slack.listeners import access, audit, connect, release_requests, subscriptions
from bot.slack.middleware import Introduce
from bot.slack.people import People
from bot.slack.reply import Reply
from bot.slack.views.help import sage_help
from bot.slack.words import Handle, Typed

WORDS: dict[str, Handle] = {
    **connect.WORDS,
    **subscriptions.WORDS,
    **access.WORDS,
    **release_requests.WORDS,
    **audit.WORDS,
}


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The command itself."""
    app.command("/sage")(answered(sage))


async def sage(
    ack: AsyncAck,
    command: dict[str, Any],
    introduce: Introduce,
    services: Services,
    reply: Reply,
    clock: Callable[[], datetime],
    client: AsyncWebClient,
    people: People,
) -> None:
    """Each word has its own function, in the module of its feature."""
    await ack()
    word, _, rest = str(command.get("text", "")).strip().partition(" ")
    handle = WORDS.get(word.lower())
    asker = await introduce()
    if handle is None:
        return await reply(sage_help(await services.access.reach(asker), unknown=word))
    answer = await handle(Typed(services, asker, rest.strip(), clock(), command, client, people))
    return await reply(answer) if answer is not None else None

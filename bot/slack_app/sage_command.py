"""`/sage WORD …`: the one place where the words of all listeners meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.features.admin import listeners as access
from bot.features.audit import listeners as audit
from bot.features.connections import listeners as connect
from bot.features.release_requests import listeners as release_requests
from bot.features.subscriptions.listeners import subscriptions
from bot.services import Services
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply
from bot.slack.sage_command import Handle, Typed
from bot.slack.users import SlackUsers
from bot.slack.views.help import sage_help

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
    people: SlackUsers,
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

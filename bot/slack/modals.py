"""A modal is opened at once, while its trigger is good, and filled when the answer is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError
from bot.slack.reply import Reply
from bot.slack.views.errors import explain
from bot.slack.views.message import Message
from bot.slack.views.modal import told

Fill = Callable[[], Awaitable[View]]

log = structlog.get_logger(__name__)


async def opened(client: AsyncWebClient, reply: Reply, body: Mapping[str, Any], waiting: View, fill: Fill) -> None:
    """Show `waiting`, on top of the modal where the click was made if it was one, then what `fill` makes.

    An expected error is said in the modal.
    """
    trigger_id = str(body["trigger_id"])
    if (body.get("view") or {}).get("type") == "modal":
        answer = await client.views_push(trigger_id=trigger_id, view=waiting)
    else:
        answer = await client.views_open(trigger_id=trigger_id, view=waiting)
    await filled(client, reply, str((answer.get("view") or {}).get("id")), fill)


async def filled(
    client: AsyncWebClient, reply: Reply, view_id: str, fill: Fill, *, refused: Callable[[Message], View] = told
) -> None:
    """Put what `fill` makes into a modal that is open; else what `refused` makes of why it can't."""
    reply.is_elsewhere()
    try:
        view = await fill()
    except BotError as error:
        log.info("a modal tells an error", why=type(error).__name__)
        view = refused(explain(error))
    try:
        await client.views_update(view_id=view_id, view=view)
    except SlackApiError as error:
        if error.response.get("error") != "not_found":
            raise
        log.info("the modal was closed before it was filled")

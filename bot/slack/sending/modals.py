"""Modals that open at once, before the trigger expires (3 s), and are filled when the answer is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError, TooLateToOpen
from bot.slack.sending.reply import Reply
from bot.slack.views.blocks import View
from bot.slack.views.message import Message
from bot.slack.views.modal import message_modal

Fill = Callable[[], Awaitable[View]]
Explain = Callable[[BotError], Awaitable[Message]]

# A trigger is good once, for three seconds.
_TOO_LATE = {
    "exchanged_trigger_id",
    "expired_trigger_id",
    "invalid_trigger_id",
    "trigger_exchanged",
    "trigger_expired",
}

log = structlog.get_logger(__name__)


async def show_modal(client: AsyncWebClient, body: Mapping[str, Any], view: View) -> str:
    """Open the view, on top of the modal that was clicked in, if any; return the view's id. Raises TooLateToOpen."""
    trigger_id = str(body.get("trigger_id") or "")
    is_on_top = (body.get("view") or {}).get("type") == "modal"
    try:
        if is_on_top:
            answer = await client.views_push(trigger_id=trigger_id, view=view)
        else:
            answer = await client.views_open(trigger_id=trigger_id, view=view)
    except SlackApiError as error:
        if trigger_id and error.response.get("error") not in _TOO_LATE:
            raise
        log.info("too late to open a modal", why=error.response.get("error"))
        raise TooLateToOpen(is_typed="command" in body) from None
    return str((answer.get("view") or {}).get("id"))


async def open_modal(
    client: AsyncWebClient, reply: Reply, body: Mapping[str, Any], waiting: View, fill: Fill, explain: Explain
) -> None:
    """Show `waiting`, then the result of `fill`. An expected error is shown in the modal. Raises TooLateToOpen."""
    await fill_modal(client, reply, {"view_id": await show_modal(client, body, waiting)}, fill, explain)


async def fill_modal(
    client: AsyncWebClient,
    reply: Reply,
    window: Mapping[str, str],
    fill: Fill,
    explain: Explain,
    *,
    refused: Callable[[Message], View] = message_modal,
) -> None:
    """Replace an open modal, named as in `show_in`, with the result of `fill`, or an expected error as `refused`."""
    reply.answered_in_modal()
    try:
        view = await fill()
    except BotError as error:
        log.info("a modal tells an error", why=type(error).__name__)
        view = refused(await explain(error))
    await show_in(client, window, view)


async def show_in(client: AsyncWebClient, window: Mapping[str, str], view: View) -> None:
    """Replace an open modal, named by its `view_id` or `external_id`; do nothing if it was closed."""
    try:
        await client.views_update(**window, view={**view, **_names(window)})
    except SlackApiError as error:
        if error.response.get("error") != "not_found":
            raise
        log.info("the modal was closed before it was filled")


def _names(window: Mapping[str, str]) -> dict[str, str]:
    return {"external_id": window["external_id"]} if "external_id" in window else {}

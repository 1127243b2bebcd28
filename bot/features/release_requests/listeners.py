"""Deciding about a request for a release: typed, or by the buttons of its message and a form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BadQuestion
from bot.features.access.model.authorization import Asker
from bot.features.holds.model import reason_from
from bot.features.release_requests import views
from bot.features.release_requests.model import State
from bot.services import Services
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.reply import Reply
from bot.slack.sage_command import Handle, simply
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped

Clock = Callable[[], datetime]


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """The buttons and the form; the typed words are in `WORDS`."""
    app.action(views.DECIDE)(answered(ask_why))
    app.view(views.MODAL)(answered(submitted))


async def _every(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    return views.open_requests(await services.release_requests.every(asker))


async def _approve(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    number, reason = _number(rest)
    return views.request_decided(await services.release_requests.approve(asker, number, reason, now=now))


async def _decline(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    number, reason = _number(rest)
    return views.request_decided(await services.release_requests.decline(asker, number, reason, now=now))


async def _withdraw(services: Services, asker: Asker, rest: str, now: datetime) -> Message:
    number, _ = _number(rest)
    return views.request_decided(await services.release_requests.withdraw(asker, number, now=now))


WORDS: dict[str, Handle] = {
    "requests": simply(_every),
    "approve": simply(_approve),
    "decline": simply(_decline),
    "withdraw": simply(_withdraw),
}


def _number(rest: str) -> tuple[int, str]:
    number, _, more = rest.removeprefix("#").partition(" ")
    found = views.request_pressed({"value": number})
    if found is None:
        raise BadQuestion("Say which by its number.", typed=number, hint="`/sage requests` lists them.")
    return found, unescaped(more.strip())


async def ask_why(
    ack: AsyncAck,
    action: dict[str, Any],
    body: dict[str, Any],
    introduce: Introduce,
    services: Services,
    client: AsyncWebClient,
    reply: Reply,
) -> None:
    """Approve or Decline: the form, or the outcome where another was first."""
    await ack()
    number = views.request_pressed(action)
    if number is None:
        raise BadQuestion("That button is out of date.")
    request = await services.release_requests.may_decide(await introduce(), number)
    if request.state is not State.OPEN:
        return await reply(views.request_asked(request), in_place=True)
    await client.views_open(trigger_id=body["trigger_id"], view=views.request_form(str(action["action_id"]), request))
    return None


async def submitted(
    ack: AsyncAck, view: dict[str, Any], introduce: Introduce, services: Services, reply: Reply, clock: Clock
) -> None:
    """The form, sent: who sent it is asked about afresh."""
    action, number, reason = views.request_form_filled(view) or ("", 0, "")
    if action == views.DECLINE or reason.strip():
        try:
            reason_from(reason)
        except BadQuestion as error:
            await ack(response_action="errors", errors=views.beside(error.message))
            return
    await ack()
    if not action:
        raise BadQuestion("That form is out of date.")
    decide = services.release_requests.approve if action == views.APPROVE else services.release_requests.decline
    await reply(views.request_decided(await decide(await introduce(), number, reason, now=clock())))

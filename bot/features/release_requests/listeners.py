"""Listeners of release requests: typed commands, the buttons of a request's message, and the form."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.errors import BadQuestion
from bot.features.holds.model import reason_from
from bot.features.release_requests import views
from bot.features.release_requests.model import State
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons and the form; the typed commands are in `WORDS`."""
    app.action(views.DECIDE)(answered(ask_why))
    app.view(views.MODAL)(answered(submitted))


async def _every(interaction: Interaction) -> Message:
    session = await interaction.session()
    return views.open_requests(await interaction.services.release_requests.every(session))


async def _approve(interaction: Interaction) -> Message:
    session = await interaction.session()
    number, reason = _number(interaction.words)
    return views.request_decided(await interaction.services.release_requests.approve(session, number, reason))


async def _decline(interaction: Interaction) -> Message:
    session = await interaction.session()
    number, reason = _number(interaction.words)
    return views.request_decided(await interaction.services.release_requests.decline(session, number, reason))


async def _withdraw(interaction: Interaction) -> Message:
    session = await interaction.session()
    number, _ = _number(interaction.words)
    return views.request_decided(await interaction.services.release_requests.withdraw(session, number))


WORDS: dict[str, Handle] = {
    "requests": _every,
    "approve": _approve,
    "decline": _decline,
    "withdraw": _withdraw,
}


def _number(rest: str) -> tuple[int, str]:
    number, _, more = rest.removeprefix("#").partition(" ")
    found = views.request_pressed({"value": number})
    if found is None:
        raise BadQuestion("Say which by its number.", typed=number, hint="`/sage requests` lists them.")
    return found, unescaped(more.strip())


async def ask_why(interaction: Interaction) -> None:
    """Open the form for Approve or Decline; show the outcome if the request is decided already."""
    number = views.request_pressed(interaction.payload)
    if number is None:
        raise BadQuestion("That button is out of date.")
    request = await interaction.services.release_requests.may_decide(await interaction.session(), number)
    if request.state is not State.OPEN:
        return await interaction.reply(views.request_asked(request), in_place=True)
    await interaction.open(views.request_form(str(interaction.payload["action_id"]), request))
    return None


async def submitted(interaction: Interaction) -> None:
    """Decide as the user who sent the form says."""
    action, number, reason = views.request_form_filled(interaction.payload) or ("", 0, "")
    if action == views.DECLINE or reason.strip():
        try:
            reason_from(reason)
        except BadQuestion as error:
            await interaction.ack(response_action="errors", errors=views.beside(error.message))
            return
    await interaction.ack()
    if not action:
        raise BadQuestion("That form is out of date.")
    decide = (
        interaction.services.release_requests.approve
        if action == views.APPROVE
        else interaction.services.release_requests.decline
    )
    await interaction.reply(views.request_decided(await decide(await interaction.session(), number, reason)))

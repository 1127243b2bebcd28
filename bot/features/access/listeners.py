"""Asking for access, and the buttons by which admins of the app decide it."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.errors import OutOfDate
from bot.features.access import views
from bot.features.access.model.authorization import Role
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons; the typed word is in `WORDS`."""
    app.action(views.ASK)(answered(ask))
    app.action(views.OFF)(answered(switch_off))
    for button, role in views.DECISIONS.items():
        app.action(button)(answered(_deciding(role)))


async def ask(interaction: Interaction) -> None:
    """Ask the admins for a role, from Home or from the answer that was refused for want of one."""
    if (interaction.body.get("view") or {}).get("type") == "home":
        await interaction.home.after(_asked(interaction, ""))
    else:
        await interaction.reply(await _asked(interaction, ""))


async def _typed(interaction: Interaction) -> Message:
    return await _asked(interaction, unescaped(interaction.words))


async def _asked(interaction: Interaction, reason: str) -> Message:
    session = await interaction.session()
    return views.access_asked(await interaction.services.access_requests.ask(session, reason))


async def switch_off(interaction: Interaction) -> None:
    """End the alerts about own customers that were switched on for the user."""
    ended = await interaction.services.subscriptions.switch_off_defaults(await interaction.session())
    await interaction.reply(views.switched_off(ended))
    await interaction.home.if_seen()


def _deciding(role: Role | None) -> Listener:
    """Return the listener of a button that gives this role or, with None, says no."""

    async def decide_access(interaction: Interaction) -> None:
        if not interaction.value.isascii() or not interaction.value.isdigit():
            raise OutOfDate("button", hint="`/sage roles @PERSON sales` gives a role.")
        session, service = await interaction.session(), interaction.services.access_requests
        asked = await service.request(session, int(interaction.value))
        colleague = await interaction.colleague(asked.asked_by)
        done = await service.decide(session, asked.number, colleague, role)
        examples = await interaction.services.examples.of(session)
        await interaction.reply(views.access_shown(done, examples=examples), in_place=True)

    return decide_access


WORDS: dict[str, Handle] = {"request-access": _typed, "ask-access": _typed}

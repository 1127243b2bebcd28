"""Listeners of `/onhold`: the list, its pages, and the CSV file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.errors import BadQuestion
from bot.features.access.model.session import Session
from bot.features.on_hold.model.csv import on_hold_csv
from bot.features.on_hold.model.list import Listing
from bot.features.on_hold.views import list as views
from bot.slack.files import send_file
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener, for_anybody
from bot.slack.views import help as helps
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the command and its buttons."""
    app.command("/onhold")(answered(onhold))
    app.action(views.TURNED)(answered(turn_page))
    app.action(views.CSV)(answered(send_csv))


@for_anybody
async def onhold(interaction: Interaction) -> None:
    """Answer `/onhold [page N | csv] [words]`."""
    text = unescaped(str(interaction.payload.get("text") or ""))
    if helps.wants_help(text):
        return await interaction.reply(helps.onhold_help((await interaction.anybodys_session()).permissions))
    session = await interaction.session()
    words, page, as_file = views.on_hold_typed(text)
    found = await interaction.services.on_hold.ask(session, words)
    if as_file and isinstance(found, Listing):
        return await interaction.reply(await _sent(interaction, session, found))
    return await interaction.reply(views.on_hold_answer(found, page=page))


async def turn_page(interaction: Interaction) -> None:
    """Show the previous or next page, asked again as the user who pressed the button."""
    words, page = _pressed(interaction.payload)
    found = await interaction.services.on_hold.ask(await interaction.session(), words)
    await interaction.reply(views.on_hold_answer(found, page=page), in_place=True)


async def send_csv(interaction: Interaction) -> None:
    """Send the file into the conversation of the user who pressed the button."""
    words, _ = _pressed(interaction.payload)
    session = await interaction.session()
    found = await interaction.services.on_hold.ask(session, words)
    if isinstance(found, Listing):
        return await interaction.reply(await _sent(interaction, session, found))
    return await interaction.reply(views.on_hold_answer(found))


def _pressed(action: Mapping[str, Any]) -> tuple[str, int]:
    words, page = views.on_hold_page_pressed(action)
    if not page:
        raise BadQuestion("That list is out of date.", hint="`/onhold` makes a new one.")
    return words, page


async def _sent(interaction: Interaction, session: Session, found: Listing) -> Message:
    if not found.accounts:
        return views.on_hold_answer(found)
    await interaction.services.audit_reader.record_export(session, *views.on_hold_filter(found))
    await send_file(
        interaction.client,
        session.user_id,
        name=views.file_name(found),
        content=on_hold_csv(found),
        comment=views.comment(found),
    )
    return views.on_hold_file_sent()

"""`/sage audit`: the audit log in pages and as a file."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.errors import BadQuestion
from bot.features.audit import views
from bot.features.audit.model.csv import audit_csv
from bot.slack.files import send_file
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons; the typed words are in `WORDS`."""
    app.action(views.TURNED)(answered(turn_page))
    app.action(views.CSV)(answered(send_csv))


async def _audit(interaction: Interaction) -> Message:
    words, as_file = views.audit_typed(unescaped(interaction.words))
    if as_file:
        return await _send_file(interaction, words)
    return views.audit_page(await interaction.services.audit_reader.read((await interaction.session()), words), words)


WORDS: dict[str, Handle] = {"audit": _audit}


async def turn_page(interaction: Interaction) -> None:
    """Show another page of the log, as the user who pressed may see it."""
    words, page = views.audit_page_pressed(interaction.payload)
    if not page:
        raise BadQuestion("That list is out of date.", hint="`/sage audit` makes a new one.")
    await interaction.reply(
        views.audit_page(
            await interaction.services.audit_reader.read(await interaction.session(), words), words, page=page
        ),
        in_place=True,
    )


async def send_csv(interaction: Interaction) -> None:
    """Send the log as a file to the conversation of the user who pressed."""
    await interaction.reply(await _send_file(interaction, views.audit_page_pressed(interaction.payload)[0]))


async def _send_file(interaction: Interaction, words: str) -> Message:
    session, reader = await interaction.session(), interaction.services.audit_reader
    lines = await reader.read(session, words)
    if not lines:
        return views.audit_page(lines, words)
    await reader.record_export(session, "the record", views.audit_list(len(lines), words))
    name, comment = views.FILE_NAME, views.comment(len(lines))
    await send_file(interaction.client, session.user_id, name=name, content=audit_csv(lines), comment=comment)
    return views.audit_file_sent(len(lines))

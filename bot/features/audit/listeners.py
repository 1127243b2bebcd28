"""`/sage audit`: the audit log in pages and as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from slack_bolt.async_app import AsyncApp

from bot.errors import OutOfDate
from bot.features.audit import views
from bot.features.audit.model.files import audit_csv, audit_json_lines
from bot.features.audit.model.hash_chain import AuditRow
from bot.features.audit.model.query import Format
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener
from bot.slack.sending.files import send_file
from bot.slack.views.message import Message
from bot.slack.views.text import unescaped


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons; the typed words are in `WORDS`."""
    app.action(views.TURNED)(answered(turn_page))
    for action in (views.CSV, views.JSON):
        app.action(action)(answered(send_file_pressed))


async def _audit(interaction: Interaction) -> Message:
    words = unescaped(interaction.words)[: views.LONGEST_WORDS]
    rows, form = await interaction.services.audit_reader.ask(await interaction.session(), words)
    if form is not Format.PAGES:
        return await _send_file(interaction, rows, words, form)
    return views.audit_page(rows, words)


WORDS: dict[str, Handle] = {"audit": _audit}


async def turn_page(interaction: Interaction) -> None:
    """Show another page of the log, as the user who pressed may see it."""
    words, page = views.audit_page_pressed(interaction.payload)
    if not page:
        raise OutOfDate("list", hint="Type `/sage audit` for a new one.")
    rows = await interaction.services.audit_reader.read(await interaction.session(), words)
    await interaction.reply(views.audit_page(rows, words, page=page), in_place=True)


async def send_file_pressed(interaction: Interaction) -> None:
    """Send the log as a file to the conversation of the user who pressed."""
    words, _ = views.audit_page_pressed(interaction.payload)
    rows = await interaction.services.audit_reader.read(await interaction.session(), words)
    form = Format.JSON if interaction.action_id == views.JSON else Format.CSV
    await interaction.reply(await _send_file(interaction, rows, words, form))


async def _send_file(interaction: Interaction, rows: Sequence[AuditRow], words: str, form: Format) -> Message:
    if not rows:
        return views.audit_page(rows, words)
    session = await interaction.session()
    await interaction.services.audit_reader.record_export(session, "the record", views.audit_list(len(rows), words))
    content = audit_csv(rows) if form is Format.CSV else audit_json_lines(rows)
    name, comment = f"audit.{form}", views.comment(len(rows))
    await send_file(interaction.client, session.user_id, name=name, content=content, comment=comment)
    return views.audit_file_sent(len(rows))

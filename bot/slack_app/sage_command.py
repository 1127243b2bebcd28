"""The `/sage WORD …` command, which joins the words of all features."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.features.access import listeners as access
from bot.features.admin import listeners as admin
from bot.features.assistant import listeners as assistant
from bot.features.audit import listeners as audit
from bot.features.connections import listeners as connections
from bot.features.on_hold import listeners as on_hold
from bot.features.overdue import listeners as overdue
from bot.features.release_requests import listeners as release_requests
from bot.features.subscriptions.listeners import subscriptions
from bot.features.team import listeners as team
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener, for_anybody
from bot.slack.views.help import sage_help

WORDS: dict[str, Handle] = {
    **connections.WORDS,
    **subscriptions.WORDS,
    **admin.WORDS,
    **access.WORDS,
    **team.WORDS,
    **release_requests.WORDS,
    **audit.WORDS,
    **assistant.WORDS,
    **on_hold.SAGE_WORDS,
    **overdue.SAGE_WORDS,
}

_HELP = {"", "help"}


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the command."""
    app.command("/sage")(answered(sage))


@for_anybody
async def sage(interaction: Interaction) -> None:
    """Pass the rest of the words to the word's handler, or reply with the help."""
    word, _, rest = str(interaction.payload.get("text", "")).strip().partition(" ")
    handle = WORDS.get(word.lower())
    if handle is None:
        session = await interaction.anybodys_session()
        return await interaction.reply(sage_help(session.permissions, unknown=word))
    if word.lower() not in _HELP:
        await interaction.session()
    answer = await handle(interaction.after(rest.strip()))
    return await interaction.reply(answer) if answer is not None else None

"""The message shortcut “Find customers mentioned”."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt.async_app import AsyncApp

from bot.errors import OutOfDate
from bot.features.card.views import mentions as views
from bot.features.card.views import picker
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.blocks import View
from bot.slack.views.modal import message_modal, waiting
from bot.slack.views.text import unescaped


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the shortcut in a message's menu and the buttons of its answer."""
    app.message_shortcut(views.SHORTCUT)(answered(find))
    app.action(views.PRESSED)(answered(show))


async def find(interaction: Interaction) -> None:
    """Open a modal with the customers named in the message, as far as the user who asks may see them."""
    text = unescaped(str((interaction.body.get("message") or {}).get("text") or ""))

    async def fill() -> View:
        return views.mentioned_customers(await interaction.services.mentions.find(await interaction.session(), text))

    await interaction.open_filled(waiting(title=views.TITLE), fill)


async def show(interaction: Interaction) -> None:
    """Open the card of one mentioned customer on top of the list."""

    async def fill() -> View:
        customer_id = views.mention_pressed(interaction.payload)
        if not customer_id:
            raise OutOfDate("button", hint="")
        card = await interaction.services.customers.by_id(await interaction.session(), customer_id)
        return message_modal(picker.card_blocks(card))

    await interaction.open_filled(waiting(), fill)

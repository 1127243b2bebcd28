"""Listeners of `/overdue`: the list, its pages, and the CSV file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.command_names import OVERDUE
from bot.errors import OutOfDate
from bot.features.access.model.session import Session
from bot.features.customers.model.listing import list_typed
from bot.features.overdue.model.list import OverdueFile
from bot.features.overdue.views import list as views
from bot.features.overdue.views.ledger_totals import ledger_answer
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener, for_anybody
from bot.slack.sending.files import send_list
from bot.slack.views import help as helps
from bot.slack.views.listing import PagePressed, page_pressed
from bot.slack.views.message import Message


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the command and its buttons."""
    app.command(str(OVERDUE))(answered(overdue))
    app.action(views.TURNED)(answered(turn_page))
    app.action(views.CSV)(answered(send_csv))
    app.action(views.SNOOZED)(answered(snooze))


@for_anybody
async def overdue(interaction: Interaction) -> None:
    """Answer `/overdue [mine | filter | 30+ | words | promised | broken | disputed | suggested] [top N] [page N]`."""
    if helps.wants_help(interaction.text):
        return await interaction.reply(helps.overdue_help((await interaction.anybodys_session()).permissions))
    session = await interaction.session()
    asked = list_typed(interaction.text)
    if asked.as_file:
        return await interaction.reply(await _sent(interaction, session, asked.words))
    found = await interaction.services.overdue.ask(session, asked.words, page=asked.page)
    return await interaction.reply(views.overdue_answer(found))


async def _totals(interaction: Interaction) -> Message:
    """Answer `/sage totals [words]`."""
    session = await interaction.session()
    return ledger_answer(await interaction.services.ledger.totals(session, interaction.words))


async def turn_page(interaction: Interaction) -> None:
    """Show the previous or next page, asked again as the user who pressed the button."""
    pressed = _pressed(interaction.payload)
    session = await interaction.session_in(pressed.company)
    found = await interaction.services.overdue.ask(session, pressed.words, page=pressed.page)
    await interaction.reply(views.overdue_answer(found), in_place=True)


async def send_csv(interaction: Interaction) -> None:
    """Send the file into the conversation of the user who pressed the button."""
    pressed = _pressed(interaction.payload)
    session = await interaction.session_in(pressed.company)
    await interaction.reply(await _sent(interaction, session, pressed.words))


async def snooze(interaction: Interaction) -> None:
    """Put a suggestion off, and show the list without it."""
    chosen = views.snooze_chosen(interaction.selected)
    if chosen is None:
        raise OutOfDate("list", hint=f"Type `{OVERDUE} suggested` for a new one.")
    session = await interaction.session_in(chosen.company)
    account = await interaction.services.snoozing.snooze(session, chosen.customer_id, chosen.days)
    found = await interaction.services.overdue.ask(session, chosen.words or "suggested", page=chosen.page)
    await interaction.reply(views.snoozed(account, found), in_place=True)


SAGE_WORDS: dict[str, Handle] = {"totals": _totals}


def _pressed(action: Mapping[str, Any]) -> PagePressed:
    pressed = page_pressed(action)
    if not pressed.page:
        raise OutOfDate("list", hint=f"Type `{OVERDUE}` for a new one.")
    return pressed


async def _sent(interaction: Interaction, session: Session, words: str) -> Message:
    found = await interaction.services.overdue.file(session, words)
    if not isinstance(found, OverdueFile):
        return views.overdue_answer(found)
    return await send_list(
        interaction,
        what=f"overdue in {found.listing.company_name}",
        count=found.listing.totals.count,
        asked=found.listing.asked,
        name=views.file_name(found.listing),
        content=found.content,
        comment=views.comment(found.listing),
    )

"""Listeners of `/onhold`: the list, its pages, and the CSV file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.command_names import CUSTOMER, ONHOLD
from bot.errors import OutOfDate
from bot.features.access.model.session import Session
from bot.features.account_detail.views.documents import detail_request
from bot.features.card.model.customer_command import CustomerCommand, CustomerWord
from bot.features.customers.model.listing import list_typed
from bot.features.customers.model.lookup import CustomerCard
from bot.features.on_hold.model.list import AccountsFile
from bot.features.on_hold.model.ranking import BALANCES, OVER, RankingFile, RankingTyped, ranking_typed
from bot.features.on_hold.views import history as history_views
from bot.features.on_hold.views import list as views
from bot.features.on_hold.views import rankings
from bot.slack.customer_command import CustomerHandle
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener, for_anybody
from bot.slack.sending.files import send_list
from bot.slack.views import help as helps
from bot.slack.views.listing import PagePressed, page_pressed
from bot.slack.views.message import Message

REASONS = "reasons"


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the command and its buttons."""
    app.command(str(ONHOLD))(answered(onhold))
    app.action(views.TURNED)(answered(turn_page))
    app.action(views.CSV)(answered(send_csv))
    app.action(rankings.TURNED)(answered(turn_ranking))
    app.action(rankings.CSV)(answered(send_ranking))
    app.action(history_views.HISTORY)(answered(show_history))


@for_anybody
async def onhold(interaction: Interaction) -> None:
    """Answer `/onhold [released] [period] [words] [top N] [page N | csv]`."""
    if helps.wants_help(interaction.text):
        session = await interaction.anybodys_session()
        examples = await interaction.services.examples.of(session)
        return await interaction.reply(helps.onhold_help(session.permissions, examples=examples))
    session = await interaction.session()
    if interaction.text.strip().casefold() == REASONS:
        return await interaction.reply(rankings.reasons(await interaction.services.rankings.reasons(session)))
    asked = list_typed(interaction.text)
    if asked.as_file:
        return await interaction.reply(await _sent(interaction, session, asked.words))
    found = await interaction.services.on_hold.ask(session, asked.words, page=asked.page)
    return await interaction.reply(views.on_hold_answer(found))


async def turn_page(interaction: Interaction) -> None:
    """Show the previous or next page, asked again as the user who pressed the button."""
    pressed = _pressed(interaction.payload)
    session = await interaction.session_in(pressed.company)
    found = await interaction.services.on_hold.ask(session, pressed.words, page=pressed.page)
    await interaction.reply(views.on_hold_answer(found), in_place=True)


async def send_csv(interaction: Interaction) -> None:
    """Send the file into the conversation of the user who pressed the button."""
    pressed = _pressed(interaction.payload)
    session = await interaction.session_in(pressed.company)
    await interaction.reply(await _sent(interaction, session, pressed.words))


async def history(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message:
    """Return how often, how long and why the account was on hold."""
    return history_views.hold_history(await interaction.services.hold_histories.of(await interaction.session(), card))


async def show_history(interaction: Interaction) -> None:
    """Reply with the history of the card's customer. Raises SageMissing if the id has another reference now."""
    found = detail_request(interaction.payload)
    if found is None:
        raise OutOfDate("card", hint=f"Type `{CUSTOMER}` and the reference for a new one.")
    session = await interaction.session_in(found.company)
    card = await interaction.services.customers.by_id(session, found.customer_id, reference=found.reference)
    await interaction.reply(await history(interaction, CustomerCommand(""), card))


async def turn_ranking(interaction: Interaction) -> None:
    """Show another page of a ranking, asked again as the user who pressed the button."""
    pressed = _ranking_pressed(interaction.payload)
    session, asked = await interaction.session_in(pressed.company), ranking_typed(pressed.words)
    found = await interaction.services.rankings.ask(session, asked.question, asked.words, page=pressed.page)
    await interaction.reply(rankings.ranked(found), in_place=True)


async def send_ranking(interaction: Interaction) -> None:
    """Send the file into the conversation of the user who pressed the button."""
    pressed = _ranking_pressed(interaction.payload)
    session = await interaction.session_in(pressed.company)
    await interaction.reply(await _ranking_sent(interaction, session, ranking_typed(pressed.words)))


async def _balances(interaction: Interaction) -> Message:
    """Answer `/sage balances [top N] [words] [page N] [csv]`."""
    return await _ranked(interaction, ranking_typed(f"{BALANCES} {interaction.words}"))


async def _over_limit(interaction: Interaction) -> Message:
    """Answer `/sage over-limit [N%] [words] [page N] [csv]`."""
    return await _ranked(interaction, ranking_typed(f"{OVER} {interaction.words}"))


async def _ranked(interaction: Interaction, asked: RankingTyped) -> Message:
    session = await interaction.session()
    if asked.as_file:
        return await _ranking_sent(interaction, session, asked)
    found = await interaction.services.rankings.ask(session, asked.question, asked.words, page=asked.page)
    return rankings.ranked(found)


async def _ranking_sent(interaction: Interaction, session: Session, asked: RankingTyped) -> Message:
    found = await interaction.services.rankings.file(session, asked.question, asked.words)
    if not isinstance(found, RankingFile):
        return rankings.ranked(found)
    what = rankings.of_what(asked.question)
    return await send_list(
        interaction,
        what=f"{what} in {found.ranking.company_name}",
        count=found.ranking.count,
        asked=found.ranking.asked,
        name=rankings.file_name(found.ranking),
        content=found.content,
        comment=rankings.comment(found.ranking),
    )


def _ranking_pressed(action: Mapping[str, Any]) -> PagePressed:
    pressed = page_pressed(action)
    if not pressed.page or pressed.words.partition(" ")[0] not in SAGE_WORDS:
        raise OutOfDate("list", hint=f"Type `/sage {BALANCES}` or `/sage {OVER}` for a new one.")
    return pressed


SAGE_WORDS: dict[str, Handle] = {BALANCES: _balances, OVER: _over_limit}
WORDS: dict[CustomerWord, CustomerHandle] = {CustomerWord.HISTORY: history}


def _pressed(action: Mapping[str, Any]) -> PagePressed:
    pressed = page_pressed(action)
    if not pressed.page:
        raise OutOfDate("list", hint=f"Type `{ONHOLD}` for a new one.")
    return pressed


async def _sent(interaction: Interaction, session: Session, words: str) -> Message:
    found = await interaction.services.on_hold.file(session, words)
    if not isinstance(found, AccountsFile):
        return views.on_hold_answer(found)
    return await send_list(
        interaction,
        what=f"{views.of_what(found.listing)} in {found.listing.company_name}",
        count=found.listing.totals.count,
        asked=found.listing.asked,
        name=views.file_name(found.listing),
        content=found.content,
        comment=views.comment(found.listing),
    )

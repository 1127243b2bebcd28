"""The card's watch button, *Keep me posted* under a list, and `/customer REF watch` and `unwatch`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from slack_bolt.async_app import AsyncApp

from bot.command_names import CUSTOMER
from bot.domain.company import company_and_words
from bot.errors import OutOfDate
from bot.features.access.model.session import Session
from bot.features.account_detail.views import documents as buttons
from bot.features.card.listeners.whole import found_message
from bot.features.card.model.customer_command import CustomerCommand, CustomerWord
from bot.features.customers.model.lookup import CustomerCard
from bot.features.subscriptions.model.mute_parser import parse_snooze
from bot.features.subscriptions.views import list as subscriptions
from bot.features.subscriptions.views import snoozing
from bot.features.subscriptions.views import watching as views
from bot.slack.customer_command import CustomerHandle
from bot.slack.interaction import Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.listing import POSTED
from bot.slack.views.message import Message


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons, which stand on a card, under an answer and under a list."""
    for action in (views.WATCH, views.WATCH_AGAIN):
        app.action(action)(answered(watch))
    for action in (views.UNWATCH, views.UNWATCH_AGAIN):
        app.action(action)(answered(unwatch))
    app.action(POSTED)(answered(keep_posted))


async def watch(interaction: Interaction) -> None:
    """Watch the card's customer, and change the card's button."""
    session, card = await _card(interaction)
    done = views.watched(await interaction.services.watching.watch(session, card), card)
    await _answer(interaction, replace(card, watched=True), done)


async def unwatch(interaction: Interaction) -> None:
    """End watching the card's customer, and change the card's button."""
    session, card = await _card(interaction)
    done = views.unwatched(await interaction.services.watching.unwatch(session, card))
    await _answer(interaction, replace(card, watched=False), done)


async def keep_posted(interaction: Interaction) -> None:
    """Subscribe the user who pressed to news of the list, in private, and say what was made."""
    if not interaction.value:
        raise OutOfDate("list", hint="Ask for it again.")
    company_key, wish = company_and_words(interaction.value)
    session = await interaction.session_in(company_key)
    made = await interaction.services.watching.keep_posted(session, wish)
    await interaction.reply(subscriptions.subscription_created(made))


async def _card(interaction: Interaction) -> tuple[Session, CustomerCard]:
    """Return the session in the company of the button, and its customer as the user who pressed may see them."""
    pressed = buttons.detail_request(interaction.payload)
    if pressed is None:
        raise OutOfDate("button", hint=f"Type `{CUSTOMER}` and the reference for a new one.")
    session = await interaction.session_in(pressed.company)
    card = await interaction.services.customers.by_id(session, pressed.customer_id, reference=pressed.reference)
    return session, card


async def _answer(interaction: Interaction, card: CustomerCard, done: Message) -> None:
    """Redraw the card of a card's button, or replace the answer that the button stands under."""
    if interaction.action_id not in {views.WATCH, views.UNWATCH}:
        return await interaction.reply(done, in_place=True)
    whole = await found_message(interaction.services, await interaction.session(), card)
    await interaction.reply(whole, in_place=True)
    return await interaction.reply(done)


async def _typed_watch(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message:
    return views.watched(await interaction.services.watching.watch(await interaction.session(), card), card)


async def _typed_unwatch(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message:
    return views.unwatched(await interaction.services.watching.unwatch(await interaction.session(), card))


async def _typed_snooze(interaction: Interaction, asked: CustomerCommand, card: CustomerCard) -> Message:
    """Snooze the customer for the asker's own messages or, with `here` last, for the channel."""
    words, session = asked.rest.split(), await interaction.session()
    is_here = bool(words) and words[-1].casefold() == "here"
    for word in ("here", "in") if is_here else ():
        words = words[:-1] if words and words[-1].casefold() == word else words
    until = parse_snooze(" ".join(words), zone=session.policy.zone, now=session.now)
    channel_id = interaction.channel_id if is_here else ""
    snoozed = interaction.services.customer_snoozes.snooze
    return snoozing.snoozed(await snoozed(session, card, until=until, channel_id=channel_id))


WORDS: dict[CustomerWord, CustomerHandle] = {
    CustomerWord.WATCH: _typed_watch,
    CustomerWord.UNWATCH: _typed_unwatch,
    CustomerWord.SNOOZE: _typed_snooze,
}

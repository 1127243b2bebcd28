"""Questions in plain English: in the app's own conversation, in its threads, and in mentions of the app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.channel import refusal
from bot.domain.company import key_and_id
from bot.errors import ChannelUnknown, OutOfDate
from bot.features.access.model.session import Session
from bot.features.assistant.model.answer_kinds import NOT_UNDERSTOOD, can_be_rated, kind_of
from bot.features.assistant.model.answers import for_everybody, needs_sage
from bot.features.assistant.model.questions import Question
from bot.features.assistant.views import answer as views
from bot.features.assistant.views import feedback
from bot.features.card.listeners.whole import found_message
from bot.slack.interaction import Handle, Interaction, by_a_person
from bot.slack.listener_frame import Listener, for_anybody
from bot.slack.sending.reply import clicked_in, place_of, thread_of
from bot.slack.views.message import Message

log = structlog.get_logger(__name__)


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register messages, mentions, the opened conversation, and what can be pressed under an answer."""
    app.event("message")(answered(direct_message))
    app.event("app_mention")(answered(mention))
    app.event("app_home_opened")(answered(opened))
    app.action(views.SHOW_CARD)(answered(show_card))
    app.action(feedback.PRESSED)(answered(rate))


@for_anybody
async def direct_message(interaction: Interaction) -> None:
    """Answer a message in the app's own conversation or one of its threads."""
    if not by_a_person(interaction.payload) or interaction.payload.get("channel_type") != "im":
        return
    text = interaction.text
    question = interaction.services.conversation.read(text)
    async with _processing(interaction, wanted=needs_sage(question)):
        session = await interaction.session()
        found = await interaction.services.conversation.answer(session, text, place_of(interaction.payload))
        kind, answer = kind_of(question, found), _of_conversation(session, question, found)
        await interaction.reply(feedback.with_feedback(answer, kind) if can_be_rated(found) else answer)
    await _count(interaction, session, question, found)


@for_anybody
async def mention(interaction: Interaction) -> None:
    """Answer a mention. Hold status goes to everybody in its thread, anything else to the asker alone, beside it."""
    if not by_a_person(interaction.payload) or str(interaction.payload.get("channel", "")).startswith("D"):
        return None
    text, session = interaction.text, await interaction.session()
    found = await interaction.services.conversation.answer(session, text, place_of(interaction.payload))
    told, question = for_everybody(found), interaction.services.conversation.read(text)
    if told is not None and await _may_be_public(interaction):
        customer = told.card.customer
        interaction.reads.said_in(
            interaction.channel_id, f"{customer.reference} {customer.name}, {told.card.company_name}"
        )
        answer = views.in_public(told)
        await interaction.reply.in_public(feedback.with_feedback(answer, kind_of(question, found)))
        # The thread begins with this answer, and goes on about its customer.
        await interaction.services.conversation.goes_on(session, told, thread_of(interaction.payload))
    else:
        # No feedback under what one person alone is shown: Slack documents the presses for messages that stay.
        await interaction.reply(_of_conversation(session, question, found))
    return await _count(interaction, session, question, found)


@for_anybody
async def opened(interaction: Interaction) -> None:
    """Suggest questions to a user who opens the conversation, or publish Home to one who opens that tab."""
    if interaction.payload.get("tab") == "home":
        return await interaction.home.opened()
    if interaction.payload.get("tab") != "messages":
        return None
    return await _suggest(interaction, str(interaction.payload.get("channel") or ""))


async def suggest_anew(interaction: Interaction) -> None:
    """Suggest what fits a user whose sign-in has just changed: those on display offer what is done."""
    try:
        opened = await interaction.client.conversations_open(users=interaction.user_id)
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.info("no prompts suggested", why=type(error).__name__)
    else:
        await _suggest(interaction, str((opened.get("channel") or {}).get("id") or ""))


async def _suggest(interaction: Interaction, channel_id: str) -> None:
    suggested = await interaction.services.conversation.prompts(await interaction.anybodys_session())
    if not suggested:
        return
    try:
        await interaction.client.assistant_threads_setSuggestedPrompts(
            channel_id=channel_id, prompts=views.prompts(suggested)
        )
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        # Suggestions are a convenience: a failure changes nothing.
        log.info("no prompts suggested", why=type(error).__name__)


async def show_card(interaction: Interaction) -> None:
    """Reply with the card behind an answer, as the user who pressed may see it."""
    chosen = key_and_id(interaction.value)
    if chosen is None:
        raise OutOfDate("button")
    company_key, customer_id = chosen
    session = await interaction.session_in(company_key)
    card = await interaction.services.conversation.chose(session, customer_id, clicked_in(interaction.body))
    await interaction.reply(await found_message(interaction.services, session, card))


async def rate(interaction: Interaction) -> None:
    """Count a press under an answer, and thank for it."""
    pressed, place = feedback.pressed(interaction.payload), clicked_in(interaction.body)
    message_ts = str((interaction.body.get("container") or {}).get("message_ts") or "")
    if pressed is None or not message_ts:
        raise OutOfDate("button", hint="")
    kind, is_liked = pressed
    session = await interaction.session()
    await interaction.services.answer_counts.press(session, place, message_ts, kind, is_liked=is_liked)
    await interaction.reply(feedback.thanks(is_liked=is_liked))


async def _questions(interaction: Interaction) -> Message:
    return feedback.answer_report(await interaction.services.answer_counts.report(await interaction.session()))


WORDS: dict[str, Handle] = {"questions": _questions}


def _of_conversation(session: Session, question: Question | None, found: object) -> Message:
    """Return the message of an answer; one that wasn't understood says if its words are kept."""
    answer = views.conversation_answer(found)
    is_kept = session.policy.keep_questions and kind_of(question, found) == NOT_UNDERSTOOD
    return feedback.words_kept(answer) if is_kept else answer


async def _count(interaction: Interaction, session: Session, question: Question | None, found: object) -> None:
    if kind := kind_of(question, found):
        await interaction.services.answer_counts.count(session, kind, interaction.text)


async def _may_be_public(interaction: Interaction) -> bool:
    """Return whether only this company reads the channel; False if Slack can't confirm it."""
    if interaction.body.get("is_ext_shared_channel") is not False:
        return False
    try:
        channel = await interaction.look(interaction.channel_id)
    except ChannelUnknown:
        return False
    return channel.is_member and not refusal(channel)


@asynccontextmanager
async def _processing(interaction: Interaction, *, wanted: bool) -> AsyncIterator[None]:
    """Show below the composer that an answer is on its way, and end that with the answer, whatever it is."""
    if not wanted:
        yield
        return
    await _set_status(interaction.client, interaction.payload, "processing")
    try:
        yield
    finally:
        # Slack would show it for an hour.
        await _set_status(interaction.client, interaction.payload, "active")


async def _set_status(client: AsyncWebClient, event: Mapping[str, Any], status: str) -> None:
    """Set the status of the session that a message is in. A failure changes nothing."""
    try:
        await client.agents_sessions_setStatus(
            channel_id=event["channel"], thread_ts=event.get("thread_ts") or event["ts"], status=status
        )
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.info("no status shown", why=type(error).__name__)

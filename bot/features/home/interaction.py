"""The frames around Home's buttons and forms: who presses is introduced, and Home is shown anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError, FieldsRefused
from bot.features.access.model.authorization import Asker
from bot.features.home.publisher import HomePublisher
from bot.features.subscriptions.views import list as subscriptions
from bot.services import Services
from bot.slack.listener_frame import Listener
from bot.slack.middleware import Introduce
from bot.slack.modals import opened
from bot.slack.reply import Reply
from bot.slack.users import SlackUsers
from bot.slack.views.errors import explain
from bot.slack.views.fields import beside
from bot.slack.views.message import Message
from bot.slack.views.modal import waiting

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Pressed:
    """Who pressed or submitted what, and the services."""

    asker: Asker
    services: Services
    client: AsyncWebClient
    people: SlackUsers
    now: datetime

    async def colleague(self, user_id: str) -> Asker:
        """Another person, looked up at Slack just now."""
        return await self.people.colleague(self.client, self.asker, user_id)


Form = Callable[[Pressed], Awaitable[View]]
Act = Callable[[Pressed, int], Awaitable[Message | None]]
Submit = Callable[[Pressed, dict[str, Any]], Awaitable[Message]]


def opening(form: Form) -> Listener:
    """A button that opens a form; where that is refused Home is shown afresh, with why."""

    async def open_home_form(
        ack: AsyncAck,
        reply: Reply,
        body: dict[str, Any],
        introduce: Introduce,
        services: Services,
        client: AsyncWebClient,
        people: SlackUsers,
        show_home: HomePublisher,
        clock: Clock,
    ) -> None:
        await ack()

        async def shown() -> None:
            view = await form(Pressed(await introduce(), services, client, people, clock()))
            await client.views_open(trigger_id=body["trigger_id"], view=view)

        await show_home.unless_refused(shown())

    return open_home_form


def filling(form: Form) -> Listener:
    """The same for a form that Sage 200 is asked for: a modal that says to wait is there at once. What was found may
    have changed Home.
    """

    async def fill_home_form(
        ack: AsyncAck,
        reply: Reply,
        body: dict[str, Any],
        introduce: Introduce,
        services: Services,
        client: AsyncWebClient,
        people: SlackUsers,
        show_home: HomePublisher,
        clock: Clock,
    ) -> None:
        await ack()

        async def fill() -> View:
            return await form(Pressed(await introduce(), services, client, people, clock()))

        await opened(client, reply, body, waiting(), fill)
        await show_home.if_seen()

    return fill_home_form


def acting(act: Act) -> Listener:
    """A button of something that has a number; Home shows what came of it."""

    async def press_home(
        ack: AsyncAck,
        reply: Reply,
        action: dict[str, Any],
        introduce: Introduce,
        services: Services,
        client: AsyncWebClient,
        people: SlackUsers,
        show_home: HomePublisher,
        clock: Clock,
    ) -> None:
        await ack()
        pressed = Pressed(await introduce(), services, client, people, clock())
        await show_home.after(act(pressed, subscriptions.numbers_of(action)[0]))

    return press_home


def submitted_to(field: str, submit: Submit) -> Listener:
    """What is wrong is said below its field, or below `field`; a refusal also takes away what they see no more."""

    async def submit_home_form(
        ack: AsyncAck,
        reply: Reply,
        view: dict[str, Any],
        introduce: Introduce,
        services: Services,
        client: AsyncWebClient,
        people: SlackUsers,
        show_home: HomePublisher,
        clock: Clock,
    ) -> None:
        try:
            done = await submit(Pressed(await introduce(), services, client, people, clock()), view)
        except FieldsRefused as error:
            wrong = {name: explain(each).text for name, each in error.fields.items()}
            await ack(response_action="errors", errors=beside(wrong))
        except BotError as error:
            await ack(response_action="errors", errors=beside({field: explain(error).text}))
            await show_home()
        else:
            await ack()
            await show_home(done.text)

    return submit_home_form

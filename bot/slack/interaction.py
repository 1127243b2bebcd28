"""One request from Slack: its facts, its time and the way to answer. Listeners take nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.command_names import SAGE
from bot.coordination.limits import Limited
from bot.domain.text.slack_ids import user_named
from bot.errors import BadQuestion, BotError, TooLong
from bot.features.access.model.authorization import Asker
from bot.features.access.model.session import Session
from bot.features.home.publisher import HomePublisher
from bot.features.team.model.channels import NamedChannels
from bot.slack.asked import Asked
from bot.slack.channels import Look, joining, looking, named_channels
from bot.slack.sending.explained import explained
from bot.slack.sending.ladder import Ladder
from bot.slack.sending.modals import Fill, fill_modal, open_modal, show_in, show_modal
from bot.slack.sending.reply import Reply
from bot.slack.typed_fields import TEXT
from bot.slack.views.blocks import View
from bot.slack.views.message import Message
from bot.slack.views.modal import late_answer, message_modal, refused_late
from bot.slack.views.text import unescaped
from storage.queries.seen_requests import Claim

# The ways that events come, as the record says them; a message is “by a DM”.
_WAYS = {
    "app_home_opened": "on Home",
    "app_mention": "by a mention",
    "entity_details_requested": "in a side pane",
}
# The kinds of message that a person writes: words, words with a file, a reply shown in the channel too, `/me`.
_WRITTEN = {None, "", "file_share", "thread_broadcast", "me_message"}


@dataclass(slots=True, kw_only=True)
class Interaction(Asked):
    """A command, click, form, message, shortcut or request for options.

    `body` is all that Slack sent, `payload` the part that Bolt routes by (the command, the action, the view, the
    event). `words` is what was typed after a command and its word. `too_long` are the typed fields of the payload that
    were cut.
    """

    body: Mapping[str, Any]
    payload: Mapping[str, Any]
    reply: Reply
    ladder: Ladder
    enterprise_id: str
    is_org_wide: bool
    acknowledge: AsyncAck
    claims: Sequence[Claim] = ()
    words: str = ""
    too_long: frozenset[str] = frozenset()
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    acked_before_answer: asyncio.Event = field(default_factory=asyncio.Event)
    _home: Callable[[Interaction], HomePublisher] | None = None

    @property
    def bot_user_id(self) -> str:
        return self.bot.bot_user_id if self.bot is not None else ""

    @property
    def channel_id(self) -> str:
        """Return the channel of the command, click or message; empty for forms and Home."""
        channel = self.body.get("channel") or self.body.get("channel_id") or self.payload.get("channel") or ""
        return str(channel.get("id") or "") if isinstance(channel, Mapping) else str(channel)

    @property
    def happened_at(self) -> datetime | None:
        """Return when the event happened by Slack's clock, to the second; None if Slack does not say."""
        at = self.body.get("event_time")
        return datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None

    @property
    def text(self) -> str:
        """Return what was typed after the command, or as the message. Raises TooLong."""
        if TEXT in self.too_long:
            raise TooLong
        return unescaped(str(self.payload.get("text") or ""))

    @property
    def action_id(self) -> str:
        return str(self.payload.get("action_id") or "")

    @property
    def value(self) -> str:
        """Return a button's value, or what was typed into a menu so far."""
        return str(self.payload.get("value") or "")

    @property
    def selected(self) -> str:
        """Return the value of the option chosen in a menu."""
        return str((self.payload.get("selected_option") or {}).get("value") or "")

    @property
    def home(self) -> HomePublisher:
        """Return the publisher of this user's Home."""
        assert self._home is not None  # noqa: S101 - the middleware sets it
        return self._home(self)

    async def session_in(self, company: str | int) -> Session:
        """Return the session in the company of what was pressed, which is this request's session from now on.

        `company` is its key or its number in our database; empty: the company in use. Raises BadQuestion for a company
        that isn't the asker's.
        """
        self._session = await self.services.elsewhere.session_in(await self.session(), company)
        return self._session

    async def is_repeat(self) -> bool:
        """Return whether any process has taken on this request, or the click behind it, before."""
        return not await self.services.seen_requests.first_time(self.claims)

    @property
    def limited_as(self) -> Limited | None:
        """Return which limit of the member the request counts to; None for an event that nobody asks anything by."""
        if self.body.get("type") == "block_suggestion":
            return Limited.TYPED
        if self.payload.get("type") == "app_home_opened":
            return Limited.OPENED_HOME
        is_message = self.payload.get("type") in {"message", "app_mention"}
        return None if is_message and not by_a_person(self.payload) else Limited.ASKED

    def spend(self) -> None:
        """Count the request to its member and workspace. Raises TooMany."""
        if (what := self.limited_as) is not None:
            self.services.limits.spend(
                what, workspace_id=self.workspace_id or self.team_id, user_id=self.user_id, now=self.now
            )

    @property
    def answers_in_ack(self) -> bool:
        """Return whether the ack carries the answer: a form's errors, or a menu's options."""
        return self.body.get("type") in {"view_submission", "block_suggestion"}

    @property
    def way(self) -> str:
        """Return the way this request came, as the record says it."""
        kind, event = self.body.get("type"), self.body.get("event") or {}
        if command := self.body.get("command"):
            return f"by {command}"
        if event:
            return _WAYS.get(str(event.get("type")), "by a DM")
        if (self.body.get("view") or {}).get("type") == "home":
            return "on Home"
        return {"block_actions": "by a button", "view_submission": "by a form"}.get(str(kind), "by a shortcut")

    @property
    def asked_for(self) -> str:
        """Return what was asked for, as the record says who was refused what: no more than the beginning."""
        text = str(self.body.get("text") or "")
        if command := self.body.get("command"):
            # The words after `/sage` may be a code: its first word alone says what it was.
            words = text.split()[:1] if str(command) == SAGE else text.split()
            return " ".join([str(command), *words])[:80]
        callback = str((self.body.get("view") or {}).get("callback_id") or self.body.get("callback_id") or "")
        return f"{self.action_id or callback or 'a question'}, {self.way}"

    async def ack(self, *parts: Any, **named: Any) -> None:
        """Acknowledge the request within Slack's three seconds.

        Later answers go by `reply`; a second ack does nothing, but after `ack_before_answer`.
        """
        if not self.acked.is_set():
            await self.acknowledge(*parts, **named)
            self.acked.set()
        elif self.acked_before_answer.is_set():
            await self._show_late(named)

    async def ack_before_answer(self) -> None:
        """Acknowledge a form or menu whose answer isn't there in time: with a window above the form, or no options."""
        if self.body.get("type") == "block_suggestion":
            await self.ack(options=[])
        elif not self.acked.is_set():
            self.reply.answered_in_modal()
            await self.ack(response_action="push", view=late_answer(self._late_window))
            self.acked_before_answer.set()

    @property
    def _late_window(self) -> str:
        return f"late {self.body.get('trigger_id')}"[:255]

    async def _show_late(self, named: Mapping[str, Any]) -> None:
        """Show in the window above a form what its ack would have shown; a form that would be closed has a message."""
        view = refused_late(named["errors"]) if "errors" in named else named.get("view")
        if view is not None:
            await show_in(self.client, {"external_id": self._late_window}, view)

    def after(self, words: str) -> Interaction:
        """Return this interaction with `words` as the words left to read."""
        return replace(self, words=words)

    async def colleague(self, mention: str) -> Asker:
        """Return another user by mention or id, looked up at Slack. Raises BadQuestion."""
        user_id = user_named(mention)
        if user_id is None:
            raise BadQuestion("Name a person, such as `@Ben`.", typed=mention, hint="")
        slack_id = self.bot.slack_id if self.bot is not None else ""
        return await self.users.colleague(self.client, (await self.session()).asker, slack_id=slack_id, user_id=user_id)

    @property
    def look(self) -> Look:
        """Return the function that reads a channel from Slack, as far as this user may know of it."""
        return looking(self.client, user_id=self.user_id, org_wide=self._is_of_an_organisation)

    @property
    def look_and_join(self) -> Look:
        """Return the function that reads a channel, and joins a public one."""
        return joining(self.client, user_id=self.user_id, org_wide=self._is_of_an_organisation)

    async def named_channels(self) -> NamedChannels:
        """Return the channels of the workspace that this user may be offered. Raises MembersNotListed."""
        of = {"user_id": self.user_id, "team_id": self.team_id}
        return await named_channels(self.client, **of, org_wide=self._is_of_an_organisation)

    @property
    def _is_of_an_organisation(self) -> bool:
        return self.bot is not None and self.bot.is_org_wide

    async def open(self, view: View) -> None:
        """Open a modal. Raises TooLateToOpen."""
        await show_modal(self.client, self.body, view)

    async def open_filled(self, waiting: View, fill: Fill) -> None:
        """Open the modal `waiting`, then replace it with the result of `fill`, or its error. Raises TooLateToOpen."""
        await open_modal(self.client, self.reply, self.body, waiting, self._noting(fill), self.explained)

    async def fill(self, fill: Fill, *, refused: Callable[[Message], View] = message_modal) -> None:
        """Replace the modal of this click with the result of `fill`, or with its error as `refused` shows it."""
        view = self.payload if self.body.get("type") == "view_submission" else self.body.get("view") or {}
        late = self.acked_before_answer.is_set()
        window = {"external_id": self._late_window} if late else {"view_id": str(view.get("id") or "")}
        await fill_modal(self.client, self.reply, window, self._noting(fill), self.explained, refused=refused)

    async def explained(self, error: BotError) -> Message:
        """Return an error as the message for this asker."""
        return await explained(error, self.services, self.session)

    def _noting(self, fill: Fill) -> Fill:
        async def noted() -> View:
            try:
                return await fill()
            except BotError as error:
                self.note_refusal(error)
                raise

        return noted


Handle = Callable[[Interaction], Awaitable[Message | None]]
"""Handles a word after `/sage` and returns the answer; None if it has answered already."""


def by_a_person(event: Mapping[str, Any]) -> bool:
    """Return whether a person wrote this message: no bot, no edit, no words of Slack's own."""
    special = ("bot_id", "bot_profile", "edited", "hidden")
    if event.get("subtype") not in _WRITTEN or any(event.get(each) for each in special):
        return False
    return isinstance(event.get("user"), str)

"""Response URLs: five uses in thirty minutes, no token."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.slack.limits import RESPONSE_URL_MINUTES, RESPONSE_URL_USES
from sandbox.slack.messages import Message, Messages
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.people import Workspace


@dataclass(slots=True)
class Hook:
    """One response URL: for whom and where, and the message that was clicked, if it was a click."""

    id: str
    team: str
    channel: str
    user: str
    bot: str
    expires_at: datetime
    original: Message | None = None
    uses: int = 0


class Hooks:
    """All response URLs that were handed out."""

    def __init__(
        self, messages: Messages, *, workspaces: Mapping[str, Workspace], clock: Callable[[], datetime]
    ) -> None:
        self._messages = messages
        self._workspaces = workspaces
        self._now = clock
        self._known: dict[str, Hook] = {}

    def open(self, *, team: str, channel: str, user: str, bot: str, original: Message | None = None) -> Hook:
        """A new one, for a command or for a click on `original`."""
        until = self._now() + timedelta(minutes=RESPONSE_URL_MINUTES)
        hook = Hook(secrets.token_hex(12), team, channel, user, bot, until, original)
        self._known[hook.id] = hook
        return hook

    def use(self, identity: str, body: Any) -> None:
        """What the app posts to it. Every use counts, a refused one too."""
        hook = self._known.get(identity)
        if hook is None:
            raise SlackError("no_such_url")
        if hook.expires_at <= self._now():
            raise SlackError("expired_url")
        if hook.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        hook.uses += 1
        if not isinstance(body, dict):
            raise SlackError("invalid_payload")
        if _says(body, "delete_original"):
            if hook.original is not None:
                self._messages.remove(hook.original)
            return
        self.answer(hook, body, via="response_url")

    def answer(self, hook: Hook, body: dict[str, Any], *, via: str) -> Message:
        """Post it, or put it where the clicked message stood.

        A command has no original: its answers never replace one another (bolt-js issue 2287, bolt-python issue 1268).
        """
        words = body.get("text")
        blocks = self._workspaces[hook.team].checked(body.get("blocks"), words)
        message = Message(
            ts=self._messages.new_ts(),
            team=hook.team,
            channel=hook.channel,
            user="" if body.get("response_type") == "in_channel" else hook.user,
            author=hook.bot,
            text=words or "",
            blocks=blocks,
            via=via,
            hook=hook.id,
        )
        original = hook.original
        if original is not None and _says(body, "replace_original") and not original.is_gone:
            self._messages.remove(original)
            message.ts, message.user, message.is_edited = original.ts, original.user, True
            hook.original = message
        return self._messages.add(message)


def _says(body: dict[str, Any], name: str) -> bool:
    return body.get(name) in {True, "true"}

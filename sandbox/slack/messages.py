"""Everything that was posted, in order, as Slack would keep it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Message:
    """One posting. `user` is the only person who sees it (empty: everybody in the channel); `author` wrote it.

    `via` says how it came: a Web API method, "response_url", "response" (the body of an acknowledgement), "person",
    or "slack" for Slack's own notices. An opened modal is here too, with its `view`.
    """

    ts: str
    team: str
    channel: str
    text: str
    via: str
    user: str = ""
    author: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str = ""
    warnings: list[str] = field(default_factory=list)
    view: dict[str, Any] | None = None
    hook: str = ""
    is_gone: bool = False
    is_edited: bool = False
    is_broadcast: bool = False
    metadata: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return bool(self.user)


class Messages:
    """The record. Nothing leaves it: what was replaced or deleted is marked `is_gone`."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self.every: list[Message] = []
        self.version = 0
        self._now = clock
        self._given = 0

    def new_ts(self) -> str:
        """A message's time, which is also its name: later ones are greater."""
        self._given += 1
        return f"{int(self._now().timestamp())}.{self._given:06d}"

    def add(self, message: Message) -> Message:
        """Record it, with a warning where Slack's guidelines ask for a text beside the blocks."""
        if message.blocks and not message.text:
            message.warnings.append("blocks without top-level text: notifications and screen readers get nothing")
        self.every.append(message)
        self.touch()
        return message

    def find(self, ts: str, *, team: str) -> Message | None:
        """The latest message of that time that is still there."""
        return next(
            (each for each in reversed(self.every) if each.ts == ts and each.team == team and not each.is_gone), None
        )

    def has_thread(self, ts: str, *, team: str, channel: str) -> bool:
        """Whether anybody has replied to that message, so that its thread is there for people to see."""
        return any(
            (each.thread_ts, each.team, each.channel) == (ts, team, channel)
            and not each.is_ephemeral
            and not each.is_gone
            for each in self.every
        )

    def remove(self, message: Message) -> None:
        """Take it off the screen."""
        message.is_gone = True
        self.touch()

    def touch(self) -> None:
        """Something on the screen has changed."""
        self.version += 1

"""What somebody types: a command, a message to the app, a mention of it, or words for colleagues."""

from __future__ import annotations

import re

from sandbox.page.manifest import Manifest
from sandbox.slack import T_ACME, Channel, Sender, Slack, User, Workspace
from sandbox.slack.sending.arrivals import Arrivals, escaped
from sandbox.slack.sending.payloads import Payloads

_NAMED = re.compile(r"(?<![\w<@#|])(?P<mark>[@#])(?P<name>[\w.-]*\w)")


class Voice:
    """Speaks for people in the first workspace."""

    def __init__(self, slack: Slack, sender: Sender, manifest: Manifest) -> None:
        self._slack = slack
        self._sender = sender
        self._manifest = manifest
        self._arrivals = Arrivals(slack)

    async def say(self, text: str, *, user: User, channel: Channel, thread_ts: str = "") -> None:
        """As typed. The app hears only what Slack would tell it: its commands, its own conversation, its mentions."""
        place = self._slack.workspaces[T_ACME]
        word, _, rest = text.partition(" ")
        if word.startswith("/"):
            await self._command(word, rest.strip(), user=user, channel=channel, is_thread=bool(thread_ts))
        elif text:
            linked = linked_names(escaped(text), place, labels=False)
            said = self._arrivals.said(linked, user=user.id, team=T_ACME, channel=channel.id)
            said.thread_ts = thread_ts
            if self._slack.is_installed(T_ACME):
                event = Payloads(self._slack.state, T_ACME).direct_message(
                    linked, user=user, channel=channel.id, ts=said.ts
                )
                await self._tell({**event, **({"thread_ts": thread_ts} if thread_ts else {})}, channel, place)

    def notice(self, text: str, *, user: User, channel: Channel) -> None:
        """Slack itself tells somebody something."""
        self._sender.notice(text, user=user.id, channel=channel.id)

    async def _command(self, word: str, rest: str, *, user: User, channel: Channel, is_thread: bool) -> None:
        command = self._manifest.command(word)
        if is_thread:
            self.notice(f"{word} is not supported in threads. Sorry!", user=user, channel=channel)
        elif command is None or not self._slack.is_installed(T_ACME):
            self.notice(f"{word} is not a valid command here.", user=user, channel=channel)
        else:
            place = self._slack.workspaces[T_ACME]
            text = linked_names(rest, place, labels=True) if command.should_escape else rest
            await self._sender.command(word, text, user=user.id, channel=channel.id)

    async def _tell(self, event: dict[str, str], channel: Channel, place: Workspace) -> None:
        if channel.with_user:
            reply = await self._sender.event(event)
            if reply.error:
                words = f"The app did not answer ({reply.error})."
                self.notice(words, user=place.users[channel.with_user], channel=channel)
        elif self._hears_mentions(channel, place) and f"<@{place.bot_user_id}>" in event["text"]:
            kept = {name: value for name, value in event.items() if name != "channel_type"}
            await self._sender.event({**kept, "type": "app_mention"})

    def _hears_mentions(self, channel: Channel, place: Workspace) -> bool:
        return place.bot_user_id in channel.members and "app_mention" in self._manifest.events


def linked_names(text: str, place: Workspace, *, labels: bool) -> str:
    """`@ben` and `#sales` as Slack sends them: by id, in a command with the name too. Unknown names stay words."""
    people = {each.name: each.id for each in place.users.values()} | {"sage200": place.bot_user_id}
    groups = {each.handle: each.id for each in place.usergroups.values()}
    channels = {each.name: each.id for each in place.channels.values() if not each.with_user}

    def named(found: re.Match[str]) -> str:
        name = found["name"]
        label = f"|{name}" if labels else ""
        if found["mark"] == "#":
            return f"<#{channels[name]}{label}>" if name in channels else found[0]
        if name in groups:
            return f"<!subteam^{groups[name]}|@{name}>"
        return f"<@{people[name]}{label}>" if name in people else found[0]

    return _NAMED.sub(named, text)

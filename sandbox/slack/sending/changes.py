"""What people do to channels and colleagues, and the events that tell an app which subscribed to them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sandbox.slack.people import T_ACME, Channel, as_slack_shows
from sandbox.slack.sending.reply import Reply
from sandbox.slack.sending.sender import Sender
from sandbox.slack.slack import Slack


class Changes:
    """`events` are the app's subscriptions: only those are sent, and each call returns the app's reply, if any."""

    def __init__(self, slack: Slack, sender: Sender, *, events: Collection[str] = ()) -> None:
        self.events = set(events)
        self._slack = slack
        self._sender = sender

    def add_channel(self, channel: str, name: str, *, is_private: bool = False, team: str = T_ACME) -> Channel:
        """A channel with everybody in it but the app."""
        place = self._slack.workspaces[team]
        return place.channels.setdefault(channel, Channel(channel, name, set(place.users), is_private=is_private))

    async def archive(self, channel: str, *, team: str = T_ACME) -> Reply | None:
        """Nobody can post there any more."""
        held = self._channel(channel, team)
        held.is_archived = True
        return await self._tell(_named("archive", held), {"channel": channel, "user": self._admin(team)}, team)

    async def unarchive(self, channel: str, *, team: str = T_ACME) -> Reply | None:
        """As before; whoever was in it still is."""
        held = self._channel(channel, team)
        held.is_archived = False
        return await self._tell(_named("unarchive", held), {"channel": channel, "user": self._admin(team)}, team)

    async def delete_channel(self, channel: str, *, team: str = T_ACME) -> Reply | None:
        """For ever."""
        held = self._slack.workspaces[team].channels.pop(channel)
        return await self._tell(_named("deleted", held), {"channel": channel}, team)

    async def invite_bot(self, channel: str, *, team: str = T_ACME) -> Reply | None:
        """The app is in the channel."""
        place, held = self._slack.workspaces[team], self._channel(channel, team)
        held.members.add(place.bot_user_id)
        kind = "G" if held.is_private else "C"
        event = {"user": place.bot_user_id, "channel": channel, "channel_type": kind, "team": team}
        return await self._tell("member_joined_channel", {**event, "inviter": self._admin(team)}, team)

    async def remove_bot(self, channel: str, *, team: str = T_ACME) -> Reply | None:
        """The app is out of it."""
        held = self._channel(channel, team)
        held.members.discard(self._slack.workspaces[team].bot_user_id)
        event = {"channel": channel, "actor_id": self._admin(team)}
        return await self._tell("group_left" if held.is_private else "channel_left", event, team)

    async def share_channel(self, channel: str, *, with_team: str = "T0OTHER", team: str = T_ACME) -> Reply | None:
        """Slack Connect: another company is in the channel too."""
        held = self._channel(channel, team)
        held.is_ext_shared = True
        return await self._tell("channel_shared", {"channel": channel, "connected_team_id": with_team}, team)

    async def deactivate(self, user: str, *, team: str = T_ACME) -> Reply | None:
        """A colleague leaves the company."""
        place = self._slack.workspaces[team]
        person = place.person(user)
        person.deleted = True
        for channel in place.channels.values():
            if not channel.with_user:
                channel.members.discard(person.id)
        shown = as_slack_shows(person, seen_from=place, locale=True, at=self._slack.state.clock())
        return await self._tell("user_change", {"user": shown}, team)

    def _channel(self, channel: str, team: str) -> Channel:
        return self._slack.workspaces[team].channels[channel]

    def _admin(self, team: str) -> str:
        return self._slack.workspaces[team].installer

    async def _tell(self, kind: str, event: dict[str, Any], team: str) -> Reply | None:
        self._slack.state.messages.touch()
        if kind not in self.events:
            return None
        now = f"{self._slack.state.clock().timestamp():.6f}"
        return await self._sender.event({"type": kind, **event, "event_ts": now}, team=team)


def _named(what: str, channel: Channel) -> str:
    return f"{'group' if channel.is_private else 'channel'}_{what}"

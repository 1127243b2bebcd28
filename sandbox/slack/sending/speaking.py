"""People speak to the app: they mention it in a channel, open its conversation, and write in threads of it."""

from __future__ import annotations

from typing import Any

from sandbox.slack.people import T_ACME
from sandbox.slack.sending.payloads import Payloads
from sandbox.slack.sending.reply import Reply
from sandbox.slack.sending.sender import Sender
from sandbox.slack.slack import Slack

MENTIONS = "app_mentions:read"


class Speaking:
    """Each call returns the app's reply to the event; None where Slack sends it none."""

    def __init__(self, slack: Slack, sender: Sender) -> None:
        self._slack = slack
        self._sender = sender

    async def mention(
        self, text: str, *, user: str, channel: str = "C0SALES", thread_ts: str = "", team: str = T_ACME, **more: Any
    ) -> Reply | None:
        """`@Sage 200 text` in a channel. The app hears of it only where it is a member and may read mentions."""
        place = self._slack.workspaces[team]
        person, held, grant = place.person(user), place.channels[channel], self._slack.state.grants.of(team)
        said = self._sender.said(text, user=person.id, channel=channel, team=team)
        said.text = f"<@{place.bot_user_id}> {said.text}"
        said.thread_ts = thread_ts
        if place.bot_user_id not in held.members or grant is None or MENTIONS not in grant.scopes:
            return None
        event = {
            "type": "app_mention",
            "user": person.id,
            "text": said.text,
            "ts": said.ts,
            "channel": channel,
            "team": person.home,
            "event_ts": said.ts,
            **({"thread_ts": thread_ts} if thread_ts else {}),
            **more,
        }
        return await self._sender.event(event, team=team, is_shared=bool(held.is_ext_shared))

    async def open_conversation(self, *, user: str, tab: str = "messages", team: str = T_ACME) -> Reply:
        """The person opens the app's own conversation, or its Home tab."""
        place = self._slack.workspaces[team]
        person = place.person(user)
        now = f"{self._slack.state.clock().timestamp():.6f}"
        channel = place.direct_channel(person.id).id
        event: dict[str, Any] = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": channel,
            "tab": tab,
            "event_ts": now,
        }
        home = self._slack.state.views.home_of(person.id, team=team)
        if tab == "home" and home is not None:
            event["view"] = home.as_slack_shows()
        return await self._sender.event(event, team=team)

    async def write(self, text: str, *, user: str, thread_ts: str, team: str = T_ACME) -> Reply:
        """In a thread of the app's own conversation."""
        payloads = Payloads(self._slack.state, team)
        person = payloads.place.person(user)
        channel = payloads.place.direct_channel(person.id).id
        said = self._sender.said(text, user=person.id, channel=channel, team=team)
        said.thread_ts = thread_ts
        event = payloads.direct_message(said.text, user=person, channel=channel, ts=said.ts)
        return await self._sender.event({**event, "thread_ts": thread_ts}, team=team)

"""What somebody does with what the app shows: press, choose, type into a menu, submit, close, open the home tab."""

from __future__ import annotations

from typing import Any

from sandbox.page.manifest import Manifest
from sandbox.page.screen import messages_of
from sandbox.slack import T_ACME, Message, OpenView, Sender, Slack, User
from sandbox.slack.sending.payloads import Payloads

Body = dict[str, Any]


class Hands:
    """Acts for people in the first workspace. Raises LookupError for what is not before them."""

    def __init__(self, slack: Slack, sender: Sender, manifest: Manifest) -> None:
        self._slack = slack
        self._sender = sender
        self._manifest = manifest

    async def click(self, body: Body, *, user: User) -> str:
        """`{ts | view_id, action_id, selected?, values?}`; what went wrong, or nothing."""
        shown = self._shown(body, user)
        reply = await self._sender.click(
            shown, str(body["action_id"]), user=user.id, selected=body.get("selected"), values=body.get("values")
        )
        return reply.error

    async def suggest(self, body: Body, *, user: User) -> Body:
        """`{ts | view_id, action_id, value}`: what the app offers to somebody who types into a menu."""
        shown = self._shown(body, user)
        return await self._sender.offer(shown, str(body["action_id"]), str(body["value"]), user=user.id)

    async def submit(self, body: Body, *, user: User) -> None:
        """`{view_id, values}`."""
        await self._sender.submit(self._view(body["view_id"], user), body["values"], user=user.id)

    async def close(self, body: Body, *, user: User) -> None:
        """`{view_id}`: the modal goes; the app hears of it if it asked to."""
        view = self._view(body["view_id"], user)
        view.is_open = False
        self._slack.state.messages.touch()
        if view.content.get("notify_on_close"):
            await self._sender.click(self._payloads.closed(view, user=user))

    async def shortcut(self, body: Body, *, user: User) -> str:
        """`{callback_id, ts?}`: from the menu of a message, or from anywhere."""
        trigger = self._slack.state.triggers.new(user=user.id, team=T_ACME)
        callback = str(body["callback_id"])
        if not body.get("ts"):
            return (await self._sender.click(self._payloads.shortcut(callback, user=user, trigger_id=trigger))).error
        message = self._message(body["ts"], user)
        reply = await self._sender.shortcut(message, callback, user=user.id, trigger_id=trigger)
        return reply.error

    async def open_app(self, body: Body, *, user: User) -> None:
        """`{tab: "home" | "messages"}`: told to the app if it subscribed."""
        if "app_home_opened" not in self._manifest.events or not self._slack.is_installed(T_ACME):
            return
        home = self._slack.state.views.home_of(user.id, team=T_ACME)
        channel = self._slack.workspaces[T_ACME].direct_channel(user.id).id
        event: Body = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": channel,
            "tab": "home" if body["tab"] == "home" else "messages",
            "event_ts": self._slack.state.messages.new_ts(),
        }
        if body["tab"] == "home" and home is not None:
            event["view"] = home.as_slack_shows()
        await self._sender.event(event)

    @property
    def _payloads(self) -> Payloads:
        return Payloads(self._slack.state, T_ACME)

    def _shown(self, body: Body, user: User) -> Message | OpenView:
        return self._view(body["view_id"], user) if body.get("view_id") else self._message(body["ts"], user)

    def _view(self, view_id: str, user: User) -> OpenView:
        view = self._slack.views[view_id]
        if (view.user, view.team) != (user.id, T_ACME):
            raise LookupError(f"no view {view_id} of theirs")
        return view

    def _message(self, ts: str, user: User) -> Message:
        found = next((each for each in messages_of(self._slack, user) if each.ts == ts), None)
        if found is None:
            raise LookupError(f"no message {ts} before them")
        return found

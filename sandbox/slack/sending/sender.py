"""What Slack sends to the app, signed as Slack signs it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx

from sandbox.slack.entities import Pane
from sandbox.slack.limits import ACK_SECONDS
from sandbox.slack.messages import Message
from sandbox.slack.people import T_ACME, User, Workspace
from sandbox.slack.sending.actions import action_on, state_values, suggested, values_of
from sandbox.slack.sending.arrivals import Arrivals, escaped
from sandbox.slack.sending.hooks import Hook
from sandbox.slack.sending.payloads import Payloads, payload_form
from sandbox.slack.sending.reply import Reply
from sandbox.slack.slack import Slack
from sandbox.slack.views import OpenView

_TOOL_SECONDS = 60.0
_FORM = "application/x-www-form-urlencoded"


class Sender:
    """Sends to the app at `url`; `client` may be in process (ASGITransport) or real. People go by id or name."""

    def __init__(self, slack: Slack, *, client: httpx.AsyncClient, url: str, patience: float = ACK_SECONDS) -> None:
        self._slack = slack
        self._client = client
        self._url = url
        self._patience = patience
        self._arrivals = Arrivals(slack)

    async def command(
        self,
        command: str,
        text: str = "",
        *,
        user: str,
        team: str = T_ACME,
        channel: str = "C0SALES",
        trigger_id: str | None = None,
    ) -> Reply:
        """Type a slash command. What the acknowledgement itself says is posted too."""
        payloads = Payloads(self._slack.state, team)
        person = payloads.place.person(user)
        hook = self._hook(team, channel, person.id)
        trigger = self._slack.state.triggers.new(user=person.id, team=team, named=trigger_id)
        url = self._url_of("commands", hook)
        form = payloads.command(command, text, user=person, channel=channel, trigger_id=trigger, response_url=url)
        reply = await self._send(urlencode(form).encode(), _FORM, hook=hook)
        self._arrivals.acknowledged(command, hook, reply)
        return reply

    async def click(
        self,
        message_or_payload: Message | OpenView | dict[str, Any],
        action_id: str = "",
        *,
        user: str = "",
        value: str | None = None,
        selected: Any = None,
        values: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Press a button or choose options (by value); `values` is what else stands in the fields around it.

        A dict is sent as it is, for forgeries and repeats. Raises LookupError where that person doesn't see it.
        """
        if isinstance(message_or_payload, dict):
            return await self._interact(message_or_payload)
        shown = message_or_payload
        payloads = Payloads(self._slack.state, shown.team)
        person = payloads.place.person(user or shown.user)
        _see(person, shown, payloads.place)
        trigger = self._slack.state.triggers.new(user=person.id, team=shown.team)
        at = self._slack.state.messages.new_ts()
        blocks = shown.content["blocks"] if isinstance(shown, OpenView) else shown.blocks
        action = action_on(blocks, action_id, at=at, value=value, selected=selected)
        state = state_values(blocks, values) if values else {}
        if isinstance(shown, OpenView):
            return await self._interact(
                payloads.click_in_view(shown, action, user=person, trigger_id=trigger, values=state)
            )
        hook = self._hook(shown.team, shown.channel, person.id, original=shown)
        url = self._url_of("actions", hook)
        payload = payloads.click(shown, action, user=person, trigger_id=trigger, response_url=url)
        return await self._interact({**payload, "state": {"values": state}}, hook=hook)

    async def shortcut(self, message: Message, callback_id: str, *, user: str, trigger_id: str) -> Reply:
        """Choose one of the app's entries in the menu of a message."""
        payloads = Payloads(self._slack.state, message.team)
        person = payloads.place.person(user)
        hook = self._hook(message.team, message.channel, person.id)
        payload = payloads.message_shortcut(
            callback_id, message, user=person, trigger_id=trigger_id, response_url=self._url_of("app", hook)
        )
        return await self._interact(payload, hook=hook)

    async def suggest(self, shown: Message | OpenView, action_id: str, words: str, *, user: str = "") -> list[str]:
        """Type into an `external_select`; the values that the app offers. Raises AssertionError for a bad answer."""
        return values_of(await self.offer(shown, action_id, words, user=user))

    async def offer(self, shown: Message | OpenView, action_id: str, words: str, *, user: str = "") -> dict[str, Any]:
        """As `suggest`, with the options as the app worded and grouped them."""
        payloads = Payloads(self._slack.state, shown.team)
        person = payloads.place.person(user or shown.user)
        _see(person, shown, payloads.place)
        reply = await self._interact(payloads.suggestion(shown, action_id, words, user=person))
        if reply.error:
            raise AssertionError(f"the app did not suggest: {reply.error}, status {reply.status}")
        return suggested(reply.json())

    async def submit(self, view: OpenView, values: Mapping[str, Any], *, user: str = "") -> Reply:
        """Submit a modal: `{block_id: value}`. It closes unless the app says otherwise."""
        payloads = Payloads(self._slack.state, view.team)
        person = payloads.place.person(user or view.user)
        _see(person, view, payloads.place)
        trigger = self._slack.state.triggers.new(user=person.id, team=view.team)
        state = state_values(view.content["blocks"], values)
        payload = payloads.submission(view, state, user=person, trigger_id=trigger)
        reply = await self._interact(payload)
        self._arrivals.submitted(view, reply)
        return reply

    async def event(
        self,
        event: dict[str, Any],
        *,
        team: str = T_ACME,
        event_id: str | None = None,
        retry_num: int | None = None,
        retry_reason: str = "http_timeout",
        is_shared: bool = False,
    ) -> Reply:
        """Deliver an event, or deliver it again. `is_shared`: from a channel that another company is in too."""
        payload = self.payload(event, team=team, event_id=event_id)
        payload["is_ext_shared_channel"] = is_shared
        return await self.deliver(payload, retry_num=retry_num, retry_reason=retry_reason)

    def payload(self, event: dict[str, Any], *, team: str = T_ACME, event_id: str | None = None) -> dict[str, Any]:
        """The envelope of an event that happens now, to be delivered when it may be."""
        return Payloads(self._slack.state, team).event(event, event_id=event_id)

    async def deliver(
        self, payload: dict[str, Any], *, retry_num: int | None = None, retry_reason: str = "http_timeout"
    ) -> Reply:
        """Deliver an envelope as it is: for the first time, late, or again."""
        retry = {"X-Slack-Retry-Num": str(retry_num), "X-Slack-Retry-Reason": retry_reason} if retry_num else {}
        return await self._send(json.dumps(payload).encode(), "application/json", more=retry)

    async def direct_message(self, text: str, *, user: str, team: str = T_ACME) -> Reply:
        """Write to the app in its own conversation; `text` as typed."""
        payloads = Payloads(self._slack.state, team)
        person = payloads.place.person(user)
        channel = payloads.place.direct_channel(person.id).id
        said = self.said(text, user=person.id, channel=channel, team=team)
        event = payloads.direct_message(said.text, user=person, channel=channel, ts=said.ts)
        return await self.event(event, team=team)

    def said(self, text: str, *, user: str, channel: str, team: str = T_ACME) -> Message:
        """A person's words in a channel; the app is not told."""
        return self._arrivals.said(escaped(text), user=user, team=team, channel=channel)

    def notice(self, text: str, *, user: str, channel: str, team: str = T_ACME) -> Message:
        """Slack itself tells one person something."""
        return self._arrivals.notice(escaped(text), user=user, team=team, channel=channel)

    async def open_object(self, message: Message, *, user: str, refers: bool = True) -> Pane | None:
        """Press a message's object: the side pane that the app fills for this person; None if it didn't.

        `refers` False: Slack names the object by its address alone, as it may.
        """
        payloads = Payloads(self._slack.state, message.team)
        person = payloads.place.person(user)
        [entity] = (message.metadata or {}).get("entities") or [None]
        if entity is None:
            raise LookupError("this message is about no object")
        triggers, panes = self._slack.state.triggers, self._slack.state.panes
        trigger = triggers.new(user=person.id, team=message.team, entity=entity)
        before, team = len(panes), message.team
        await self.event(payloads.object_opened(message, entity, trigger, user=person, refers=refers), team=team)
        until = time.monotonic() + self._patience
        while True:
            if len(panes) > before:
                return panes[before]
            if time.monotonic() >= until:
                return None
            await asyncio.sleep(0.01)

    async def press_in_pane(self, pane: Pane, action_id: str) -> Reply:
        """Press a button of a side pane."""
        payloads = Payloads(self._slack.state, pane.team)
        person = payloads.place.person(pane.user)
        [button] = [each for each in pane.actions if each["action_id"] == action_id]
        trigger = self._slack.state.triggers.new(user=person.id, team=pane.team, entity=pane.entity)
        at = self._slack.state.messages.new_ts()
        return await self._interact(payloads.click_in_pane(pane, button, user=person, trigger_id=trigger, at=at))

    async def uninstall(self, team: str = T_ACME) -> list[Reply]:
        """The app is removed: its token is dead, and both notices arrive."""
        place = self._slack.workspaces[team]
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [place.bot_user_id]}}
        events: list[dict[str, Any]] = [{"type": "app_uninstalled"}, revoked]
        payloads = [Payloads(self._slack.state, team).event(event, event_id=None) for event in events]
        self._slack.uninstall(team)
        return [await self._send(json.dumps(payload).encode(), "application/json") for payload in payloads]

    async def tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        user: str,
        team: str = T_ACME,
        enterprise: str | None = None,
    ) -> Reply:
        """Let Slack's assistant call a tool of the app in a person's name."""
        person = Payloads(self._slack.state, team).place.person(user)
        who = {"user_id": person.id, "team_id": team, "enterprise_id": enterprise}
        return await self._rpc("tools/call", name=name, arguments=dict(arguments or {}), _meta={"slack": who})

    async def tools(self) -> Reply:
        """Let Slack's assistant ask which tools there are."""
        return await self._rpc("tools/list")

    async def _rpc(self, method: str, **params: Any) -> Reply:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        url = urljoin(self._url, "/mcp")
        return await self._post(body, {**headers, **self.signed(body)}, url=url, patience=_TOOL_SECONDS)

    async def raw(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Exactly this: unsigned, stale, forged or odd."""
        return await self._post(body, dict(headers))

    def signed(self, body: bytes, *, at: int | None = None) -> dict[str, str]:
        """Slack's two headers for a body, of now or of another moment."""
        timestamp = str(int(self._slack.state.clock().timestamp()) if at is None else at)
        secret = self._slack.signing_secret.encode()
        digest = hmac.new(secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}

    async def wait_for_answer(
        self, reply: Reply, *, timeout: float = 60, where: Callable[[Message], bool] = lambda _: True
    ) -> Message:
        """The latest message that came by this command's or click's response URL; `where` passes over others.

        Raises AssertionError, saying what did arrive.
        """
        if reply.error:
            raise AssertionError(f"the app did not take it: {reply.error}, status {reply.status}, {reply.body!r}")
        return await self.wait_for_message(lambda each: each.hook == reply.hook and where(each), timeout=timeout)

    async def wait_for_message(self, where: Callable[[Message], bool], *, timeout: float = 60) -> Message:
        """The latest message like that, however it came; AssertionError, saying what there is, otherwise."""
        until = time.monotonic() + timeout
        while True:
            wanted = [message for message in self._slack.messages if where(message)]
            if wanted:
                return wanted[-1]
            if time.monotonic() >= until:
                refused = [(call.method, call.error) for call in self._slack.calls if call.error]
                seen = [(message.via, message.text) for message in self._slack.messages]
                raise AssertionError(f"no such message in {timeout} s; there is {seen}; Slack refused {refused}")
            await asyncio.sleep(0.01)

    async def _interact(self, payload: dict[str, Any], *, hook: Hook | None = None) -> Reply:
        return await self._send(urlencode(payload_form(payload)).encode(), _FORM, hook=hook)

    async def _send(
        self, body: bytes, content_type: str, *, hook: Hook | None = None, more: Mapping[str, str] | None = None
    ) -> Reply:
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0", **self.signed(body), **(more or {})}
        return await self._post(body, headers, hook=hook.id if hook else "")

    async def _post(
        self, body: bytes, headers: dict[str, str], *, hook: str = "", url: str = "", patience: float | None = None
    ) -> Reply:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(patience or self._patience):
                response = await self._client.post(url or self._url, content=body, headers=headers)
        except TimeoutError:
            return Reply(0, "", time.perf_counter() - began, hook, "operation_timeout")
        except httpx.HTTPError:
            return Reply(0, "", time.perf_counter() - began, hook, "dispatch_failed")
        error = "" if response.is_success else "dispatch_failed"
        return Reply(response.status_code, response.text, time.perf_counter() - began, hook, error)

    def _hook(self, team: str, channel: str, user: str, *, original: Message | None = None) -> Hook:
        bot = self._slack.workspaces[team].bot_user_id
        return self._slack.state.hooks.open(team=team, channel=channel, user=user, bot=bot, original=original)

    def _url_of(self, kind: str, hook: Hook) -> str:
        return f"{self._slack.base_url}/hooks/{kind}/{hook.id}"


def _see(person: User, shown: Message | OpenView, place: Workspace) -> None:
    """Raise LookupError if Slack doesn't show that to the person: an answer, conversation or view of another's."""
    channel = None if isinstance(shown, OpenView) else place.channels.get(shown.channel)
    owners = {shown.user, channel.with_user if channel else ""} - {""}
    if owners - {person.id}:
        raise LookupError(f"{person.name} does not see that: it is shown to {', '.join(sorted(owners))} alone")

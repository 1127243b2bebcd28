"""Beside a conversation: an object's pane, drawn for whoever opened it, and Slack's assistant with the app's tools."""

from __future__ import annotations

from typing import Any

from sandbox.page.cast import PARTS
from sandbox.page.screen import headline, messages_of
from sandbox.slack import Sender, Slack, User
from sandbox.slack.entities import Pane

Body = dict[str, Any]
_ASKERS = ("U0PRIYA", "U0GEORGE", "U0GARY")


class Beside:
    """Acts for people in the first workspace. Raises LookupError for what is not before them."""

    def __init__(self, slack: Slack, sender: Sender) -> None:
        self._slack = slack
        self._sender = sender

    async def open(self, body: Body, *, user: User) -> Body:
        """`{ts}`: what the app shows this person of the object in a message."""
        message = next((each for each in messages_of(self._slack, user) if each.ts == body["ts"]), None)
        if message is None:
            raise LookupError(f"no message {body['ts']} before them")
        pane = await self._sender.open_object(message, user=user.id)
        if pane is None:
            raise LookupError("the app did not fill the pane")
        return {"pane": self._slack.state.panes.index(pane), **_shown(pane)}

    async def press(self, body: Body, *, user: User) -> None:
        """`{pane, action_id}`: a button in the pane that they have open."""
        pane = self._slack.state.panes[int(body["pane"])]
        if pane.user != user.id:
            raise LookupError("no pane of theirs")
        await self._sender.press_in_pane(pane, str(body["action_id"]))

    async def tools(self, _: Body) -> Body:
        """The app's tools, as an assistant is told of them."""
        listed = (await self._sender.tools()).json()["result"]["tools"]
        return {"tools": [_tool(each) for each in listed], "askers": list(_ASKERS)}

    async def ask(self, body: Body) -> Body:
        """`{tool, arguments}`: one tool, called in the name of three people."""
        given = {str(name): str(value) for name, value in body["arguments"].items() if str(value).strip()}
        parts = {part.id: part.role for part in PARTS}
        answers = []
        for user_id in _ASKERS:
            reply = await self._sender.tool(str(body["tool"]), given, user=user_id)
            result = reply.json()["result"]
            text = "\n".join(each["text"] for each in result["content"] if each["type"] == "text")
            answers.append({"user": user_id, "role": parts[user_id], "text": text})
        return {"answers": answers}


def _tool(listed: Body) -> Body:
    schema = listed["inputSchema"]
    arguments = [
        {"name": name, "about": each.get("description", ""), "is_needed": name in schema.get("required", ())}
        for name, each in schema.get("properties", {}).items()
    ]
    return {"name": listed["name"], "title": listed.get("title") or listed["name"], "arguments": arguments}


def _shown(pane: Pane) -> Body:
    """The pane's own entity where the app filled it, the card's otherwise."""
    payload = (pane.details or pane.entity)["entity_payload"]
    return {
        **headline(pane.details or pane.entity),
        "fields": payload["custom_fields"] if pane.details else [],
        "actions": [
            {"words": each["text"], "action_id": each["action_id"], "style": each.get("style", "")}
            for each in pane.actions
        ],
        "error": _why(pane.error),
        "auth_url": pane.auth_url,
    }


def _why(error: Body) -> str:
    if error.get("status") == "not_found":
        return "There is nothing here."
    return str(error.get("custom_message") or error.get("status") or "")

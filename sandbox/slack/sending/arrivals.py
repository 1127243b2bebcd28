"""What an answer to one of Slack's requests does to the screen."""

from __future__ import annotations

from typing import Any

from sandbox.slack.block_kit.blocks import check_view
from sandbox.slack.messages import Message
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.methods.views import note
from sandbox.slack.sending.hooks import Hook
from sandbox.slack.sending.reply import Reply
from sandbox.slack.slack import Slack
from sandbox.slack.views import OpenView


def escaped(text: str) -> str:
    """As Slack keeps what people type."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Arrivals:
    """Puts acknowledgements, submissions' answers and people's own words in their places."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    def acknowledged(self, command: str, hook: Hook, reply: Reply) -> None:
        """A command's acknowledgement may be a message; a failure becomes Slack's own notice."""
        if reply.error:
            text = f"{command} failed with the error “{reply.error}”."
            self.notice(text, user=hook.user, team=hook.team, channel=hook.channel, hook=hook.id)
        elif reply.body.strip():
            said: dict[str, Any] = reply.json() or {"text": reply.body}
            self._slack.state.hooks.answer(hook, said, via="response")

    def submitted(self, view: OpenView, reply: Reply) -> None:
        """Close the modal, or show what is wrong, or other content."""
        answer = reply.json()
        action = answer.get("response_action")
        view.errors = {}
        if reply.error or reply.status != 200:
            view.errors = {"": "We had some trouble connecting. Try again?"}
        elif action == "errors":
            view.errors = _errors(view, answer.get("errors"))
        elif action == "update":
            view.replace(check_view(answer.get("view")))
            note(self._slack.state, view, via="response")
        elif action == "push":
            self._pushed(view, check_view(answer.get("view")))
        elif action == "clear":
            for each in self._slack.views.values():
                each.is_open = each.is_open and (each.user, each.team) != (view.user, view.team)
        else:
            view.is_open = False
        self._slack.state.messages.touch()

    def _pushed(self, below: OpenView, content: dict[str, Any]) -> None:
        state = self._slack.state
        view = state.views.open(content, team=below.team, user=below.user, bot_id=below.bot_id, app_id=below.app_id)
        view.previous, view.root = below.id, below.root or below.id
        note(state, view, via="response")

    def said(self, text: str, *, user: str, team: str, channel: str) -> Message:
        """A person's own words."""
        messages = self._slack.state.messages
        message = Message(messages.new_ts(), team, channel, text, "person", author=user)
        return messages.add(message)

    def notice(self, text: str, *, user: str, team: str, channel: str, hook: str = "") -> Message:
        """Slack itself says something, to one person."""
        messages = self._slack.state.messages
        return messages.add(Message(messages.new_ts(), team, channel, text, "slack", user=user, author="", hook=hook))


def _errors(view: OpenView, errors: Any) -> dict[str, str]:
    """Slack takes errors only for input blocks of this view."""
    inputs = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or errors.keys() - inputs:
        raise SlackError("invalid_errors", given=str(errors))
    return {block_id: str(words) for block_id, words in errors.items()}

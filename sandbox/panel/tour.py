"""The guided tour's steps, each done when the simulated Slack and Sage have seen it happen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from sandbox.sage200 import World
from sandbox.sage_id import SageId
from sandbox.slack import T_ACME, Message, Slack

_OUTAGE = ("can't reach sage 200", "could not read sage 200", "reachable again", "not reachable")


class Tour:
    """Looks at what was said and done, never at the product; `restart` forgets what was seen so far."""

    def __init__(self, slack: Slack, sage_id: SageId, world: World) -> None:
        self._slack = slack
        self._sage_id = sage_id
        self._world = world
        self._since = 0
        self._done: set[str] = set()
        self._steps: dict[str, Callable[[], bool]] = {
            "connect": self._is_connected,
            "ask": self._has_asked,
            "subscribe": self._has_subscribed,
            "hold": self._was_told_of_a_hold,
            "request": self._has_requested_a_release,
            "outage": self._was_told_of_an_outage,
        }

    def done(self) -> dict[str, bool]:
        """Every step by its name; once done it stays so, whatever happens later."""
        self._done.update(name for name, is_done in self._steps.items() if name not in self._done and is_done())
        return {name: name in self._done for name in self._steps}

    def restart(self) -> None:
        """From the beginning; a sign-in that is there counts still."""
        self._done.clear()
        self._since = len(self._slack.messages)

    def _is_connected(self) -> bool:
        is_signed_in = any(map(self._sage_id.is_signed_in, self._sage_id.people))
        every = self._slack.messages
        return is_signed_in and any(self._is_apps(each) and "Connected to" in _words(each) for each in every)

    def _has_asked(self) -> bool:
        return any("Credit limit" in words and "£" in words for words in self._said())

    def _has_subscribed(self) -> bool:
        return any("*Subscription " in words or "Subscription 1" in words for words in self._said())

    def _was_told_of_a_hold(self) -> bool:
        """In a channel or to a person, but of itself: an answer to a question is seen by the asker alone."""
        posts = (each for each in self._new() if each.via == "chat.postMessage" and not each.user)
        return any(" is on hold" in words or " on hold*" in words for words in map(_words, posts))

    def _has_requested_a_release(self) -> bool:
        return any(_offers(each, "approve") and _offers(each, "decline") for each in self._new())

    def _was_told_of_an_outage(self) -> bool:
        return any(outage in words.casefold() for words in self._said() for outage in _OUTAGE)

    def _said(self) -> Iterator[str]:
        return map(_words, self._new())

    def _new(self) -> list[Message]:
        """By the app, since the tour began."""
        return [each for each in self._slack.messages[self._since :] if self._is_apps(each)]

    def _is_apps(self, message: Message) -> bool:
        return message.team == T_ACME and message.author == self._slack.workspaces[T_ACME].bot_user_id


def _words(message: Message) -> str:
    return f"{message.text} {json.dumps(message.blocks, ensure_ascii=False)}"


def _offers(message: Message, what: str) -> bool:
    """Whether a button says so, in its words or by its name."""
    buttons = [
        element
        for block in message.blocks
        for element in [*block.get("elements", []), block.get("accessory", {})]
        if element.get("type") == "button"
    ]
    return any(what in f"{each['text']['text']} {each.get('action_id', '')}".casefold() for each in buttons)

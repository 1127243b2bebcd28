"""The steps of the guided tours, each done when the simulated Slack and Sage have seen it happen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial

from sandbox.sage200 import World
from sandbox.sage200.books import transactions
from sandbox.sage_id import SageId
from sandbox.slack import T_ACME, Message, Slack, User

_ACCOUNT = "ABS001"
_CONNECTED = re.compile(r"Connected to |\*Using ")
_MONEY = re.compile(r"[£€$]\s?\d")
_LATE = re.compile(r"accounts? overdue in .*oldest \d+ days?", re.DOTALL)
_HELD = re.compile(r"\bon hold\b")
_ASKED = "asks to release"
_DECIDED = re.compile(r"(Approved|Declined) by|Withdrawn|Closed")
_REQUEST = re.compile(r"Request (?P<number>\d+)")
_GIVEN = re.compile(r"made you a|made you an")
# Of one person's tour: who is told, and what then stands there.
_TOLD = {
    "controller-chase": ("U0CLARE", re.compile(r"accounts? to chase")),
    "controller-promise": ("U0CLARE", re.compile(r"Promise noted")),
    "controller-kept": ("U0CLARE", re.compile(r"Promise kept")),
    "controller-dispute": ("U0CLARE", re.compile(r"is in dispute")),
    "controller-hold": ("U0CLARE", re.compile(r"\(ABS001\)\S* is (now )?on hold")),
    "controller-decide": ("U0CLARE", re.compile(r"(Approved|Declined) by <@U0CLARE>")),
    "controller-broken": ("U0CLARE", re.compile(r"Promise broken")),
    "rep-role": ("U0GEORGE", _GIVEN),
    "rep-ask": ("U0GEORGE", re.compile(r"Credit limit.*[£€$]\s?\d", re.DOTALL)),
    "rep-order": ("U0GEORGE", re.compile(r"order of [£€$]")),
    "rep-late": ("U0GEORGE", re.compile(r"accounts? overdue in|None of your customers")),
    "rep-others": ("U0GEORGE", re.compile(r"isn't one of your customers")),
    "rep-request": ("U0GEORGE", re.compile(r"Sent to credit control")),
}
_OUTAGE = (
    "sage 200 did not answer",
    "sage 200 isn't responding",
    "sage 200 was unavailable",
    "reachable again",
    "not reachable",
)


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
            "overdue": self._has_seen_who_is_late,
            "refused": self._was_refused,
            "subscribe": self._has_subscribed,
            "hold": self._was_told_of_a_hold,
            "request": self._was_released_at_a_request,
            "outage": self._was_told_of_an_outage,
            "controller-connect": lambda: self._was_told("U0CLARE", _CONNECTED),
            **{name: partial(self._was_told, *told) for name, told in _TOLD.items()},
        }

    def done(self) -> dict[str, bool]:
        """Every step by its name; once done it stays so, whatever happens later."""
        self._done.update(name for name, is_done in self._steps.items() if name not in self._done and is_done())
        return {name: name in self._done for name in self._steps}

    def restart(self) -> None:
        """From the beginning; a sign-in that is there counts still."""
        self._done.clear()
        self._since = len(self._slack.messages)

    def seen(self) -> dict[str, bool | str]:
        """How things are, so that a step can say what to do next."""
        said = [_words(each) for each in self._slack.messages if self._is_apps(each) and not each.is_gone]
        return {
            "is_installed": self._slack.is_installed(T_ACME),
            "has_link": any("/sage/connect/" in words for words in said),
            "has_companies": any("/sage company" in words and "Which one" in words for words in said),
            "has_controller": any(_GIVEN.search(words) for words in self._told("U0CLARE")),
            "has_rep": any("<@U0GEORGE>'s own customers" in words for words in said),
            "is_asked": bool(asked := _request(said)),
            "request": asked,
            "is_held": bool(self._world.customer(_ACCOUNT)["on_hold"]),
            "invoice": self._open_invoice(),
            "others": self._of_another_rep(),
        }

    def _is_connected(self) -> bool:
        """With a company, chosen where there are several."""
        is_signed_in = any(map(self._sage_id.is_signed_in, self._sage_id.people))
        said = (_words(each) for each in self._slack.messages if self._is_apps(each))
        return is_signed_in and any(_CONNECTED.search(words) for words in said)

    def _has_asked(self) -> bool:
        """A card, in whatever currency."""
        return any("Credit limit" in words and _MONEY.search(words) for words in self._said())

    def _has_seen_who_is_late(self) -> bool:
        """The list, with days and money."""
        return any(_LATE.search(words) and _MONEY.search(words) for words in self._said())

    def _was_refused(self) -> bool:
        """A guest or a stranger got an answer, and no figure in it."""
        people = self._slack.workspaces[T_ACME].users
        answers = (each for each in self._new() if each.user in people and _is_outsider(people[each.user]))
        return any(not _MONEY.search(_words(each)) for each in answers)

    def _has_subscribed(self) -> bool:
        """In a channel."""
        return any("Subscription " in words and "<#C" in words for words in self._said())

    def _was_told_of_a_hold(self) -> bool:
        """Of the tour's account, in a channel, and by itself: an answer to a question is seen by the asker alone."""
        channels = self._slack.workspaces[T_ACME].channels
        posts = (
            _words(each)
            for each in self._new()
            if each.via == "chat.postMessage" and not each.user and not channels[each.channel].with_user
        )
        return any(_ACCOUNT in words and _HELD.search(words) for words in posts)

    def _was_released_at_a_request(self) -> bool:
        """Asked by one and decided by another; a decline is a decision too."""
        return any(_ACCOUNT in words and _ASKED in words and _DECIDED.search(words) for words in self._said())

    def _was_told_of_an_outage(self) -> bool:
        return any(outage in words.casefold() for words in self._said() for outage in _OUTAGE)

    def _was_told(self, user: str, words: re.Pattern[str]) -> bool:
        return any(words.search(each) for each in self._told(user))

    def _told(self, user: str) -> Iterator[str]:
        """What the app said to one person alone, since the tour began."""
        direct = f"D0{user[2:]}"
        return (_words(each) for each in self._new() if user == each.user or (not each.user and each.channel == direct))

    def _open_invoice(self) -> str:
        """The oldest debt of the tour's account."""
        books = self._world.companies[0]
        owed = (row for row in transactions.of(books, books.row(_ACCOUNT)["id"]) if transactions.outstanding(row) > 0)
        return str(next((row["reference"] for row in owed), ""))

    def _of_another_rep(self) -> str:
        """An account that is not George's."""
        rows = self._world.companies[0].customers.values()
        return str(next((row["reference"] for row in rows if row.get("analysis_code_2") not in {None, "George"}), ""))

    def _said(self) -> Iterator[str]:
        return map(_words, self._new())

    def _new(self) -> list[Message]:
        """By the app, since the tour began."""
        return [each for each in self._slack.messages[self._since :] if self._is_apps(each)]

    def _is_apps(self, message: Message) -> bool:
        return message.team == T_ACME and message.author == self._slack.workspaces[T_ACME].bot_user_id


def _is_outsider(user: User) -> bool:
    return user.is_restricted or user.home != T_ACME


def _words(message: Message) -> str:
    return f"{message.text} {json.dumps(message.blocks, ensure_ascii=False)}"


def _request(said: list[str]) -> str:
    """The number of the newest request that waits for a decision."""
    waiting = [words for words in said if _ACCOUNT in words and _ASKED in words and not _DECIDED.search(words)]
    found = _REQUEST.search(waiting[-1]) if waiting else None
    return found["number"] if found else ""

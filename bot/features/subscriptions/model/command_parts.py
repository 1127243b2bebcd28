"""The words behind `/sage subscribe` sorted into parts, in whatever order they are typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from bot.domain.filters.customer_filter import JOINERS, MINE
from bot.domain.text.parsing import bounded, chunks
from bot.features.subscriptions.model import schedule_parser

HERE, ME = "here", "me"
PLACE, WHERE, AT, AS = "in", "where", "at", "as"
PING = "ping"
_KEYWORDS = {"in": PLACE, "to": PLACE, "where": WHERE, "at": AT, "as": AS}
_PHRASES = [
    (re.compile(r"\b(?:put )?on hold\b", re.I), "holds"),
    (re.compile(r"\bover limit\b", re.I), "over-limit"),
    (re.compile(r"\boverdue paid\b", re.I), "overdue-paid"),
    (re.compile(r"\b(promises? broken|broken promises?)\b", re.I), "promise-broken"),
]
_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")', re.DOTALL)
_NUMBER = re.compile(r"[0-9][0-9.]*(?:%|d|days|\+)?")
_MARK = re.compile(r"!=|[:=]")
_FILLERS = {*schedule_parser.FILLERS, "%", "days", "or", ""}
_HOURS = 24


class Numbers(Enum):
    """What the numbers behind a kind of news are."""

    THRESHOLDS = auto()
    DAYS = auto()


@dataclass(slots=True)
class Parts:
    """The words of each part, as typed. `said` are the kinds, each with the numbers behind it.

    `unfinished` is a keyword with nothing behind it.
    """

    kinds: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    thresholds: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    schedule: list[str] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unfinished: str = ""
    pings: bool = False

    def typed(self, *, kinds: str = "", place: str = "", condition: str = "", schedule: str = "") -> str:
        """Return the parts as they are typed in the usual order; what is given here stands in for a missing one."""
        named = ",".join(self.said) or kinds
        where, at = " ".join(self.conditions) or condition, " ".join(self.schedule) or schedule
        parts = [
            named,
            f"in {place_typed(self.places[0])}" if self.places else place and f"in {place}",
            where and f"where {where}",
            at and f"at {at}",
            f"as {self.ways[0]}" if self.ways else "",
            PING if self.pings else "",
        ]
        return " ".join(" ".join(parts).split())


def place_typed(place: str) -> str:
    """Return `#sales` for a channel that Slack wrote as `<#C123|sales>`; without a name it stays as it is."""
    named = re.fullmatch(r"<#[A-Z0-9]+\|([^>|]+)>", place)
    return f"#{named[1]}" if named else place


def is_place(word: str) -> bool:
    """Return whether the word can only be a place."""
    return word.casefold() in {HERE, ME} or word.startswith(("#", "<#"))


def sorted_parts(text: str, kinds: Mapping[str, Numbers | None], *, hint: str) -> Parts:
    """Return the words by part. Raises BadQuestion with this hint, or TooLong.

    `kinds` are the spellings of kinds, each with what the numbers behind it are.
    """
    bounded(text)
    return _Sorting(chunks(_with_phrases_joined(text), hint=hint), kinds).parts


def _with_phrases_joined(text: str) -> str:
    """Return the text with what is several words made one, outside quotation marks."""
    return "".join(each if each.startswith('"') else _joined(each) for each in _QUOTED.split(text))


def _joined(text: str) -> str:
    for phrase, single in _PHRASES:
        text = phrase.sub(single, text)
    return schedule_parser.with_phrases_joined(text)


class _Sorting:
    """Takes the words one after another; a word goes to the part that it can only belong to, or to the open one."""

    def __init__(self, words: Sequence[str], kinds: Mapping[str, Numbers | None]) -> None:
        self.parts = Parts()
        self._words, self._kinds = words, kinds
        self._open = ""
        self._numbers: Numbers | None = None
        says_when = False
        for number, word in enumerate(words):
            self._take(number, word)
            says_when |= self._open == AT
        if self._open in _KEYWORDS:
            self.parts.unfinished = self._open
        elif says_when and not self.parts.schedule:
            self.parts.unfinished = AT

    def _take(self, number: int, word: str) -> None:
        follows = self._words[number + 1] if number + 1 < len(self._words) else ""
        keyword = word.casefold() if word.casefold() in _KEYWORDS else ""
        if word.casefold() == PING and self._open not in _KEYWORDS:
            self.parts.pings = True
            self._open = ""
        elif keyword and not (keyword == "in" and self._is_when(follows)):
            self._unfinished()
            self._open = keyword
        elif is_place(word):
            self.parts.places.append(word)
            self._open = ""
        elif self._is_condition(word, follows):
            self.parts.conditions.append(word)
            self._open = "condition"
        elif _KEYWORDS.get(self._open) == PLACE:
            self.parts.places.append(word)
            self._open = ""
        elif self._open == AS:
            self.parts.ways.append(word)
            self._open = ""
        else:
            self._pieces(word)

    def _unfinished(self) -> None:
        # "digest every monday at 9" and "as digest at every monday at 9" are how people say it.
        if self._open in _KEYWORDS and self._open != AT and not self.parts.unfinished:
            self.parts.unfinished = self._open

    def _is_condition(self, word: str, follows: str) -> bool:
        """Return whether the word belongs to the filter."""
        if self._open == WHERE:
            return True
        is_whole = bool(_marked(word)) or word.casefold() in MINE or _begins_with_mark(follows)
        if is_whole and not schedule_parser.is_time(word):
            return True
        if word.casefold() in JOINERS:
            if self._numbers is not None and _NUMBER.fullmatch(follows):
                return False
            return word.casefold() != "and" or (self._open == "condition" and self._leads_on(follows))
        if self._open != "condition":
            return False
        goes_on = self.parts.conditions[-1].endswith((",", ":", "=")) or word.startswith(",")
        return goes_on or not (self._is_known(word) or _NUMBER.fullmatch(word))

    def _leads_on(self, follows: str) -> bool:
        return follows.casefold() in JOINERS | MINE or bool(_marked(follows)) or not self._is_known(follows)

    def _is_known(self, word: str) -> bool:
        """Return whether all pieces of the word are kinds or of a schedule."""
        pieces = [each for each in word.casefold().split(",") if each]
        return all(each in self._kinds or schedule_parser.is_word(each) for each in pieces)

    def _is_when(self, word: str) -> bool:
        return not is_place(word) and schedule_parser.is_word(word.casefold())

    def _pieces(self, word: str) -> None:
        """Take kinds, thresholds and the words of a schedule, which commas may join."""
        for piece in word.casefold().split(","):
            if piece in self._kinds:
                self.parts.kinds.append(piece)
                self.parts.said.append(piece)
                self._open, self._numbers = "kinds", self._kinds[piece]
            elif self._numbers is not None and self._open != AT and _NUMBER.fullmatch(piece):
                numbers = self.parts.days if self._numbers is Numbers.DAYS else self.parts.thresholds
                numbers.append(piece)
                self.parts.said[-1] += f"{',' if ' ' in self.parts.said[-1] else ' '}{piece}"
            elif piece in _FILLERS:
                continue
            elif self._open == AT or (schedule_parser.is_word(piece) and not _is_too_late(piece)):
                self.parts.schedule.append(piece)
                self._open, self._numbers = "schedule", None
            else:
                self.parts.unknown.append(piece)
                self._open = ""


def _is_too_late(word: str) -> bool:
    """Return whether the word is a bare number that is no hour: more likely a percentage."""
    return word.isdigit() and int(word) >= _HOURS


def _marked(word: str) -> bool:
    """Return whether the word has a mark of a condition outside quotation marks."""
    return any(_MARK.search(each) for each in _QUOTED.split(word)[::2])


def _begins_with_mark(word: str) -> bool:
    return word.startswith((":", "=", "!="))

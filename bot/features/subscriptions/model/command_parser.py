"""`/sage subscribe KINDS [in #channel|here|me] [where FILTER] [at SCHEDULE] [as thread|digest]`, taken apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.domain import customer_filter_parser as filter_words
from bot.domain.customer_filter import EVERYONE, Codes, Filter
from bot.domain.parsing import chunks, nearest
from bot.domain.schedule import Region, Schedule
from bot.errors import BadQuestion
from bot.features.alerts.model.topics import ALERT_KINDS, DEFAULT_THRESHOLDS, MOST_THRESHOLDS, DeliveryMode, Topic
from bot.features.subscriptions.model import schedule_parser as schedule_words
from bot.features.subscriptions.model.schedule_parser import SCHEDULE_EXAMPLE

HERE, ME = "here", "me"
SUBSCRIBE_EXAMPLE = (
    "Try `/sage subscribe holds,releases in #credit-control where region:Durham`, "
    "`/sage subscribe utilisation 80,90 in me` or `/sage subscribe digest weekdays 08:30`."
)
_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|[^>]*)?>")
_KEYWORDS = {"in": "in", "to": "in", "where": "where", "at": "at", "as": "as"}
_SPELLINGS = {spelling: topic for topic, news in ALERT_KINDS.items() for spelling in (topic.value, *news.spellings)}
_EVERYTHING = {"all", "everything"}
# What can be asked for without saying more: thresholds and a schedule belong to the others.
_ALL = frozenset(Topic) - {Topic.UTILISATION, Topic.DIGEST}
_PHRASES = [(re.compile(r"\b(?:put )?on hold\b", re.I), "holds"), (re.compile(r"\bover limit\b", re.I), "over-limit")]
_DELIVERIES = {"thread": DeliveryMode.THREAD, "digest": DeliveryMode.DIGEST}


@dataclass(frozen=True, slots=True)
class SubscribeCommand:
    """A subscription asked for. `target` is "here", "me", or the channel exactly as typed: nothing is checked yet."""

    topics: frozenset[Topic]
    target: str = HERE
    filter: Filter = EVERYONE
    thresholds: tuple[int, ...] = ()
    delivery: DeliveryMode = DeliveryMode.AT_ONCE
    schedule: Schedule | None = None


def channel_id(target: str) -> str | None:
    """The id in a channel that Slack wrote as `<#C123|sales>`; None for a name that Slack left as typed."""
    found = _CHANNEL.fullmatch(target)
    return found[1] if found else None


def parse_subscribe_command(
    text: str,
    labels: Mapping[int, str],
    values: Mapping[int, Collection[str]],
    *,
    zone: str,
    region: Region | None = None,
    mine: tuple[Codes, ...] | None = None,
) -> SubscribeCommand:
    """Read what follows `/sage subscribe`; the rest is as for filters and schedules. Raises BadQuestion."""
    sections = _sections(text)
    topics, thresholds, planned = _kinds(" ".join(sections.pop("kinds", [])))
    planned += sections.pop("at", [])
    schedule = schedule_words.parse_schedule(" ".join(planned), zone=zone, region=region) if planned else None
    asked = Topic.DIGEST in topics
    delivery = _delivery(sections.pop("as", None), schedule, asked)
    if schedule is None and (asked or delivery is DeliveryMode.DIGEST):
        raise BadQuestion("I need to know when to send the digest.", hint=SCHEDULE_EXAMPLE)
    return SubscribeCommand(
        topics=topics,
        target=_target(sections.pop("in", [HERE])),
        filter=filter_words.parse_customer_filter(" ".join(sections.pop("where", [])), labels, values, mine=mine),
        thresholds=thresholds,
        delivery=delivery,
        schedule=schedule,
    )


def _sections(text: str) -> dict[str, list[str]]:
    """The words after each keyword, in whatever order the keywords come."""
    sections: dict[str, list[str]] = {}
    current = "kinds"
    for chunk in chunks(text, hint=SUBSCRIBE_EXAMPLE):
        keyword = _KEYWORDS.get(chunk.casefold())
        if current == "kinds" and _is_place(chunk):
            sections.setdefault("in", []).append(chunk)  # "holds here": people leave the "in" out
            continue
        if keyword is None:
            sections.setdefault(current, []).append(chunk)
            continue
        # "digest every monday at 9" and "at every monday at 9" are how people say it: those words go together.
        if keyword in sections and keyword != "at":
            raise BadQuestion("One of those words is there twice.", typed=chunk, hint=SUBSCRIBE_EXAMPLE)
        current = keyword
        sections.setdefault(current, [])
    for keyword, words in sections.items():
        if not words:
            raise BadQuestion("Something is missing after that word.", typed=keyword, hint=SUBSCRIBE_EXAMPLE)
    return sections


def _is_place(word: str) -> bool:
    return word.casefold() in {HERE, ME} or word.startswith(("#", "<#"))


def _kinds(text: str) -> tuple[frozenset[Topic], tuple[int, ...], list[str]]:
    """The topics, the thresholds of "utilisation" and the schedule of "digest", each right behind its word."""
    for phrase, single in _PHRASES:
        text = phrase.sub(single, text)
    topics: set[Topic] = set()
    thresholds: set[int] = set()
    planned: list[str] = []
    current: Topic | None = None
    for word in filter(None, re.split(r"[\s,]+", text.casefold())):
        if word in _SPELLINGS:
            current = _SPELLINGS[word]
            topics.add(current)
        elif word in _EVERYTHING:
            topics |= _ALL
        elif current is Topic.DIGEST:
            planned.append(word)
        elif current is Topic.UTILISATION and word[0].isdigit():
            thresholds.add(_threshold(word))
        elif word not in {"and", "%"}:
            raise BadQuestion(
                "I don't know that kind of news.",
                typed=word,
                offered=nearest(word, Topic) or list(Topic),
                hint=SUBSCRIBE_EXAMPLE,
            )
    if not topics:
        raise BadQuestion("I need the kinds of news.", offered=list(Topic), hint=SUBSCRIBE_EXAMPLE)
    if len(thresholds) > MOST_THRESHOLDS:
        raise BadQuestion(f"At most {MOST_THRESHOLDS} thresholds, please.", hint=SUBSCRIBE_EXAMPLE)
    chosen = tuple(sorted(thresholds)) or DEFAULT_THRESHOLDS
    return frozenset(topics), chosen if Topic.UTILISATION in topics else (), planned


def _threshold(word: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,2})%?", word)
    if found is None:
        raise BadQuestion("A threshold is a whole percentage from 1 to 999.", typed=word, hint=SUBSCRIBE_EXAMPLE)
    return int(found[1])


def _target(words: list[str]) -> str:
    if len(words) > 1:
        raise BadQuestion("One subscription goes to one place.", typed=" ".join(words), hint=SUBSCRIBE_EXAMPLE)
    (word,) = words
    if word.casefold() in {HERE, ME}:
        return word.casefold()
    if channel_id(word) or (word.startswith("#") and len(word) > 1):
        return word
    raise BadQuestion("That is no place I can post to.", typed=word, offered=["#channel", HERE, ME], hint="")


def _delivery(words: list[str] | None, schedule: Schedule | None, digest_asked: bool) -> DeliveryMode:
    """As asked; a time given without the kind "digest" can only mean that the news is to be gathered until then."""
    gathered = schedule is not None and not digest_asked
    if words is None:
        return DeliveryMode.DIGEST if gathered else DeliveryMode.AT_ONCE
    chosen = _DELIVERIES.get(" ".join(words).casefold())
    if chosen is None:
        raise BadQuestion(
            "I can't deliver that way.", typed=" ".join(words), offered=list(_DELIVERIES), hint=SUBSCRIBE_EXAMPLE
        )
    if gathered and chosen is not DeliveryMode.DIGEST:
        raise BadQuestion("A time goes with a digest, not with a thread.", hint=SUBSCRIBE_EXAMPLE)
    return chosen

"""The parser of `/sage subscribe KINDS [in #channel|here|me] [where FILTER] [at SCHEDULE] [as …] [ping]`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.domain.filters import customer_filter_parser as filter_words
from bot.domain.filters.customer_filter import EVERYONE, Codes, Filter
from bot.domain.filters.filter_examples import FilterExamples, examples_of
from bot.domain.schedule import Region, Schedule
from bot.domain.text.parsing import nearest
from bot.errors import BadQuestion
from bot.features.alerts.model.topics import (
    ALERT_KINDS,
    DEFAULT_DAYS,
    DEFAULT_THRESHOLDS,
    MOST_DAYS,
    MOST_THRESHOLDS,
    SCHEDULED,
    DeliveryMode,
    Topic,
)
from bot.features.subscriptions.model import schedule_parser as schedule_words
from bot.features.subscriptions.model.command_parts import HERE, ME, Numbers, Parts, place_typed, sorted_parts

_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|[^>]*)?>")
_SPELLINGS = {spelling: topic for topic, news in ALERT_KINDS.items() for spelling in (topic.value, *news.spellings)}
_EVERYTHING = {"all", "everything"}
_NUMBERS = {Topic.UTILISATION: Numbers.THRESHOLDS, Topic.OVERDUE: Numbers.DAYS}
_KINDS = {**{word: _NUMBERS.get(topic) for word, topic in _SPELLINGS.items()}, **dict.fromkeys(_EVERYTHING)}
# What can be asked for without saying more: thresholds and a schedule belong to the others.
_ALL = frozenset(Topic) - _NUMBERS.keys() - SCHEDULED
_DELIVERIES = {"thread": DeliveryMode.THREAD, "digest": DeliveryMode.DIGEST}
_USUAL_KINDS, _USUAL_SCHEDULE, _USUAL_FOR_DEBTS = "holds,releases", "weekdays 08:30", "mondays 08:00"
_LONGEST_REPEATED = 500


@dataclass(frozen=True, slots=True)
class SubscribeCommand:
    """A subscription asked for. `target` is "here", "me", or the channel exactly as typed: nothing is checked yet."""

    topics: frozenset[Topic]
    target: str = HERE
    filter: Filter = EVERYONE
    thresholds: tuple[int, ...] = ()
    delivery: DeliveryMode = DeliveryMode.AT_ONCE
    schedule: Schedule | None = None
    days: tuple[int, ...] = ()
    pings: bool = False


def channel_id(target: str) -> str | None:
    """Return the id in a channel that Slack wrote as `<#C123|sales>`; None for a name that Slack left as typed."""
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
    """Read what follows `/sage subscribe`, its parts in any order; the rest is as for filters and schedules.

    Raises BadQuestion: with the whole command, corrected, where a part is missing.
    """
    examples = examples_of(labels, values)
    parts = sorted_parts(text, _KINDS, hint=_try(examples))
    refuse = _Refusal(parts, examples)
    _finished(parts, refuse)
    topics = _kinds(parts, refuse)
    thresholds, days = _thresholds(parts, topics, refuse), _days(parts, topics, refuse)
    planned = " ".join(parts.schedule)
    schedule = schedule_words.parse_schedule(planned, zone=zone, region=region) if planned else None
    asked = not topics.isdisjoint(SCHEDULED)
    delivery = _delivery(parts, schedule, asked, refuse)
    if schedule is None and (asked or delivery is DeliveryMode.DIGEST):
        usual = _USUAL_FOR_DEBTS if Topic.DEBTS in topics else _USUAL_SCHEDULE
        raise refuse.missing("When should the digest be sent?", schedule=usual)
    return SubscribeCommand(
        topics=topics,
        target=_target(parts, refuse),
        filter=filter_words.parse_customer_filter(" ".join(parts.conditions), labels, values, mine=mine),
        thresholds=thresholds,
        days=days,
        delivery=delivery,
        schedule=schedule,
        pings=parts.pings,
    )


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Words an error with what was typed and the company's own examples."""

    parts: Parts
    examples: FilterExamples

    def missing(self, problem: str, *, typed: str = "", **missing: str) -> BadQuestion:
        """Return the error for a missing part: its hint is the whole command with the part filled in."""
        whole = self.parts.typed(**{"kinds": _USUAL_KINDS, **missing})
        if "`" in whole or len(whole) > _LONGEST_REPEATED:
            return self.misread(problem, typed=typed)
        return BadQuestion(problem, typed=typed, hint=f"Copy this and change what you like: `/sage subscribe {whole}`")

    def misread(self, problem: str, *, typed: str = "", offered: Collection[str] = ()) -> BadQuestion:
        """Return the error for a part that can't be read."""
        return BadQuestion(problem, typed=typed, offered=offered, hint=_try(self.examples))


def _try(examples: FilterExamples) -> str:
    return (
        f"Try `/sage subscribe holds,releases in #credit-control where {examples.condition}`, "
        "`/sage subscribe overdue 30,60,90 in me` or `/sage subscribe debts in #credit-control mondays 08:00`."
    )


def _finished(parts: Parts, refuse: _Refusal) -> None:
    """Raise BadQuestion where nothing follows a keyword."""
    if not parts.unfinished:
        return
    missing = {
        "where": {"condition": refuse.examples.condition},
        "at": {"schedule": _USUAL_SCHEDULE},
        "as": {"schedule": _USUAL_SCHEDULE},
    }.get(parts.unfinished, {"place": ME})
    raise refuse.missing("Something is missing after that word.", typed=parts.unfinished, **missing)


def _kinds(parts: Parts, refuse: _Refusal) -> frozenset[Topic]:
    if parts.unknown:
        word = parts.unknown[0]
        offered = nearest(word, Topic) or list(Topic)
        raise refuse.misread("There is no such kind of alert.", typed=word, offered=offered)
    topics = {_SPELLINGS[word] for word in parts.kinds if word in _SPELLINGS}
    if not _EVERYTHING.isdisjoint(parts.kinds):
        topics |= _ALL
    if not topics:
        error = refuse.missing("What should the alerts be about?")
        error.offered = tuple(Topic)
        raise error
    return frozenset(topics)


def _thresholds(parts: Parts, topics: frozenset[Topic], refuse: _Refusal) -> tuple[int, ...]:
    """Return the thresholds of "utilisation", in per cent."""
    thresholds = {_threshold(word, refuse) for word in parts.thresholds}
    if len(thresholds) > MOST_THRESHOLDS:
        raise refuse.misread(f"At most {MOST_THRESHOLDS} thresholds, please.")
    return (tuple(sorted(thresholds)) or DEFAULT_THRESHOLDS) if Topic.UTILISATION in topics else ()


def _threshold(word: str, refuse: _Refusal) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,2})%?", word)
    if found is None:
        raise refuse.misread("A threshold is a whole percentage from 1 to 999.", typed=word)
    return int(found[1])


def _days(parts: Parts, topics: frozenset[Topic], refuse: _Refusal) -> tuple[int, ...]:
    """Return the thresholds of "overdue", in days."""
    days = {_day(word, refuse) for word in parts.days}
    if len(days) > MOST_DAYS:
        raise refuse.misread(f"At most {MOST_DAYS} numbers of days, please.")
    return (tuple(sorted(days)) or DEFAULT_DAYS) if Topic.OVERDUE in topics else ()


def _day(word: str, refuse: _Refusal) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,2})(?:d|days|\+)?", word)
    if found is None:
        raise refuse.misread("Days overdue are whole days, from 1 to 999.", typed=word)
    return int(found[1])


def _target(parts: Parts, refuse: _Refusal) -> str:
    places = list(dict.fromkeys(parts.places)) or [HERE]
    if len(places) > 1:
        raise refuse.misread("One subscription goes to one place.", typed=" ".join(map(place_typed, places)))
    (word,) = places
    if word.casefold() in {HERE, ME}:
        return word.casefold()
    if channel_id(word) or (word.startswith("#") and len(word) > 1):
        return word
    raise BadQuestion("Alerts can't be posted there.", typed=word, offered=["#channel", HERE, ME], hint="")


def _delivery(parts: Parts, schedule: Schedule | None, digest_asked: bool, refuse: _Refusal) -> DeliveryMode:
    """Return the delivery that was typed; a time without one can only mean a digest."""
    gathered = schedule is not None and not digest_asked
    ways = {word.casefold() for word in parts.ways}
    if not ways:
        return DeliveryMode.DIGEST if gathered else DeliveryMode.AT_ONCE
    chosen = _DELIVERIES.get(next(iter(ways))) if len(ways) == 1 else None
    if chosen is None:
        raise refuse.misread("Alerts can't be sent that way.", typed=" ".join(parts.ways), offered=list(_DELIVERIES))
    if gathered and chosen is not DeliveryMode.DIGEST:
        raise refuse.misread("A time goes with a digest, not with a thread.")
    return chosen

"""Who is told of which changes: each change once to each target, those with the same receivers together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.changes import ChangeKind
from bot.features.alerts.model.topics import ENDINGS, Interest, Target
from bot.features.alerts.service.fan_out import FanOut
from bot.features.mirror.service.change_listener import ObservedChange

WITHOUT_A_BREAK = 2_000
"""Questions answered before members of Slack get their turn."""


@dataclass(slots=True)
class ToldAlike:
    """Changes of one kind, each with its number in the reading, and the subscriptions by which they are told.

    Of the subscriptions of one target there is one, and the order is that in which they were given.
    """

    kind: ChangeKind
    receivers: tuple[tuple[int, FanOut], ...]
    changes: list[tuple[int, ObservedChange]] = field(default_factory=list)


# Ten thousand changes told to five hundred subscriptions are five million pairs, and two groups: subscriptions that ask
# the same are asked once, and no pair is ever made.
async def told_alike(
    running: Iterable[FanOut], seen: Sequence[ObservedChange], now: datetime, snoozed: Collection[tuple[str, int]]
) -> list[ToldAlike]:
    """Return the changes that are told to subscriptions that aren't silent, grouped by their receivers.

    `snoozed` are the targets and customers of which nothing is told but what ends an earlier alert. People are not told
    in private what they did themselves.
    """
    asking = list(enumerate(running))
    interests = {kind: _interests(kind, asking) for kind in ChangeKind}
    people = {each.value.target.id for _, each in asking if each.value.target.personal}
    quiet = {customer_id for _, customer_id in snoozed}
    groups: dict[tuple[ChangeKind, tuple[Interest, ...], frozenset[Target]], ToldAlike] = {}
    tried = 0
    for number, one in enumerate(seen):
        kind, customer_id = one.change.kind, one.change.customer.customer_id
        wanting = tuple(each for each in interests[kind] if each.wants(one.change, now))
        without: frozenset[Target] = frozenset()
        if (customer_id in quiet and kind not in ENDINGS) or one.by_user in people:
            targets = (each.value.target for _, each in asking)
            without = frozenset(filter(_refuses(one, snoozed), targets))
        key = (kind, wanting, without)
        group = groups.get(key)
        if group is None:
            tried += len(asking)
            group = groups[key] = ToldAlike(kind, _receivers(asking, set(wanting), without))
        group.changes.append((number, one))
        tried += len(interests[kind]) + 1
        if tried >= WITHOUT_A_BREAK:
            tried = 0
            await asyncio.sleep(0)
    return [group for group in groups.values() if group.receivers]


def _interests(kind: ChangeKind, asking: Sequence[tuple[int, FanOut]]) -> list[Interest]:
    """Return what is asked of this kind, each once."""
    return list(dict.fromkeys(each.interest for _, each in asking if kind in each.interest.kinds))


def _refuses(one: ObservedChange, snoozed: Collection[tuple[str, int]]) -> Callable[[Target], bool]:
    """Return the test for targets that aren't told this change, whatever their subscriptions ask."""
    customer_id, is_ending = one.change.customer.customer_id, one.change.kind in ENDINGS
    return lambda target: (
        (target.personal and target.id == one.by_user) or (not is_ending and (target.id, customer_id) in snoozed)
    )


def _receivers(
    asking: Sequence[tuple[int, FanOut]], wanting: Collection[Interest], without: Collection[Target]
) -> tuple[tuple[int, FanOut], ...]:
    found: dict[Target, tuple[int, FanOut]] = {}
    for number, each in asking:
        if each.interest in wanting and each.value.target not in without:
            found.setdefault(each.value.target, (number, each))
    return tuple(found.values())

"""What a reading of Sage changes in the mirror, and which of it is news: written in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.change_json import change_facts
from bot.domain.changes import Change, ChangeKind, Snapshot, changes, utilisation
from bot.domain.customer import Customer
from bot.domain.hold_episode import HoldEpisode, follow
from bot.features.mirror.service.attribution import HOLD_KINDS, authors_of
from bot.features.mirror.service.change_listener import ObservedChange
from bot.features.mirror.service.rows import CompanyKey, customer_of, differs, row_of
from storage import hold_episodes as stays
from storage import mirrored_customers as mirror
from storage.tables.alerts import HoldEpisodeRow as StoredEpisode

# Members of Slack are answered in between: a bulk hold keeps the event loop busy for seconds.
_WITHOUT_A_BREAK = 250


@dataclass(frozen=True, slots=True)
class Reading:
    """Customers as Sage has them now, and the ids of those it no longer has. `reasons` were read apart.

    `is_first`: nothing is stored of them yet, so it isn't looked for.
    """

    customers: Sequence[Customer]
    gone: Collection[int] = ()
    reasons: Mapping[int, str] = field(default_factory=dict)
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """One account from one reading to the next."""

    before: Snapshot | None
    after: Snapshot | None
    changes: tuple[Change, ...]
    row: Mapping[str, Any] | None

    @property
    def customer_id(self) -> int:
        """Whose."""
        known = self.after or self.before
        assert known is not None  # noqa: S101 - a step is from or to something
        return known.customer_id

    @property
    def flipped(self) -> Change | None:
        """Its going on hold or coming off it."""
        return next((each for each in self.changes if each.kind in HOLD_KINDS), None)


async def apply_reading(
    tx: AsyncSession, books: CompanyKey, reading: Reading, *, thresholds: Collection[int], now: datetime
) -> list[ObservedChange]:
    """Bring the mirror to what was read; the changes, written down, in order of customer and none of them twice."""
    ids = {customer.id for customer in reading.customers} | set(reading.gone)
    stored = {} if reading.is_first else await mirror.with_ids(tx, **books.named, ids=ids)
    steps: list[_Step] = []
    ordered = sorted(reading.customers, key=lambda customer: customer.id)
    for start in range(0, len(ordered), _WITHOUT_A_BREAK):
        chunk = ordered[start : start + _WITHOUT_A_BREAK]
        steps += _steps(books, chunk, reading.reasons, stored, thresholds=thresholds, now=now)
        await asyncio.sleep(0)
    steps += _losses(sorted(set(reading.gone) & stored.keys()), stored)
    await mirror.write(tx, [step.row for step in steps if step.row is not None])
    await mirror.remove(tx, **books.named, ids=[step.customer_id for step in steps if step.row is None])
    flips = {step.customer_id: step.after for step in steps if step.flipped is not None and step.after is not None}
    authors = await authors_of(tx, books, flips, now=now)
    numbers = await _follow(tx, books, steps, authors, now=now)
    return await _write_down(tx, books, steps, numbers, authors, now=now)


def _steps(
    books: CompanyKey,
    customers: Iterable[Customer],
    reasons: Mapping[int, str],
    stored: Mapping[int, mirror.Stored],
    *,
    thresholds: Collection[int],
    now: datetime,
) -> Iterable[_Step]:
    """Only the accounts that differ from what is stored."""
    for customer in customers:
        old = stored.get(customer.id)
        fired_thresholds = old["fired_thresholds"] if old is not None else ()
        row = row_of(
            customer, books, reason=_reason(customer, old, reasons), fired_thresholds=fired_thresholds, now=now
        )
        if old is not None and not thresholds and not differs(old, row):
            continue
        before = Snapshot.of(customer_of(old)) if old is not None else None
        after = Snapshot.of(customer_of(row))
        row["fired_thresholds"] = sorted(utilisation(before, after, thresholds, fired_thresholds)[1])
        if old is None or differs(old, row):
            yield _Step(
                before, after, changes(before, after, thresholds=thresholds, fired_thresholds=fired_thresholds), row
            )


def _losses(ids: Iterable[int], stored: Mapping[int, mirror.Stored]) -> Iterable[_Step]:
    for customer_id in ids:
        before = Snapshot.of(customer_of(stored[customer_id]))
        yield _Step(before, None, changes(before, None), None)


def _reason(customer: Customer, old: mirror.Stored | None, reasons: Mapping[int, str]) -> str | None:
    """The one just read; else the one from before, as long as the hold is the same."""
    if customer.id in reasons:
        return reasons[customer.id]
    return old["status_reason"] if old is not None and old["on_hold"] == customer.on_hold else None


async def _follow(
    tx: AsyncSession, books: CompanyKey, steps: Sequence[_Step], authors: Mapping[int, str], *, now: datetime
) -> dict[int, int]:
    """Open, close and annotate episodes; the episode that each account's changes belong to."""
    concerned = [step for step in steps if any(side is not None and side.on_hold for side in (step.before, step.after))]
    rows = await stays.open_of(tx, **books.named, ids=[step.customer_id for step in concerned])
    opened: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for step in concerned:
        row = rows.get(step.customer_id)
        was = _episode(row) if row is not None else None
        episode = follow(was, step.before, step.after, now)
        if episode is None or episode == was:
            continue
        who = authors.get(step.customer_id)
        if row is None:
            opened.append({"customer_id": step.customer_id, "opened_by": who, "closed_by": None, **_columns(episode)})
        else:
            closed_by = who if episode.closed_at is not None else None
            changed.append({"id": row.id, "closed_by": closed_by, **_columns(episode)})
    numbers = await stays.open_many(tx, **books.named, episodes=opened)
    await stays.rewrite(tx, **books.named, episodes=changed)
    return {**{customer_id: row.id for customer_id, row in rows.items()}, **numbers}


async def _write_down(
    tx: AsyncSession,
    books: CompanyKey,
    steps: Sequence[_Step],
    numbers: Mapping[int, int],
    authors: Mapping[int, str],
    *,
    now: datetime,
) -> list[ObservedChange]:
    seen: list[ObservedChange] = []
    found = [(step.customer_id, change) for step in steps for change in step.changes]
    for start in range(0, len(found), _WITHOUT_A_BREAK):
        chunk = found[start : start + _WITHOUT_A_BREAK]
        places = [_episode_of(change, numbers.get(number)) for number, change in chunk]
        rows = [
            {
                "customer_id": number,
                "kind": change.kind.value,
                "seen_at": now,
                "by_user": _author(number, change, authors),
                "episode_id": place,
                "facts": change_facts(change),
            }
            for (number, change), place in zip(chunk, places, strict=True)
        ]
        ids = await stays.write_changes(tx, **books.named, changes=rows)
        seen += [
            ObservedChange(
                id=each, change=change, seen_at=now, episode_id=place, by_user=_author(number, change, authors)
            )
            for each, (number, change), place in zip(ids, chunk, places, strict=True)
        ]
    return seen


def _author(customer_id: int, change: Change, authors: Mapping[int, str]) -> str | None:
    """People put on hold and release; what else happens to an account in the meantime is not their doing."""
    return authors.get(customer_id) if change.kind in HOLD_KINDS else None


def _episode_of(change: Change, number: int | None) -> int | None:
    """An account that isn't on hold has no episode, but its release belongs to the one that it ends."""
    return number if change.kind is ChangeKind.RELEASED or change.customer.on_hold else None


def _episode(row: StoredEpisode) -> HoldEpisode:
    return HoldEpisode(row.opened_at, row.closed_at, row.reason, row.ending, row.already_held)


def _columns(episode: HoldEpisode) -> dict[str, Any]:
    return {
        "opened_at": episode.opened_at,
        "closed_at": episode.closed_at,
        "reason": episode.reason,
        "ending": episode.ending,
        "already_held": episode.already_held,
    }

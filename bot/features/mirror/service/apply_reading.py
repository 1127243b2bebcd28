"""Application of a reading of Sage to the mirror: rows, hold episodes and the change log, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain, compress
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.changes import Change, ChangeKind, Snapshot, changes, utilisation
from bot.domain.customer import Customer, Values, values_of
from bot.domain.hold_episode import HoldEpisode, follow
from bot.domain.json_column import CHANGE_JSON
from bot.features.access.service.sessions import policy_from
from bot.features.mirror.service.attribution import HOLD_KINDS, askers_of, authors_of
from bot.features.mirror.service.change_listener import ObservedChange
from bot.features.mirror.service.rows import CompanyKey, as_rows, columns_of, differs, rows_of, snapshot_of
from storage.queries import settings
from storage.queries.mirror import hold_episodes, mirror_state, mirrored_customers, open_items
from storage.tables.alerts import LIVE, HoldEpisodeRow

# A bulk hold takes seconds, and Slack must be answered meanwhile. So many customers are applied at once: most of the
# statements wait for the database, which gives others their turn.
_AT_ONCE = 500
# Rows between two yields to the event loop where nothing is waited for.
_WITHOUT_A_BREAK = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """Customers as Sage has them now, and the ids of those it no longer has. `reasons` were read apart."""

    customers: Sequence[Customer]
    gone: Collection[int] = ()
    reasons: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Step:
    """One customer before and after a reading."""

    before: Snapshot | None
    after: Snapshot | None
    changes: tuple[Change, ...]
    row: Mapping[str, Any] | None

    @property
    def customer_id(self) -> int:
        """Return the customer's id."""
        known = self.after or self.before
        assert known is not None  # noqa: S101 - a step is from or to something
        return known.customer_id

    @property
    def flipped(self) -> Change | None:
        """Return the change that put the customer on hold or released them; None if there is none."""
        return next((each for each in self.changes if each.kind in HOLD_KINDS), None)


async def apply_reading(
    tx: AsyncSession, company: CompanyKey, reading: Reading, *, thresholds: Collection[int], now: datetime
) -> list[ObservedChange]:
    """Bring the mirror to what was read. Return the stored changes, in order of customer, each once."""
    ordered = sorted(reading.customers, key=lambda customer: customer.id)
    parts = [ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE)] or [[]]
    seen: list[ObservedChange] = []
    for number, part in enumerate(parts, 1):
        gone = reading.gone if number == len(parts) else ()
        seen += await _apply(tx, company, Reading(part, gone, reading.reasons), thresholds=thresholds, now=now)
    return seen


async def _apply(
    tx: AsyncSession, company: CompanyKey, reading: Reading, *, thresholds: Collection[int], now: datetime
) -> list[ObservedChange]:
    """Apply one part of a reading, whose customers are in order."""
    ids = {customer.id for customer in reading.customers} | set(reading.gone)
    stored = await mirrored_customers.with_ids(tx, **company.named, ids=ids)
    steps: list[_Step] = []
    for start in range(0, len(reading.customers), _WITHOUT_A_BREAK):
        chunk = reading.customers[start : start + _WITHOUT_A_BREAK]
        steps += _steps(company, chunk, reading.reasons, stored, thresholds=thresholds, now=now)
        await asyncio.sleep(0)
    steps += _deletions(sorted(set(reading.gone) & stored.keys()), stored)
    await mirrored_customers.write(tx, [step.row for step in steps if step.row is not None], stored=stored)
    await mirrored_customers.remove(tx, **company.named, ids=[step.customer_id for step in steps if step.row is None])
    flips = {step.customer_id: step.after for step in steps if step.flipped is not None and step.after is not None}
    authors = await authors_of(tx, company, flips, now=now)
    episode_ids = await _follow(tx, company, steps, authors, now=now)
    askers = await askers_of(tx, company, authors, flips, now=now)
    seen = await _write_down(tx, company, steps, episode_ids, authors, now=now)
    return [replace(each, asked_by=_author(each.change.customer.customer_id, each.change, askers)) for each in seen]


async def apply_first(
    tx: AsyncSession,
    company: CompanyKey,
    customers: Sequence[Values],
    *,
    thresholds: Collection[int],
    are_new: bool,
    now: datetime,
) -> None:
    """Store customers that are read for the first time, which is no news. `are_new`: no row of them is stored."""
    parts: list[dict[str, Sequence[Any]]] = []
    held: list[_Step] = []
    for start in range(0, len(customers), _WITHOUT_A_BREAK):
        part = columns_of(customers[start : start + _WITHOUT_A_BREAK], company, now=now)
        parts.append(part)
        snapshots = _snapshots(part, [True] * len(part["on_hold"]) if thresholds else part["on_hold"])
        if thresholds:
            part["fired_thresholds"] = [sorted(utilisation(None, each, thresholds, ())[1]) for each in snapshots]
        held += [_Step(None, each, (), {}) for each in snapshots if each.on_hold]
        await asyncio.sleep(0)
    if not parts:
        return
    columns = {name: list(chain.from_iterable(part[name] for part in parts)) for name in parts[0]}
    if are_new:
        await mirrored_customers.add(tx, **company.named, columns=columns)
    else:
        await mirrored_customers.write(tx, as_rows(columns))
    await _follow(tx, company, held, {}, now=now)


def _snapshots(columns: Mapping[str, Sequence[Any]], wanted: Sequence[bool]) -> list[Snapshot]:
    """Return what lists and news are made of, of the rows wanted."""
    if not any(wanted):
        return []
    return list(map(snapshot_of, as_rows({name: list(compress(each, wanted)) for name, each in columns.items()})))


def _steps(
    company: CompanyKey,
    customers: Sequence[Customer],
    reasons: Mapping[int, str],
    stored: Mapping[int, mirrored_customers.Stored],
    *,
    thresholds: Collection[int],
    now: datetime,
) -> Iterable[_Step]:
    """Yield the customers that differ from their stored rows."""
    known = [stored.get(customer.id) for customer in customers]
    rows = rows_of(list(map(values_of, customers)), company, reasons=reasons, stored=known, now=now)
    for row, old in zip(rows, known, strict=True):
        fired_thresholds = row["fired_thresholds"]
        if old is not None and not thresholds and not differs(old, row):
            continue
        before = snapshot_of(old) if old is not None else None
        after = snapshot_of(row)
        row["fired_thresholds"] = sorted(utilisation(before, after, thresholds, fired_thresholds)[1])
        if old is None or differs(old, row):
            yield _Step(
                before, after, changes(before, after, thresholds=thresholds, fired_thresholds=fired_thresholds), row
            )


def _deletions(ids: Iterable[int], stored: Mapping[int, mirrored_customers.Stored]) -> Iterable[_Step]:
    """Yield the stored customers that Sage no longer has."""
    for customer_id in ids:
        before = snapshot_of(stored[customer_id])
        yield _Step(before, None, changes(before, None), None)


async def _follow(
    tx: AsyncSession, company: CompanyKey, steps: Sequence[_Step], authors: Mapping[int, str], *, now: datetime
) -> dict[int, int]:
    """Open, close and annotate hold episodes. Return the id of each customer's episode."""
    concerned = [step for step in steps if any(side is not None and side.on_hold for side in (step.before, step.after))]
    rows = await hold_episodes.open_of(tx, **company.named, ids=[step.customer_id for step in concerned])
    opened: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for step in concerned:
        row = rows.get(step.customer_id)
        before_episode = _episode(row) if row is not None else None
        episode = follow(before_episode, step.before, step.after, now)
        if episode is None or episode == before_episode:
            continue
        author = authors.get(step.customer_id)
        if row is None:
            opened.append(
                {"customer_id": step.customer_id, "opened_by": author, "closed_by": None, **_columns(episode)}
            )
        else:
            closed_by = author if episode.closed_at is not None else None
            changed.append({"id": row.id, "closed_by": closed_by, **_columns(episode)})
    overdue = await _overdue(tx, company, [each["customer_id"] for each in opened if not each["already_held"]], now=now)
    opened = [{**each, "overdue": overdue.get(each["customer_id"])} for each in opened]
    episode_ids = await hold_episodes.open_many(tx, **company.named, episodes=opened)
    await hold_episodes.rewrite(tx, **company.named, episodes=changed)
    return {**{customer_id: row.id for customer_id, row in rows.items()}, **episode_ids}


async def _overdue(
    tx: AsyncSession, company: CompanyKey, ids: Collection[int], *, now: datetime
) -> Mapping[int, Decimal]:
    """Return what is overdue of customers that were just put on hold; empty where the open items aren't known."""
    state = await mirror_state.of_company(tx, **company.named) if ids else None
    if state is None or state.items_phase != LIVE:
        return {}
    policy = policy_from(await settings.of_workspace(tx, workspace_id=company.workspace_id))
    today = policy.day_of(now)
    late = await open_items.overdue_of(tx, **company.named, ids=ids, today=today)
    return {number: late[number][0] if number in late else Decimal(0) for number in ids}


async def _write_down(
    tx: AsyncSession,
    company: CompanyKey,
    steps: Sequence[_Step],
    episode_ids: Mapping[int, int],
    authors: Mapping[int, str],
    *,
    now: datetime,
) -> list[ObservedChange]:
    """Store the changes. Return them with their ids."""
    seen: list[ObservedChange] = []
    found = [(step.customer_id, change) for step in steps for change in step.changes]
    for start in range(0, len(found), _WITHOUT_A_BREAK):
        chunk = found[start : start + _WITHOUT_A_BREAK]
        episode_ids_of = [_episode_of(change, episode_ids.get(number)) for number, change in chunk]
        rows = [
            {
                "customer_id": number,
                "kind": change.kind.value,
                "seen_at": now,
                "by_user": _author(number, change, authors),
                "episode_id": episode_id,
                "facts": CHANGE_JSON.write(change),
            }
            for (number, change), episode_id in zip(chunk, episode_ids_of, strict=True)
        ]
        ids = await hold_episodes.write_changes(tx, **company.named, changes=rows)
        seen += [
            ObservedChange(
                id=each, change=change, seen_at=now, episode_id=episode_id, by_user=_author(number, change, authors)
            )
            for each, (number, change), episode_id in zip(ids, chunk, episode_ids_of, strict=True)
        ]
    return seen


def _author(customer_id: int, change: Change, authors: Mapping[int, str]) -> str | None:
    """Return who made a hold change through us; None for other kinds of change, which have no author."""
    return authors.get(customer_id) if change.kind in HOLD_KINDS else None


def _episode_of(change: Change, number: int | None) -> int | None:
    """Return the episode of a change: the open one, or for a release the one that it ends."""
    return number if change.kind is ChangeKind.RELEASED or change.customer.on_hold else None


def _episode(row: HoldEpisodeRow) -> HoldEpisode:
    return HoldEpisode(row.opened_at, row.closed_at, row.reason, row.ending, row.already_held)


def _columns(episode: HoldEpisode) -> dict[str, Any]:
    return {
        "opened_at": episode.opened_at,
        "closed_at": episode.closed_at,
        "reason": episode.reason,
        "ending": episode.ending,
        "already_held": episode.already_held,
    }

"""Composes an alert from its outbox row when the alert is about to be sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.changes import Change, ChangeKind
from bot.domain.filters.customer_filter import Filter, Matcher, codes_from
from bot.domain.hold_episode import HoldEpisode
from bot.domain.json_column import CHANGE_JSON, FILTER_JSON
from bot.domain.money import Currency
from bot.features.access.model.authorization import Decision, Shown
from bot.features.alerts.model.disclosure import DEBTS, MORE_THAN_STATUS, NOT_SHOWN, may_tell
from bot.features.alerts.model.messages import (
    MOST_LINES,
    MOST_RELEASED,
    ChangeAlert,
    DebtsDigest,
    Digest,
    GapReport,
    MessageKind,
    News,
    SummaryAlert,
)
from bot.features.alerts.model.topics import passed
from bot.features.alerts.service.debts_digest import debts_digest
from bot.features.alerts.service.fan_out import subscription_of
from bot.features.alerts.service.held_account import held_account_of
from bot.features.customers.service.conditions import condition_of
from bot.features.mirror.service.rows import snapshot_of
from storage.queries.access import roles
from storage.queries.alerts import targets
from storage.queries.mirror import held_accounts, hold_episodes
from storage.queries.mirror import mirrored_customers as mirror
from storage.queries.mirror.customer_condition import CustomerCondition
from storage.tables import alerts as news_models
from storage.tables.alerts import OutboxRow, SubscriptionRow

_PUNCTUAL = timedelta(minutes=5)
"""A list that comes later than this after its time says so."""


Episodes = Mapping[tuple[str, int], tuple[HoldEpisode | None, Mapping[str, int]]]
"""By (workspace id, episode id): the episode, None if there is none any more, and what came during it, by kind."""


async def episodes_of(tx: AsyncSession, rows: Iterable[OutboxRow]) -> Episodes:
    """Return the hold episodes of these outbox rows."""
    ids = {(row.workspace_id, row.episode_id) for row in rows if row.episode_id is not None}
    if not ids:
        return {}
    stored = await hold_episodes.by_ids(tx, ids=ids)
    within = await hold_episodes.changes_within(tx, ids=ids)
    return {each: (_episode(stored[each]) if each in stored else None, within[each]) for each in ids}


async def compose_alert(
    tx: AsyncSession,
    row: OutboxRow,
    subscription: SubscriptionRow,
    decision: Decision,
    *,
    episodes: Episodes,
    now: datetime,
) -> News:
    """Return the news of this row, limited to the customers that `decision.only` lets the readers know of.

    Raises KeyError or ValueError for a row whose facts can't be read.
    """
    facts = row.facts
    if row.kind == MessageKind.CHANGE:
        return _change(row, subscription, episodes, now=now)
    if row.kind == MessageKind.SUMMARY:
        customers = await _theirs(tx, row, subscription, decision)
        names = tuple((str(each["reference"]), str(each["name"])) for each in customers)
        count = facts["count"] if await _counts_theirs(tx, subscription, decision) else None
        return SummaryAlert(ChangeKind(facts["kind"]), count, names, _moment(facts["seen_at"]), facts.get("by_user"))
    if row.kind == MessageKind.DIGEST:
        chosen = await _filter(tx, subscription)
        digest = await _digest(tx, facts, subscription, chosen, decision, now=now)
        return replace(
            digest,
            counts=_told_counts(digest.counts, decision),
            gathered=tuple(each for each in digest.gathered if _is_told(each[0], decision)),
            is_counted=await _counts_theirs(tx, subscription, decision),
        )
    if row.kind == MessageKind.DEBTS:
        return await debts_digest(tx, facts, subscription, await _filter(tx, subscription), decision, now=now)
    if row.kind in {MessageKind.GAP, MessageKind.WAITED}:
        reason = str(facts["reason"]) if row.kind == MessageKind.WAITED else ""
        counts = _told_counts(facts["counts"], decision)
        whole = await _counts_theirs(tx, subscription, decision)
        return GapReport(_moment(facts["since"]), _moment(facts["until"]), counts, reason, is_counted=whole)
    raise ValueError(f"no such kind of delivery: {row.kind}")


def disclosed(news: News, subscription: SubscriptionRow, decision: Decision) -> Shown | str:
    """Return how much of the news is shown or, in words, why the news is dropped."""
    change = news.change if isinstance(news, ChangeAlert) else None
    shown = decision.shown_of(change.customer.analysis) if change is not None else decision.shown
    if shown is None:
        return "not one of their customers"
    chosen = FILTER_JSON.read(subscription.filter)
    if isinstance(news, ChangeAlert):
        told = may_tell(news.change.kind.value, chosen, shown, passed=news.passed, is_first=news.is_first)
    else:
        kind = news.kind.value if isinstance(news, SummaryAlert) else DEBTS if isinstance(news, DebtsDigest) else ""
        told = may_tell(kind, chosen, shown)
    return shown if told else NOT_SHOWN


def silence(subscription: SubscriptionRow, now: datetime) -> str:
    """Return why the subscription is silent (`paused` or `muted`); empty while it runs."""
    if subscription.paused_reason:
        return "paused"
    return "muted" if subscription.muted_until is not None and subscription.muted_until > now else ""


def _is_told(kind: str, decision: Decision) -> bool:
    return decision.shown is not Shown.STATUS or kind not in MORE_THAN_STATUS


def _told_counts(counts: Mapping[str, int], decision: Decision) -> dict[str, int]:
    return {kind: count for kind, count in counts.items() if _is_told(kind, decision)}


async def _counts_theirs(tx: AsyncSession, subscription: SubscriptionRow, decision: Decision) -> bool:
    """Return whether all that was counted are the readers' own customers: numbers are kept without customers."""
    return decision.only is None or (await _filter(tx, subscription)).mine == decision.only


def _change(row: OutboxRow, subscription: SubscriptionRow, episodes: Episodes, *, now: datetime) -> ChangeAlert:
    change = CHANGE_JSON.read(row.facts)
    wanted = subscription_of(subscription)
    asked = subscription.days if change.kind is ChangeKind.OVERDUE else ()
    nothing: tuple[None, dict[str, int]] = (None, {})
    stay, within = episodes[row.workspace_id, row.episode_id] if row.episode_id is not None else nothing
    return ChangeAlert(
        change=change,
        seen_at=_moment(row.facts["seen_at"]),
        by_user=row.facts.get("by_user"),
        is_known=row.is_personal and row.facts.get("asked_by") == row.target_id,
        episode=stay,
        days_held=stay.days_held(now, ZoneInfo(subscription.zone)) if stay is not None else None,
        passed=passed(wanted, change) or max(change.crossed, default=None),
        is_first=not asked or min(asked) in change.crossed,
        within=within,
        company_pk=subscription.company_pk,
        pings=subscription.pings,
        number=subscription.number if subscription.is_default else 0,
    )


async def _digest(
    tx: AsyncSession,
    facts: Mapping[str, Any],
    subscription: SubscriptionRow,
    chosen: Filter,
    decision: Decision,
    *,
    now: datetime,
) -> Digest:
    since = _moment(facts["since"]) if facts.get("since") else None
    due_at, begin = _moment(facts["due_at"]), int(facts.get("begin", 0))
    own = Matcher(Filter(mine=decision.only))
    changes = [CHANGE_JSON.read(each) for each in facts.get("changes") or ()]
    digest = Digest(
        held=(),
        due_at=due_at,
        since=since,
        late_by=now - due_at if facts.get("late") or now - due_at > _PUNCTUAL else timedelta(),
        as_of=await targets.read_at(tx, company_pk=subscription.company_pk),
        begin=begin,
        is_listed=facts.get("list") is not False,
        counts=dict(facts.get("counts") or {}),
        gathered=tuple(_named(each) for each in changes if own.fits(each.customer)),
    )
    wanted = condition_of(chosen, decision.only)
    return await _listed(tx, digest, subscription, wanted, decision, now=now) if digest.is_listed else digest


async def _listed(
    tx: AsyncSession,
    digest: Digest,
    subscription: SubscriptionRow,
    wanted: CustomerCondition,
    decision: Decision,
    *,
    now: datetime,
) -> Digest:
    """Return the digest with the accounts on hold from number `begin` on, and those released since the last digest."""
    whose: dict[str, Any] = {
        "workspace_id": subscription.workspace_id,
        "company_pk": subscription.company_pk,
        "wanted": wanted,
    }
    since, zone = digest.since, subscription.zone
    count, new = await held_accounts.counts(tx, **whose, since=since)
    rows = await held_accounts.page(
        tx,
        **whose,
        now=now,
        zone=zone,
        # Where figures aren't shown, the order must not tell who owes the most.
        by_debt=decision.shown is Shown.FIGURES,
        offset=digest.begin,
        limit=MOST_LINES,
    )
    digest = replace(
        digest,
        held=tuple(held_account_of(row, now, ZoneInfo(zone), since=since) for row in rows),
        count=count,
        new=new,
        sums=await _sums(tx, whose),
        company_pk=subscription.company_pk,
    )
    if since is None:
        return digest
    released, first = await held_accounts.released(tx, **whose, since=since, until=now, limit=MOST_RELEASED)
    return replace(digest, released=tuple((row.reference, row.name) for row in first), released_count=released)


async def _sums(tx: AsyncSession, whose: dict[str, Any]) -> tuple[tuple[Currency, Decimal], ...]:
    found = await held_accounts.totals(tx, **whose)
    known = [(Currency(row.currency_iso, row.currency_symbol), row.total) for row in found if row.with_balance]
    # Sterling first, as in every list.
    return tuple(sorted(known, key=lambda each: (each[0].iso != "GBP", each[0].iso)))


def _named(change: Change) -> tuple[str, str, str]:
    return change.kind.value, change.customer.reference, change.customer.name


async def _filter(tx: AsyncSession, subscription: SubscriptionRow) -> Filter:
    """Return the filter; "mine" are the owner's customers as an admin set them today, else as first stored."""
    chosen = FILTER_JSON.read(subscription.filter)
    if chosen.mine is None:
        return chosen
    workspace_id, company_pk, owner = subscription.workspace_id, subscription.company_pk, subscription.owner
    kept = await roles.codes_of_user(tx, workspace_id=workspace_id, company_pk=company_pk, user_id=owner)
    return replace(chosen, mine=codes_from(kept) or chosen.mine)


async def _theirs(
    tx: AsyncSession, row: OutboxRow, subscription: SubscriptionRow, decision: Decision
) -> list[Mapping[str, Any]]:
    """Return the first customers of a summary that the readers may know of, by the mirror's analysis codes."""
    named: list[Mapping[str, Any]] = list(row.facts["customers"])
    if decision.only is None:
        return named
    ids = [int(each["customer_id"]) for each in named]
    known = await mirror.with_ids(tx, workspace_id=row.workspace_id, company_pk=subscription.company_pk, ids=ids)
    own = Matcher(Filter(mine=decision.only))
    fitting = {key for key, each in known.items() if own.fits(snapshot_of(each))}
    return [each for each in named if int(each["customer_id"]) in fitting]


def _episode(row: news_models.HoldEpisodeRow) -> HoldEpisode:
    return HoldEpisode(row.opened_at, row.closed_at, row.reason, row.ending, row.already_held)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)

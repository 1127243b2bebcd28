"""What is on its way to Slack: the rows of one target are posted in the order they were written, by one process."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from storage.many_rows import add_rows
from storage.queries import leases
from storage.statements import Listed, changed, in_turn, inserting, one, table_of
from storage.tables.alerts import LiveCard, OutboxRow, SubscriptionRow, notice_target
from storage.tables.core import LeaseRow

_FRESH: dict[str, Any] = {"populate_existing": True}
_FREE: dict[str, Any] = {"claimed_by": None, "claimed_until": None}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed row with its subscription, which a notice has none of.

    `in_doubt`: an earlier claim of the row ended without a result, so that the message may stand in Slack already.
    """

    row: OutboxRow
    subscription: SubscriptionRow | None
    in_doubt: bool


async def add(
    tx: AsyncSession,
    *,
    workspace_id: str,
    target_id: str,
    is_personal: bool,
    kind: str,
    facts: Mapping[str, Any],
    dedupe_key: str,
    now: datetime,
    due_at: datetime | None,
    **more: Any,
) -> bool:
    """Write a row due at `due_at`; None: for a digest to gather. False: the workspace has that dedupe key already.

    `more` are the columns that only alerts have, or only notices.
    """
    whose = {"workspace_id": workspace_id, "target_id": target_id, "is_personal": is_personal, **more}
    said = {"kind": kind, "facts": dict(facts), "dedupe_key": dedupe_key}
    insert = inserting(tx, OutboxRow).values(**whose, **said, created_at=now, due_at=due_at, attempts=0)
    statement = insert.on_conflict_do_nothing(index_elements=["workspace_id", "dedupe_key"]).returning(OutboxRow.id)
    return (await tx.execute(statement)).scalar_one_or_none() is not None


async def add_all(tx: AsyncSession, rows: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Write rows, all of the same columns, in their order; those whose workspace has the dedupe key are passed over."""
    # The facts of one change, which many targets are told, become JSON once.
    written = [{**row, "created_at": now, "attempts": 0} for row in rows]
    await add_rows(tx, OutboxRow, written, unless=("workspace_id", "dedupe_key"))


async def add_notice(
    tx: AsyncSession,
    *,
    workspace_id: str,
    user_id: str,
    kind: str,
    facts: Mapping[str, str],
    dedupe_key: str,
    now: datetime,
    company_pk: int | None,
    place: tuple[str, str] | None = None,
) -> bool:
    """Write a notice to a person, due now; `place` (channel, ts) is the message to edit. False: told before.

    By `company_pk` the erasure of a customer of that company finds it: None only where no customer is named.
    """
    whose: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk, "now": now}
    row = _notice(user_id, facts, dedupe_key, kind=kind, place=place, **whose)
    return await add(tx, **row, now=now)


async def add_notices(
    tx: AsyncSession,
    notices: Sequence[tuple[str, Mapping[str, str], str]],
    *,
    workspace_id: str,
    kind: str,
    now: datetime,
    company_pk: int | None,
) -> None:
    """Write notices of one kind, each a user id, facts and a dedupe key, as `add_notice` writes one."""
    alike: dict[str, Any] = {"workspace_id": workspace_id, "kind": kind, "now": now, "company_pk": company_pk}
    await add_all(tx, [_notice(*each, **alike) for each in notices], now=now)


def _notice(
    user_id: str,
    facts: Mapping[str, str],
    dedupe_key: str,
    *,
    workspace_id: str,
    kind: str,
    now: datetime,
    company_pk: int | None,
    place: tuple[str, str] | None = None,
) -> dict[str, Any]:
    channel, ts = place or (None, None)
    to: dict[str, Any] = {"workspace_id": workspace_id, "target_id": notice_target(user_id), "is_personal": True}
    said: dict[str, Any] = {"kind": kind, "facts": dict(facts), "dedupe_key": dedupe_key, "due_at": now}
    return {**to, **said, "channel": channel, "message_ts": ts, "company_pk": company_pk}


async def add_edit(
    tx: AsyncSession,
    of: OutboxRow,
    place: tuple[str, str],
    *,
    kind: str,
    facts: Mapping[str, Any],
    dedupe_key: str,
    now: datetime,
) -> bool:
    """Write an edit, due now, of a notice's message at `place` (channel, ts), to the target of that notice."""
    to: dict[str, Any] = {"workspace_id": of.workspace_id, "target_id": of.target_id, "is_personal": of.is_personal}
    said: dict[str, Any] = {"kind": kind, "facts": facts, "dedupe_key": dedupe_key}
    more: dict[str, Any] = {"channel": place[0], "message_ts": place[1], "company_pk": of.company_pk}
    return await add(tx, **to, **said, now=now, due_at=now, **more)


@dataclass(frozen=True, slots=True)
class Turn:
    """The posting to one target by one owner, who is the only one while the turn lasts."""

    workspace_id: str
    target_id: str
    owner: str

    @property
    def lease(self) -> str:
        """Return the name of the turn's lease."""
        return f"post:{self.workspace_id}:{self.target_id}"


async def due_targets(tx: AsyncSession, *, now: datetime, barred: Collection[str], limit: int) -> list[tuple[str, str]]:
    """Return (workspace id, target id) where a row is due and no process holds the turn. A hint: `claim` decides.

    `barred` are the reasons for which a paused subscription's rows wait, without holding up other rows of the target.
    """
    name = literal("post:") + OutboxRow.workspace_id + ":" + OutboxRow.target_id
    statement = (
        select(OutboxRow.workspace_id, OutboxRow.target_id)
        .outerjoin(SubscriptionRow, SubscriptionRow.id == OutboxRow.subscription_id)
        .where(OutboxRow.due_at <= now, _runs(barred))
        .where(~select(LeaseRow.name).where(LeaseRow.name == name, LeaseRow.until > now).exists())
        .group_by(OutboxRow.workspace_id, OutboxRow.target_id)
        .order_by(in_turn(OutboxRow.workspace_id, func.min(OutboxRow.id)), func.min(OutboxRow.id))
        .limit(limit)
    )
    return [(row.workspace_id, row.target_id) for row in await tx.execute(statement)]


async def end_turns(tx: AsyncSession, ended: Mapping[Turn, datetime]) -> None:
    """Give up turns; no process, the owner included, takes one again before its moment."""
    if ended:
        # Of two turns for one target, the first is the one that may have been taken.
        named = {turn.lease: (turn.owner, until) for turn, until in reversed(list(ended.items()))}
        await leases.end_each(tx, named)


async def claim(
    tx: AsyncSession, turns: Sequence[Turn], *, now: datetime, until: datetime, barred: Collection[str]
) -> list[Claimed | datetime | None]:
    """Take the turns until `until` and claim the oldest open row of each target, counting the attempt.

    For each turn, return when that row is due if that is later than now, and None if no row is open or another owner
    has the turn. A row that was put off holds up those behind it.
    """
    wanted = {turn.lease: turn for turn in reversed(turns)}  # of two for one target, the first
    owners = {lease: turn.owner for lease, turn in wanted.items()}
    taken = await leases.take_each(tx, owners, now=now, until=until)
    mine = [wanted[lease] for lease in sorted(taken)]
    if not mine:
        return [None] * len(turns)
    asked, oldest = _OLDEST[tx.get_bind().dialect.name]
    given = {**asked.given([(turn.workspace_id, turn.target_id) for turn in mine]), "barred": [*barred]}
    found: dict[str, Claimed | datetime] = {}
    for row, subscription in (await tx.execute(oldest, given, execution_options=_FRESH)).all():
        lease = Turn(row.workspace_id, row.target_id, "").lease
        later = row.due_at if row.due_at is not None and row.due_at > now else None
        found[lease] = later or Claimed(row, subscription, row.claimed_by is not None)
    due = {lease: each.row for lease, each in found.items() if isinstance(each, Claimed)}
    if due:
        listed, claim_each = _CLAIM[tx.get_bind().dialect.name]
        rows = sorted((row.id, owners[lease]) for lease, row in due.items())
        await (await tx.connection()).execute(claim_each, {**listed.given(rows), "until": until})
    for lease, row in due.items():
        # As the database has them now: to have the rows returned would take as long as to read them again.
        marked = {"claimed_by": owners[lease], "claimed_until": until, "attempts": row.attempts + 1}
        for name, value in marked.items():
            set_committed_value(row, name, value)
    return [found.get(turn.lease) if turn.lease in taken and wanted[turn.lease] is turn else None for turn in turns]


def _oldest(dialect: str) -> tuple[Listed, Select[OutboxRow, SubscriptionRow]]:
    """Return the question for the oldest open row of each target listed, and the list of targets."""
    asked = Listed(dialect, workspace_id=String, target_id=String)
    # By index, a look at one row for each: a target may have thousands that wait.
    oldest = (
        select(OutboxRow.id)
        .outerjoin(SubscriptionRow, SubscriptionRow.id == OutboxRow.subscription_id)
        .where(OutboxRow.workspace_id == asked.c["workspace_id"], OutboxRow.target_id == asked.c["target_id"])
        .where(OutboxRow.due_at.is_not(None), _runs(bindparam("barred", expanding=True)))
        .order_by(OutboxRow.id)
        .limit(1)
        .correlate(asked.table)
    )
    ids = select(oldest.scalar_subquery()).select_from(asked.table)
    joined = select(OutboxRow, SubscriptionRow).outerjoin(
        SubscriptionRow, SubscriptionRow.id == OutboxRow.subscription_id
    )
    return asked, joined.where(OutboxRow.id.in_(ids))


def _of_target(workspace_id: str, target_id: str) -> ColumnElement[bool]:
    return and_(OutboxRow.workspace_id == workspace_id, OutboxRow.target_id == target_id)


def _runs(barred: Collection[str] | BindParameter[Any]) -> ColumnElement[bool]:
    return or_(OutboxRow.subscription_id.is_(None), SubscriptionRow.paused_reason.not_in(barred))


def _claim(dialect: str) -> tuple[Listed, Update]:
    """Return the statement that marks the rows listed as claimed by these owners, counting the attempt."""
    table, listed = table_of(OutboxRow), Listed(dialect, row_id=Integer, owner=String)
    claimed = {"claimed_by": listed.c["owner"], "claimed_until": bindparam("until")}
    return listed, update(table).where(table.c.id == listed.c["row_id"]).values(
        {**claimed, "attempts": table.c.attempts + 1}
    )


async def still_due(tx: AsyncSession, *, row_id: int) -> OutboxRow | None:
    """Return the row as the database has it now; None: it was called off, or is gone."""
    return await one(tx, select(OutboxRow).where(OutboxRow.id == row_id, OutboxRow.due_at.is_not(None)))


@dataclass(frozen=True, slots=True)
class Posted:
    """A row that `owner` posted, and where the message stands."""

    row_id: int
    owner: str
    channel: str
    ts: str


async def complete(tx: AsyncSession, posted: Sequence[Posted], *, now: datetime) -> int:
    """Mark rows as posted, even one called off meanwhile. Return how many: not those claimed by another owner since."""
    if not posted:
        return 0
    listed, statement = _COMPLETE[tx.get_bind().dialect.name]
    rows = sorted((each.row_id, each.owner, each.channel, each.ts) for each in posted)
    result = await (await tx.connection()).execute(statement, {**listed.given(rows), "now": now})
    return result.rowcount


def _complete(dialect: str) -> tuple[Listed, Update]:
    """Return the statement that marks the rows listed as posted, and their list."""
    table = table_of(OutboxRow)
    done = Listed(dialect, row_id=Integer, owner=String, channel=String, ts=String)
    values: dict[str, Any] = {"due_at": None, "posted_at": bindparam("now"), "failure": None, "claimed_until": None}
    stands = {"channel": done.c["channel"], "message_ts": done.c["ts"]}
    whose = (table.c.id == done.c["row_id"], table.c.claimed_by == done.c["owner"])
    return done, update(table).where(*whose).values({**values, **stands})


async def next_page(tx: AsyncSession, *, row_id: int, owner: str, ts: str, facts: dict[str, Any]) -> bool:
    """Free a row whose message goes on in another one; the first page's `ts` stays."""
    first = func.coalesce(OutboxRow.message_ts, ts)
    return await _settle(tx, row_id, owner, facts=facts, message_ts=first, **_FREE, attempts=0)


async def reschedule(
    tx: AsyncSession, *, row_id: int, owner: str, due_at: datetime, failure: str, in_doubt: bool
) -> bool:
    """Put a row off, unless it was called off meanwhile. `in_doubt` keeps the mark of a message that may stand."""
    free: dict[str, Any] = {"claimed_until": None} if in_doubt else _FREE
    return await _settle(tx, row_id, owner, OutboxRow.due_at.is_not(None), due_at=due_at, failure=failure, **free)


async def dead_letter(tx: AsyncSession, *, row_id: int, owner: str, failure: str) -> bool:
    """Set a row aside for good with the reason; those behind it go on."""
    return await _settle(tx, row_id, owner, due_at=None, failure=failure, **_FREE)


async def _settle(tx: AsyncSession, row_id: int, owner: str, *only: ColumnElement[bool], **outcome: Any) -> bool:
    statement = update(OutboxRow).where(OutboxRow.id == row_id, OutboxRow.claimed_by == owner, *only)
    return await changed(tx, statement.values(**outcome)) == 1


async def add_posted(
    tx: AsyncSession, *, workspace_id: str, company_pk: int | None, channel: str, ts: str, kind: str, now: datetime
) -> None:
    """Write a row of a message that stands in a channel already, posted in another way."""
    stands: dict[str, Any] = {"channel": channel, "message_ts": ts, "posted_at": now, "company_pk": company_pk}
    to: dict[str, Any] = {"workspace_id": workspace_id, "target_id": channel, "is_personal": False}
    await add(tx, **to, **stands, kind=kind, facts={}, dedupe_key=f"{kind}:{channel}:{ts}", now=now, due_at=None)


async def purge(tx: AsyncSession, *, before: datetime) -> int:
    """Delete rows that are not due and were written before a moment, those that no digest gathered too."""
    return await changed(tx, delete(OutboxRow).where(OutboxRow.due_at.is_(None), OutboxRow.created_at < before))


async def gathered(tx: AsyncSession, *, workspace_id: str, subscription_id: int) -> list[OutboxRow]:
    """Return the rows that wait for a subscription's next digest, oldest first."""
    statement = select(OutboxRow).where(
        OutboxRow.workspace_id == workspace_id,
        OutboxRow.subscription_id == subscription_id,
        OutboxRow.due_at.is_(None),
        OutboxRow.posted_at.is_(None),
        OutboxRow.failure.is_(None),
    )
    return list(await tx.scalars(statement.order_by(OutboxRow.id), execution_options=_FRESH))


async def told_in_digest(tx: AsyncSession, *, workspace_id: str, ids: list[int], now: datetime) -> int:
    """Mark rows as posted that a digest now contains."""
    these = (OutboxRow.workspace_id == workspace_id, OutboxRow.id.in_(ids))
    return await changed(tx, update(OutboxRow).where(*these).values(posted_at=now))


async def waiting(tx: AsyncSession, *, workspace_id: str, target_id: str, before: datetime) -> list[OutboxRow]:
    """Return a target's due rows of subscriptions that are not paused, written before a moment, oldest first."""
    runs = select(SubscriptionRow.id).where(
        SubscriptionRow.workspace_id == workspace_id, SubscriptionRow.paused_reason == ""
    )
    old = and_(OutboxRow.due_at.is_not(None), OutboxRow.created_at < before, OutboxRow.subscription_id.in_(runs))
    statement = select(OutboxRow).where(_of_target(workspace_id, target_id), old)
    return list(await tx.scalars(statement.order_by(OutboxRow.id)))


async def merge(
    tx: AsyncSession, rows: Sequence[OutboxRow], *, kind: str, facts: dict[str, Any], failure: str, now: datetime
) -> None:
    """Make the first of these rows stand for all of them, due now; set the others aside with `failure`."""
    others = OutboxRow.id.in_([row.id for row in rows[1:]])
    await changed(tx, update(OutboxRow).where(others).values(due_at=None, failure=failure))
    first = update(OutboxRow).where(OutboxRow.id == rows[0].id)
    await changed(tx, first.values(kind=kind, facts=facts, episode_id=None, due_at=now, **_FREE))


async def notices_posted(tx: AsyncSession, *, workspace_id: str, prefix: str) -> list[OutboxRow]:
    """Return a workspace's notices that stand in Slack and whose dedupe key begins with `prefix`, oldest first."""
    statement = select(OutboxRow).where(_notices(workspace_id, prefix), OutboxRow.message_ts.is_not(None))
    return list(await tx.scalars(statement.order_by(OutboxRow.id)))


async def standing(tx: AsyncSession, *, workspace_id: str, target_id: str, limit: int) -> list[tuple[str, str]]:
    """Return (channel, ts) of the messages that stand in a channel as far as they are known, the newest first."""
    posted = select(OutboxRow.channel, OutboxRow.message_ts).where(
        _of_target(workspace_id, target_id), OutboxRow.channel.is_not(None), OutboxRow.message_ts.is_not(None)
    )
    cards = select(LiveCard.channel, LiveCard.ts).where(
        LiveCard.workspace_id == workspace_id, LiveCard.target_id == target_id
    )
    found = [
        *await tx.execute(posted.order_by(OutboxRow.id.desc()).limit(limit)),
        *await tx.execute(cards.order_by(LiveCard.id.desc()).limit(limit)),
    ]
    return list(dict.fromkeys((str(channel), str(ts)) for channel, ts in found))


async def last_kind(tx: AsyncSession, *, workspace_id: str, target_id: str, kinds: Collection[str]) -> str | None:
    """Return which of these kinds a target was told last."""
    told = select(OutboxRow.kind).where(_of_target(workspace_id, target_id), OutboxRow.kind.in_(kinds))
    return await tx.scalar(told.order_by(OutboxRow.id.desc()).limit(1))


async def is_told(tx: AsyncSession, *, workspace_id: str, target_id: str, kind: str, since: datetime) -> bool:
    """Return whether a target has got a message of this kind since a moment, or is about to."""
    soon = or_(OutboxRow.due_at.is_not(None), OutboxRow.posted_at >= since)
    return bool(
        await tx.scalar(select(exists().where(_of_target(workspace_id, target_id), OutboxRow.kind == kind, soon)))
    )


async def call_off(tx: AsyncSession, *, workspace_id: str, prefix: str, failure: str) -> int:
    """Set aside a workspace's open notices whose dedupe key begins with `prefix`; return how many."""
    return await _rewrite(tx, workspace_id, prefix, due_at=None, failure=failure)


async def retell(tx: AsyncSession, *, workspace_id: str, prefix: str, facts: Mapping[str, str]) -> int:
    """Give new facts to a workspace's open notices whose dedupe key begins with `prefix`; return how many."""
    return await _rewrite(tx, workspace_id, prefix, facts=dict(facts))


async def _rewrite(tx: AsyncSession, workspace_id: str, prefix: str, **values: Any) -> int:
    statement = update(OutboxRow).where(_notices(workspace_id, prefix), OutboxRow.due_at.is_not(None))
    return await changed(tx, statement.values(**values))


def _notices(workspace_id: str, prefix: str) -> ColumnElement[bool]:
    named = OutboxRow.dedupe_key.startswith(prefix, autoescape=True)
    # Only notices have no subscription: so an index leads past the many alerts.
    return and_(OutboxRow.workspace_id == workspace_id, OutboxRow.subscription_id.is_(None), named)


# Built once: to build a statement takes as long as to run one of these.
_OLDEST = {dialect: _oldest(dialect) for dialect in ("sqlite", "postgresql")}
_COMPLETE = {dialect: _complete(dialect) for dialect in ("sqlite", "postgresql")}
_CLAIM = {dialect: _claim(dialect) for dialect in ("sqlite", "postgresql")}

"""Queues one digest that is due, with the alerts that were gathered for the digest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

import storage.queries.alerts.subscriptions as rows
from bot.domain import schedule as schedules
from bot.features.alerts.model.messages import MessageKind
from bot.features.alerts.model.topics import Topic
from bot.features.alerts.service.backlog import counted
from bot.features.alerts.service.fan_out import FanOut, alert
from storage.queries.alerts import outbox
from storage.tables.alerts import SubscriptionRow as Row

_MOST_LISTED = 20
_LATE = timedelta(minutes=5)

log = structlog.get_logger(__name__)


async def queue_digest(tx: AsyncSession, workspace_id: str, subscription_id: int, *, now: datetime) -> bool:
    """Write the digest's row and gather what waited. Return False if the digest is silent, taken or not due."""
    row = await rows.by_id(tx, workspace_id=workspace_id, subscription_id=subscription_id)
    if row is None or row.due_at is None or row.due_at > now:
        return False
    each, was_due, since = FanOut.of(row), row.due_at, row.digested_at
    schedule = each.value.schedule
    # Of several missed one is made up: the latest.
    due = (schedules.missed(schedule, was_due, now) if schedule else None) or was_due
    silent = each.value.is_silent(now)
    taken = await rows.digest_taken(
        tx,
        workspace_id=workspace_id,
        subscription_id=subscription_id,
        was_due=was_due,
        due_at=schedules.next_due(schedule, now) if schedule else None,
        digested_at=since if silent else due,
    )
    if not taken or silent:
        return False
    facts: dict[str, Any] = {
        "due_at": due.isoformat(),
        "since": since.isoformat() if since else None,
        "late": now - due > _LATE,
        "list": Topic.DIGEST in each.value.topics,
        **await _gathered(tx, row, now=now),
    }
    log.info("a digest is due", workspace=workspace_id, subscription=subscription_id, late=facts["late"])
    topics, mark, added = each.value.topics, f":{due.isoformat()}", False
    if Topic.DIGEST in topics or each.gathers or Topic.DEBTS not in topics:
        added = await outbox.add(
            tx, **alert(each, MessageKind.DIGEST, facts, "digest", now, at_once=True, mark=mark), now=now
        )
    if Topic.DEBTS in topics:
        facts = {"due_at": facts["due_at"], "late": facts["late"]}
        added |= await outbox.add(
            tx, **alert(each, MessageKind.DEBTS, facts, "debts", now, at_once=True, mark=mark), now=now
        )
    return added


async def _gathered(tx: AsyncSession, row: Row, *, now: datetime) -> dict[str, Any]:
    """Return the changes that waited for this digest: the number of each kind, and the first of them whole."""
    waited = await outbox.gathered(tx, workspace_id=row.workspace_id, subscription_id=row.id)
    changes = [each.facts for each in waited if each.kind == MessageKind.CHANGE][:_MOST_LISTED]
    ids = [each.id for each in waited]
    await outbox.told_in_digest(tx, workspace_id=row.workspace_id, ids=ids, now=now)
    return {"counts": counted(waited), "changes": changes}

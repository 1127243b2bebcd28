"""What a person with customers of their own is told of these customers unless they switch it off.

A subscription like any other, made with what makes it true. It is about the person's own customers as they are on the
day, so that a change of these needs nothing here.
"""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.limits import SUBSCRIPTIONS_OF_MEMBER, SUBSCRIPTIONS_OF_WORKSPACE
from bot.domain.filters.customer_filter import EVERYONE, Filter, codes_from
from bot.domain.json_column import FILTER_JSON
from bot.features.access.model.authorization import AccessChange
from bot.features.access.model.session import Session
from bot.features.access.service.telling import tell
from bot.features.alerts.model.topics import DeliveryMode, Topic
from bot.features.audit.service.log import AuditLog
from bot.features.delivery.model import OWN_CUSTOMERS
from storage.queries.access import roles
from storage.queries.alerts import subscriptions as rows
from storage.queries.connections import workspaces
from storage.tables.alerts import SubscriptionRow

TOPICS = frozenset({Topic.HOLDS, Topic.RELEASES, Topic.PROMISE_BROKEN})

log = structlog.get_logger(__name__)


async def follow(tx: AsyncSession, audit: AuditLog, session: Session, user_id: str) -> bool:
    """Subscribe a user with a role to their own customers in the workspace's company. Return whether that was done.

    Not again what they switched off, nor what they have subscribed to themselves. Call this under the lock on the
    roles, before what must be last in a transaction.
    """
    here = {"workspace_id": session.workspace_id, "user_id": user_id}
    named = await workspaces.workspace_connection(tx, workspace_id=session.workspace_id)
    if named is None or named.company_pk is None:
        return False
    company: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": named.company_pk}
    codes = codes_from((await roles.codes_of(tx, **company, user_id=user_id)).get(user_id, {}))
    if not codes or await rows.switched_off_defaults(tx, **here):
        return False
    theirs = await rows.personal(tx, **company, owner=user_id)
    topics = TOPICS - {topic for each in theirs if _is_of_all(each) for topic in each.topics}
    if not topics or any(each.is_default for each in theirs):
        return False
    of_workspace, of_owner = await rows.counts(tx, workspace_id=session.workspace_id, owner=user_id)
    if of_owner >= SUBSCRIPTIONS_OF_MEMBER or of_workspace >= SUBSCRIPTIONS_OF_WORKSPACE:
        return False
    row = await rows.create(
        tx,
        **company,
        owner=user_id,
        now=session.now,
        topics=sorted(topics),
        filter=FILTER_JSON.write(Filter(mine=codes)),
        thresholds=[],
        days=[],
        target_id=user_id,
        is_personal=True,
        delivery=DeliveryMode.AT_ONCE.value,
        zone=session.policy.zone,
        is_default=True,
    )
    await audit.did(tx, session, "subscribe by default", f"subscription {row.number}", ("", user_id))
    log.info("somebody was subscribed to their own customers", workspace=session.workspace_id, subscription=row.id)
    return True


async def customers_changed(
    tx: AsyncSession, audit: AuditLog, session: Session, made: AccessChange, *, company_pk: int
) -> None:
    """Tell a user which customers are theirs now, and follow these. Call this as `follow`."""
    user_id, workspace_id = made.about, session.workspace_id
    stored = await roles.codes_of(tx, workspace_id=workspace_id, company_pk=company_pk, user_id=user_id)
    if not stored:
        await rows.remove_defaults(tx, workspace_id=workspace_id, owner=user_id, company_pk=company_pk)
    # Without a role nothing is told in private; with the role comes a message that says all of it. Who is in a group is
    # Slack's to say: for them the message is looked at again when it is sent.
    people = await roles.people(tx, workspace_id=workspace_id)
    if user_id not in people and not await roles.groups(tx, workspace_id=workspace_id):
        return
    if stored:
        await follow(tx, audit, session, user_id)
    if made.before != made.after and user_id != session.user_id:
        facts = {"by": session.user_id, "who": user_id, "before": made.before, "after": made.after}
        await tell(tx, workspace_id, session.now, OWN_CUSTOMERS, [user_id], {**facts, "company": made.company_name})


async def role_gone(tx: AsyncSession, session: Session, user_id: str) -> None:
    """End what a user is told by default, unless a user group may give them a role still."""
    if not await roles.groups(tx, workspace_id=session.workspace_id):
        await rows.remove_defaults(tx, workspace_id=session.workspace_id, owner=user_id)


def _is_of_all(row: SubscriptionRow) -> bool:
    """Return whether a subscription is about all of its owner's customers, or about everybody."""
    return FILTER_JSON.read(row.filter) in {EVERYONE, Filter(mine=FILTER_JSON.read(row.filter).mine)}

"""What a person with customers of their own is told of these customers unless they switch it off.

A subscription like any other, made with what makes it true. It is about the person's own customers as they are on the
day, so that a change of these needs nothing here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.limits import SUBSCRIPTIONS_OF_MEMBER, SUBSCRIPTIONS_OF_WORKSPACE
from bot.domain.filters.customer_filter import EVERYONE, Filter, codes_from
from bot.domain.json_column import FILTER_JSON
from bot.features.access.model.authorization import AccessChange
from bot.features.access.model.session import Session
from bot.features.access.service.telling import tell_each
from bot.features.alerts.model.topics import DeliveryMode, Topic
from bot.features.audit.service.log import AuditLog
from bot.features.delivery.model import OWN_CUSTOMERS
from storage.queries.access import roles
from storage.queries.alerts import subscriptions as rows
from storage.queries.connections import workspaces
from storage.tables.alerts import SubscriptionRow

TOPICS = frozenset({Topic.HOLDS, Topic.RELEASES, Topic.PROMISE_BROKEN})

log = structlog.get_logger(__name__)


async def follow(tx: AsyncSession, audit: AuditLog, session: Session, user_ids: Collection[str]) -> None:
    """Subscribe users with a role to their own customers in the workspace's company.

    Not again what they switched off, nor what they have subscribed to themselves. Call this under the lock on the
    roles, before what must be last in a transaction.
    """
    named = await workspaces.workspace_connection(tx, workspace_id=session.workspace_id) if user_ids else None
    if named is None or named.company_pk is None:
        return
    company: dict[str, Any] = {"workspace_id": session.workspace_id, "company_pk": named.company_pk}
    stored = await roles.codes_of(tx, **company)
    codes = {user: codes_from(stored[user]) for user in user_ids if user in stored}
    topics = await _topics_missing(tx, session, company, codes)
    made = [
        {
            "owner": user,
            "topics": sorted(wanted),
            "filter": FILTER_JSON.write(Filter(mine=codes[user])),
            "thresholds": [],
            "days": [],
            "target_id": user,
            "is_personal": True,
            "delivery": DeliveryMode.AT_ONCE.value,
            "zone": session.policy.zone,
            "is_default": True,
        }
        for user, wanted in topics.items()
    ]
    if made:
        kept = await rows.create_each(tx, made, **company, now=session.now)
        done = {f"subscription {row.number}": ("", row.owner) for row in kept}
        await audit.did_each(tx, session, "subscribe by default", done)
        log.info("people were subscribed to their own customers", workspace=session.workspace_id, people=len(kept))


async def _topics_missing(
    tx: AsyncSession, session: Session, company: dict[str, Any], user_ids: Collection[str]
) -> dict[str, frozenset[Topic]]:
    """Return by user id what those want to be told who may have a subscription made for them."""
    if not user_ids:
        return {}
    workspace_id = session.workspace_id
    off = await rows.switched_off_defaults(tx, workspace_id=workspace_id, user_ids=user_ids)
    theirs = await rows.personal(tx, **company, owners=user_ids)
    off |= {each.owner for each in theirs if each.is_default}
    counts = await rows.counts_by_owner(tx, workspace_id=workspace_id)
    room = SUBSCRIPTIONS_OF_WORKSPACE - sum(counts.values())
    missing: dict[str, frozenset[Topic]] = {}
    for user in user_ids:
        has = {topic for each in theirs if each.owner == user and _is_of_all(each) for topic in each.topics}
        is_full = counts.get(user, 0) >= SUBSCRIPTIONS_OF_MEMBER or len(missing) >= room
        if user not in off and TOPICS - has and not is_full:
            missing[user] = TOPICS - has
    return missing


async def customers_changed(
    tx: AsyncSession, audit: AuditLog, session: Session, made: Sequence[AccessChange], *, company_pk: int
) -> None:
    """Tell users which customers are theirs now, and follow these. Call this as `follow`."""
    if not made:
        return
    workspace_id = session.workspace_id
    stored = await roles.codes_of(tx, workspace_id=workspace_id, company_pk=company_pk)
    for each in made:
        if each.about not in stored:
            await rows.remove_defaults(tx, workspace_id=workspace_id, owner=each.about, company_pk=company_pk)
    # Without a role nothing is told in private; with the role comes a message that says all of it. Who is in a group is
    # Slack's to say: for them the message is looked at again when it is sent.
    people = await roles.people(tx, workspace_id=workspace_id)
    may_have_a_role = bool(await roles.groups(tx, workspace_id=workspace_id))
    made = [each for each in made if each.about in people or may_have_a_role]
    await follow(tx, audit, session, [each.about for each in made if each.about in stored])
    told = {
        each.about: {
            "by": session.user_id,
            "who": each.about,
            "before": each.before,
            "after": each.after,
            "company": each.company_name,
        }
        for each in made
        if each.before != each.after and each.about != session.user_id
    }
    await tell_each(tx, workspace_id, session.now, OWN_CUSTOMERS, told)


async def role_gone(tx: AsyncSession, session: Session, user_id: str) -> None:
    """End what a user is told by default, unless a user group may give them a role still."""
    if not await roles.groups(tx, workspace_id=session.workspace_id):
        await rows.remove_defaults(tx, workspace_id=session.workspace_id, owner=user_id)


def _is_of_all(row: SubscriptionRow) -> bool:
    """Return whether a subscription is about all of its owner's customers, or about everybody."""
    return FILTER_JSON.read(row.filter) in {EVERYONE, Filter(mine=FILTER_JSON.read(row.filter).mine)}

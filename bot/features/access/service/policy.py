"""What the admins of a workspace chose, as a policy."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.schedule import Region
from bot.features.access.model.authorization import Policy
from storage.tables.access import WorkspaceSettings


def policy_from(row: WorkspaceSettings | None) -> Policy:
    """A row as a policy; what nobody can read is the strictest."""
    if row is None:
        return Policy()
    return Policy(
        status_for_everyone=row.status_for_everyone,
        sales_only_theirs=row.sales_only_theirs,
        trust_copy_for=timedelta(minutes=row.trust_copy_minutes),
        second_approver_above=row.second_approver_above,
        zone=row.zone,
        region=Region(row.region) if row.region in set(Region) else None,
    )

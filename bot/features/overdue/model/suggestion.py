"""When the workspace's policy suggests to put an account on hold. Nothing is ever put on hold by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.features.access.model.authorization import Policy

SNOOZES = (7, 14, 30)
"""The days for which a suggestion can be put off."""


@dataclass(frozen=True, slots=True)
class SnoozedAccount:
    """An account that isn't suggested before `until`."""

    reference: str
    name: str
    until: datetime


def suggests_hold(policy: Policy, overdue: Decimal, oldest_days: int) -> bool:
    """Return whether debt so large or so late is suggested for a hold."""
    if overdue <= 0 or oldest_days < 1:
        return False
    is_old = policy.suggest_after_days is not None and oldest_days >= max(policy.suggest_after_days, 1)
    return is_old or (policy.suggest_above is not None and overdue >= policy.suggest_above)

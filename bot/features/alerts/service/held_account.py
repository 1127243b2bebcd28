"""A stored customer on hold, with the days of the open hold episode, as lists and digests show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from bot.domain.hold_episode import HoldEpisode
from bot.features.alerts.model.messages import HeldAccount
from bot.features.mirror.service.rows import snapshot_of


def held_account_of(row: Row[Any], now: datetime, zone: ZoneInfo, *, since: datetime | None = None) -> HeldAccount:
    """Return the account of a row of `held_accounts`; it is new if it was put on hold after `since`."""
    account, opened = snapshot_of(dict(row._mapping)), row.episode_opened_at
    if opened is None:
        return HeldAccount(account, None)
    is_new = since is not None and opened > since and not row.episode_already_held
    return HeldAccount(account, HoldEpisode(opened).days_held(now, zone), row.episode_already_held, is_new)

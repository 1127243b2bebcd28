"""A person's way to Sage, in the values that people are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.company import Company


@dataclass(frozen=True, slots=True)
class Offer:
    """A fresh link for one person. `founding`: their connection would become the workspace's own."""

    url: str = field(repr=False)
    founding: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Landing:
    """Whom and what a link binds, for the landing page and the code page."""

    workspace_name: str
    user_name: str
    founding: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """A finished sign-in, waiting for its code to be typed in Slack."""

    landing: Landing
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verified:
    """A live connection; `founded` when it became the workspace's own and its owner the first admin."""

    connection_id: str
    founded: bool


@dataclass(frozen=True, slots=True)
class Companies:
    """What a Sage ID reaches, in the order of the picker's numbers, and which one is in use."""

    offered: tuple[Company, ...]
    chosen: Company | None


@dataclass(frozen=True, slots=True)
class Status:
    """How a person stands with Sage, and how the workspace's own sign-in does.

    `state` is "not connected", "connected", "expiring", "reconnect needed", "paused" or "disconnected".
    `ends_at` is the end of the sign-in as far as it can be known; `trouble` is why it can't be renewed just now.
    """

    state: str
    since: datetime | None = None
    reason: str = ""
    company: Company | None = None
    is_workspace_connection: bool = False
    ends_at: datetime | None = None
    trouble: str = ""
    trouble_since: datetime | None = None
    workspace: SharedStatus | None = None
    copy: Copy | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """How the copy of the company's customers stands: last true at `synced_at`, or so many read of the first time.

    `trouble` is why it can't be kept fresh just now.
    """

    synced_at: datetime | None
    customers: int = 0
    trouble: str = ""
    trouble_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SharedStatus:
    """The sign-in that answers for the workspace: whose it is and in what state; None of it is anybody's figure."""

    owner: str
    state: str
    since: datetime

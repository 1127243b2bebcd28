"""A person's way to Sage, in the values that people are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.company import Company


@dataclass(frozen=True, slots=True)
class ConnectLinkOffer:
    """A new connect link. `becomes_workspace_connection`: this sign-in would become the workspace connection."""

    url: str = field(repr=False)
    becomes_workspace_connection: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Landing:
    """Whom and what a link binds, for the landing page and the code page."""

    workspace_name: str
    user_name: str
    becomes_workspace_connection: bool


@dataclass(frozen=True, slots=True)
class CodeShown:
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
class ConnectionStatus:
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
    workspace: WorkspaceSignInStatus | None = None
    copy: CopyFreshness | None = None


@dataclass(frozen=True, slots=True)
class CopyFreshness:
    """How the copy of the company's customers stands: last true at `synced_at`, or so many read of the first time.

    `trouble` is why it can't be kept fresh just now.
    """

    synced_at: datetime | None
    customers: int = 0
    trouble: str = ""
    trouble_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkspaceSignInStatus:
    """The sign-in that answers for the workspace: whose it is and in what state; None of it is anybody's figure."""

    owner: str
    state: str
    since: datetime

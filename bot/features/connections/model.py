"""A user's connection to Sage, in values for views."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.company import Company
from bot.features.access.model.session import MirrorFreshness


@dataclass(frozen=True, slots=True)
class ConnectLinkOffer:
    """A new connect link; `becomes_workspace_connection` and `answers_again` as for `Landing`."""

    url: str = field(repr=False)
    becomes_workspace_connection: bool
    expires_at: datetime
    answers_again: bool = False


@dataclass(frozen=True, slots=True)
class Landing:
    """The workspace and user that a link is for, on the landing page and the code page.

    `becomes_workspace_connection`: this sign-in founds the workspace once its company is chosen. `answers_again`: it
    answered for the workspace until it ended, and does so again. `app_id` and `team_id` are where Slack opens.
    """

    workspace_name: str
    user_name: str
    becomes_workspace_connection: bool
    answers_again: bool = False
    app_id: str = ""
    team_id: str = ""


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A finished sign-in, whose code has yet to be typed in Slack."""

    landing: Landing
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verified:
    """A live connection. `answers_again`: it answers for the workspace again."""

    connection_id: str
    answers_again: bool = False


@dataclass(frozen=True, slots=True)
class Deputies:
    """The user ids of the deputy and of the user who was asked to be one; empty for nobody."""

    deputy: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Dependants:
    """How many people and user groups with a role, and running subscriptions, the workspace's own sign-in answers.

    `deputy` is the user who would take over; empty for nobody.
    """

    people: int
    groups: int
    subscriptions: int
    deputy: str = ""


@dataclass(frozen=True, slots=True)
class Companies:
    """The companies that a Sage ID opens, in the order of the picker's numbers, and the one in use.

    `founded`: with that one the workspace was founded just now. `founds`: choosing one would found it.
    """

    offered: tuple[Company, ...]
    chosen: Company | None
    founded: bool = False
    founds: bool = False


@dataclass(frozen=True, slots=True)
class CompanyChosen:
    """The company now in use. `founded`: with it the workspace was founded."""

    company: Company
    founded: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """The state of a user's own sign-in, of the workspace connection, and of the mirror.

    `state` is "not connected", "connected", "expiring", "reconnect needed", "paused" or "disconnected". `ends_at` is
    the estimated end of the sign-in; `trouble` is why it can't be refreshed at the moment.
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
    mirror: MirrorFreshness | None = None


@dataclass(frozen=True, slots=True)
class WorkspaceSignInStatus:
    """The owner and state of the workspace connection. No figures, so every member may see it."""

    owner: str
    state: str
    since: datetime

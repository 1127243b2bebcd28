"""A user's App Home as one value: only what the user may see; None for a part that can't be told now."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.features.access.model.authorization import Role, RoleOverview, WorkspaceChoices
from bot.features.access.model.commands import NO_PERMISSIONS, Permissions
from bot.features.connections.model import ConnectionStatus
from bot.features.customers.model.listing import NotKnown
from bot.features.on_hold.model.list import Listing
from bot.features.overdue.model.list import OverdueListing
from bot.features.release_requests.model import ShownRequest
from bot.features.subscriptions.model.subscription import SubscriptionView
from bot.features.temporary_releases.model import WaitingHold

MOST_SUBSCRIPTIONS = 10
MOST_ACCOUNTS = 10
MOST_LATE = 5
MOST_REQUESTS = 5


class Part(StrEnum):
    """The parts that are collected each by itself, so that one that fails leaves the others."""

    CONNECTION = "your connection"
    SETUP = "what is left to set up"
    SUBSCRIPTIONS = "your subscriptions"
    ACCOUNTS = "the accounts on hold"
    REQUESTS = "what is waiting for you"
    SETTINGS = "the settings"


@dataclass(frozen=True, slots=True)
class Setup:
    """The steps of an admin's first setup, in order, and which are done."""

    connected: bool = False
    company: bool = False
    roles: bool = False
    subscribed: bool = False

    @property
    def is_done(self) -> bool:
        """Return whether all steps are done."""
        return self.connected and self.company and self.roles and self.subscribed


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts on hold, longest first; without figures where the user is shown none.

    `own_only`: only the user's own customers. `unassigned`: no own customers were assigned to this user.
    """

    found: Listing | NotKnown | None = None
    own_only: bool = False
    unassigned: bool = False


@dataclass(frozen=True, slots=True)
class LateAccounts:
    """The accounts with the oldest late debt, of those whose figures the user is shown, and the totals of all of them.

    `suggested` are the accounts suggested for a hold, for users who may decide about holds; `differing` those whose
    balance differs from their open items, for admins.
    """

    found: OverdueListing
    own_only: bool = False
    suggested: int = 0
    differing: int = 0


@dataclass(frozen=True, slots=True)
class SystemState:
    """Roles and settings, which only admins of the app see and change."""

    overview: RoleOverview
    chosen: WorkspaceChoices


@dataclass(frozen=True, slots=True)
class Home:
    """Everything that Home shows one user.

    `becomes_workspace_connection`: there is no workspace connection yet, and this user's sign-in would become it.
    `off_hold` are the accounts that could not be put on hold again. `admins` are user ids.
    `missing` are the parts that could not be collected.
    """

    permissions: Permissions = NO_PERMISSIONS
    role: Role | None = None
    becomes_workspace_connection: bool = False
    connection: ConnectionStatus | None = None
    setup: Setup | None = None
    subscriptions: tuple[SubscriptionView, ...] = ()
    requests: tuple[ShownRequest, ...] = ()
    off_hold: tuple[WaitingHold, ...] = ()
    accounts: Accounts | None = None
    late: LateAccounts | None = None
    system: SystemState | None = None
    admins: tuple[str, ...] = field(default=())
    missing: tuple[Part, ...] = ()

"""A person's App Home as one value: everything on it is theirs to see, and what can't be said just now is None."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.features.access.model.authorization import Role, RoleOverview, WorkspaceChoices
from bot.features.access.model.commands import NO_PERMISSIONS, Permissions
from bot.features.connections.model import ConnectionStatus
from bot.features.on_hold.model.list import Listing, NotKnown
from bot.features.subscriptions.model.subscription import SubscriptionView

MOST_SUBSCRIPTIONS = 10
MOST_ACCOUNTS = 10


class Part(StrEnum):
    """The parts that are collected each by itself, so that one that fails leaves the others."""

    STANDS = "your connection"
    SETUP = "what is left to set up"
    SUBSCRIPTIONS = "your subscriptions"
    ACCOUNTS = "the accounts on hold"
    SETTINGS = "the settings"


@dataclass(frozen=True, slots=True)
class Setup:
    """What an admin does once, in order, and how far that has come."""

    connected: bool = False
    company: bool = False
    roles: bool = False
    subscribed: bool = False

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.connected and self.company and self.roles and self.subscribed


@dataclass(frozen=True, slots=True)
class Accounts:
    """Accounts on hold, the longest first. `theirs`: only the person's own, told by their analysis codes.

    Those whose figures this person is not shown have none. `uncoded`: nobody has said which are theirs.
    """

    found: Listing | NotKnown | None = None
    theirs: bool = False
    uncoded: bool = False


@dataclass(frozen=True, slots=True)
class SystemState:
    """What only admins of the app see and change."""

    overview: RoleOverview
    chosen: WorkspaceChoices


@dataclass(frozen=True, slots=True)
class Home:
    """Everything that Home shows one person.

    `becomes_workspace_connection`: no sign-in answers for the workspace yet, and this person's would. `admins` are user
    ids.

    `missing` are the parts that could not be collected.
    """

    workspace_name: str
    reach: Permissions = NO_PERMISSIONS
    role: Role | None = None
    becomes_workspace_connection: bool = False
    stands: ConnectionStatus | None = None
    setup: Setup | None = None
    subscriptions: tuple[SubscriptionView, ...] = ()
    accounts: Accounts | None = None
    running: SystemState | None = None
    admins: tuple[str, ...] = field(default=())
    missing: tuple[Part, ...] = ()

"""A person's App Home as one value: everything on it is theirs to see, and what can't be said just now is None."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.features.access.model.authorization import Chosen, Overview, Role
from bot.features.access.model.commands import NOBODY, Reach
from bot.features.connections.model import Status
from bot.features.on_hold.model.list import Listing, NotKnown
from bot.features.subscriptions.model.subscription import Kept

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
class Running:
    """What only admins of the app see and change."""

    overview: Overview
    chosen: Chosen


@dataclass(frozen=True, slots=True)
class Home:
    """`founding`: nobody's sign-in answers for the workspace yet, and this person's would. `admins` are user ids.

    `missing` are the parts that could not be collected.
    """

    workspace_name: str
    reach: Reach = NOBODY
    role: Role | None = None
    founding: bool = False
    stands: Status | None = None
    setup: Setup | None = None
    subscriptions: tuple[Kept, ...] = ()
    accounts: Accounts | None = None
    running: Running | None = None
    admins: tuple[str, ...] = field(default=())
    missing: tuple[Part, ...] = ()

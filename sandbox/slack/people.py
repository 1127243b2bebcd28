"""The seed: two workspaces, an organisation with a workspace of its own, and the people in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.slack.block_kit.blocks import check_message
from sandbox.slack.methods.errors import SlackError

T_ACME = "T0ACME"
T_OTHER = "T0OTHER"
E_GRID = "E0GRID"
T_GRID = "T0GRID"


@dataclass(slots=True)
class User:
    """One person. `home` is the workspace or organisation that employs them; fields may be changed while it runs."""

    id: str
    name: str
    real_name: str
    home: str
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    tz: str = "Europe/London"
    email: str = ""


@dataclass(slots=True)
class Channel:
    """A channel, or with `with_user` the conversation between that person and the app."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    is_archived: bool = False
    with_user: str = ""
    is_private: bool = False
    is_ext_shared: bool | None = False  # None: `conversations.info` leaves it out, which its SDK allows
    is_org_shared: bool = False
    refuses: str = ""  # what posting there is answered, where only some may


@dataclass(slots=True)
class UserGroup:
    """People who are named together, @handle."""

    id: str
    handle: str
    users: list[str] = field(default_factory=list)
    is_disabled: bool = False


@dataclass(slots=True)
class Workspace:
    """A workspace, or an organisation (its id starts with E) whose workspaces are `teams`."""

    id: str
    name: str
    domain: str
    installer: str
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    usergroups: dict[str, UserGroup] = field(default_factory=dict)
    enterprise_id: str = ""
    refuses_blocks: set[str] = field(default_factory=set)
    """Types of blocks that are not rolled out here."""
    refused_blocks: list[list[str]] = field(default_factory=list)
    """The types of the tables and charts of each message that was refused for them."""
    refuses_objects: bool = False
    """Whether Work Objects are not rolled out here."""
    teams: tuple[str, ...] = ()

    @property
    def is_enterprise(self) -> bool:
        """Whether this is an organisation."""
        return self.id.startswith("E")

    @property
    def bot_user_id(self) -> str:
        """The app's own user here."""
        return f"U0BOT{self.id[2:]}"

    @property
    def bot_id(self) -> str:
        """The app's bot here."""
        return f"B0BOT{self.id[2:]}"

    def checked(self, blocks: Any, words: Any) -> list[dict[str, Any]]:
        """A message's blocks, good and named. Raises SlackError as `check_message`."""
        try:
            return check_message(blocks, words, refuses=self.refuses_blocks)
        except SlackError:
            kinds = [str(each["type"]) for each in blocks or () if isinstance(each, dict) and "type" in each]
            if refused := sorted({*kinds} & self.refuses_blocks):
                self.refused_blocks.append(refused)
            raise

    def person(self, who: str) -> User:
        """By id or by name; a KeyError that names the known people otherwise."""
        found = self.users.get(who) or next((user for user in self.users.values() if user.name == who), None)
        if found is None:
            raise KeyError(f"nobody called {who!r} in {self.name}: {[user.name for user in self.users.values()]}")
        return found

    def direct_channel(self, user_id: str) -> Channel:
        """The conversation between a person and the app, opened if need be."""
        identity = f"D0{user_id[2:]}"
        return self.channels.setdefault(
            identity, Channel(identity, "directmessage", {user_id, self.bot_user_id}, with_user=user_id)
        )


def seed() -> dict[str, Workspace]:
    """Every workspace, by id."""
    sam = User("U0SAM", "sam", "Stranger Sam", T_OTHER)
    acme = Workspace(T_ACME, "Acme Motor Factors", "acme-motor-factors", "U0PRIYA")
    acme.users = _by_id(
        User("U0PRIYA", "priya", "Priya Shah", T_ACME, is_admin=True),
        User("U0GEORGE", "george", "George Hall", T_ACME),
        User("U0ANNA", "anna", "Anna Novak", T_ACME),
        User("U0GARY", "gary", "Guest Gary", T_ACME, is_restricted=True),
        User("U0SOL", "sol", "Single-channel Sol", T_ACME, is_restricted=True, is_ultra_restricted=True),
        sam,
    )
    acme.usergroups = _groups(
        UserGroup("S0CREDIT", "credit-team", ["U0ANNA", "U0GARY"]), UserGroup("S0REPS", "sales-reps", ["U0GEORGE"])
    )
    other = Workspace(T_OTHER, "Other Parts Ltd", "other-parts", "U0OSCAR")
    other.users = _by_id(
        User("U0OSCAR", "oscar", "Oscar Reid", T_OTHER, is_admin=True),
        User("U0OLIVE", "olive", "Olive Tan", T_OTHER),
        sam,
    )
    grid = Workspace(E_GRID, "Grid Holdings", "grid-holdings", "U0GRACE", enterprise_id=E_GRID, teams=(T_GRID,))
    grid.users = _by_id(
        User("U0GRACE", "grace", "Grace Okafor", E_GRID, is_admin=True), User("U0GUS", "gus", "Gus Lind", E_GRID)
    )
    branch = Workspace(T_GRID, "Grid Branch", "grid-branch", "U0GRACE", grid.users, enterprise_id=E_GRID)
    for workspace in (acme, other, branch):
        workspace.channels = {
            identity: Channel(identity, name, set(workspace.users))
            for identity, name in (("C0GENERAL", "general"), ("C0SALES", "sales"))
        }
    return {workspace.id: workspace for workspace in (acme, other, grid, branch)}


def as_slack_shows(
    user: User, *, seen_from: Workspace, locale: bool, at: datetime, email: bool = False
) -> dict[str, Any]:
    """The `user` of users.info. People of another company are marked as strangers; `email`: the app may see it."""
    is_own = user.home in {seen_from.id, seen_from.enterprise_id}
    # People of an organisation have a workspace; the organisation itself is in `enterprise_user`.
    home = T_GRID if user.home == E_GRID else user.home
    shown: dict[str, Any] = {
        "id": user.id,
        "team_id": seen_from.id if is_own and not seen_from.is_enterprise else home,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": at.astimezone(ZoneInfo(user.tz)).tzname(),
        "tz_offset": int((at.astimezone(ZoneInfo(user.tz)).utcoffset() or timedelta()).total_seconds()),
        "profile": {"real_name": user.real_name, "display_name": user.name.capitalize(), "team": user.home},
        "is_admin": user.is_admin and is_own,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_bot": False,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if not is_own:
        shown["is_stranger"] = True
    elif email:
        shown["profile"]["email"] = user.email or f"{user.name}@example.test"
    if user.home.startswith("E"):
        shown["enterprise_user"] = {
            "id": user.id,
            "enterprise_id": user.home,
            "enterprise_name": "Grid Holdings",
            "is_admin": user.is_admin,
            "is_owner": False,
            "teams": [T_GRID],
        }
    return {**shown, "locale": "en-GB"} if locale else shown


def _groups(*groups: UserGroup) -> dict[str, UserGroup]:
    return {group.id: group for group in groups}


def _by_id(*users: User) -> dict[str, User]:
    return {user.id: user for user in users}

"""Who may ask: the rules alone. Everything unknown is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What Slack says of a person, in the words of this rule."""

    ADMIN = "admin of the Slack workspace"
    MEMBER = "member"
    GUEST = "guest"
    STRANGER = "from another company"
    UNKNOWN = "could not be looked up"


class Role(StrEnum):
    """What an admin of the app made a person."""

    ADMIN = "admin"
    CONTROLLER = "controller"
    SALES = "sales"


@dataclass(frozen=True, slots=True)
class Asker:
    """The person behind a command, click or message, looked up at Slack just now."""

    workspace_id: str
    workspace_name: str
    team_id: str
    user_id: str
    name: str
    standing: Standing
    is_installer: bool = False

    @property
    def may_see_figures(self) -> bool:
        """Full members only, and only then through a Sage sign-in that may answer them."""
        return self.standing in {Standing.ADMIN, Standing.MEMBER}

    @property
    def may_found(self) -> bool:
        """Whether their connection may become the workspace's own: the installer's or a Slack admin's."""
        return self.standing is Standing.ADMIN or (self.is_installer and self.standing is Standing.MEMBER)


def answered_by_workspace(role: str | None) -> bool:
    """A member without their own sign-in is answered through the workspace's only if an admin gave them a role."""
    return role in set(Role)

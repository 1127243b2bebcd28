"""One call of a tool by an assistant in Slack, in the name of the person whom Slack says asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.coordination.limits import Limited
from bot.slack.asked import Asked

_TEAM, _USER = re.compile(r"T[A-Z0-9]{1,30}"), re.compile(r"[UW][A-Z0-9]{1,30}")
_ENTERPRISE = re.compile(r"E[A-Z0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class SlackIdentity:
    """Who asks, as Slack says beside the signed call."""

    team_id: str
    user_id: str
    enterprise_id: str = ""


def identity_from(meta: object) -> SlackIdentity | None:
    """Return who asks by `params._meta`; None where Slack names no workspace or no user."""
    # "team_id" may be null where an organisation installed the app: then nobody can tell whose figures are asked for.
    said = meta.get("slack") if isinstance(meta, Mapping) else None
    if not isinstance(said, Mapping):
        return None
    team, user, enterprise = (str(said.get(name) or "") for name in ("team_id", "user_id", "enterprise_id"))
    if not _TEAM.fullmatch(team) or not _USER.fullmatch(user):
        return None
    return SlackIdentity(team, user, enterprise if _ENTERPRISE.fullmatch(enterprise) else "")


@dataclass(slots=True, kw_only=True)
class ToolCall(Asked):
    """A call of a tool of this app. `words` are its arguments."""

    tool: str = ""
    words: str = ""

    @property
    def way(self) -> str:
        return "by an assistant"

    @property
    def asked_for(self) -> str:
        return f"{self.tool or 'a tool'} {self.words}".strip()[:80]

    def spend(self) -> None:
        """Count the call to its member and workspace, like a command. Raises TooMany."""
        self.services.limits.spend(
            Limited.ASKED, workspace_id=self.workspace_id or self.team_id, user_id=self.user_id, now=self.now
        )

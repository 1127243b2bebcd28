"""What the parts of the simulated Slack share, and who is calling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.slack.entities import Pane
from sandbox.slack.files import File
from sandbox.slack.grants import Grant, Grants
from sandbox.slack.messages import Messages
from sandbox.slack.methods.errors import SlackError
from sandbox.slack.methods.posting import Posting
from sandbox.slack.people import Channel, User, Workspace
from sandbox.slack.sending.hooks import Hooks
from sandbox.slack.sending.triggers import Triggers
from sandbox.slack.views import Views

APP_ID = "A0SAGE200"


@dataclass(frozen=True, slots=True)
class State:
    """Everything that Slack remembers."""

    workspaces: dict[str, Workspace]
    messages: Messages
    grants: Grants
    hooks: Hooks
    views: Views
    triggers: Triggers
    clock: Callable[[], datetime]
    statuses: dict[str, str] = field(default_factory=dict)
    prompts: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    panes: list[Pane] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    posting: Posting = field(default_factory=Posting)
    address: list[str] = field(default_factory=list)

    def is_org_wide(self, team: str) -> bool:
        """Whether the app is here because its organisation installed it."""
        place = self.workspaces[team]
        return bool(place.enterprise_id) and self.grants.of(place.enterprise_id) is not None

    def is_installed(self, team: str) -> bool:
        """Whether the app is here at all."""
        return self.grants.of(team) is not None or self.is_org_wide(team)


@dataclass(frozen=True, slots=True)
class Caller:
    """A good token: the installation behind it and the workspaces it reaches."""

    state: State
    grant: Grant

    @property
    def place(self) -> Workspace:
        """The workspace or organisation that granted it."""
        return self.state.workspaces[self.grant.place]

    @property
    def teams(self) -> list[Workspace]:
        """An organisation's token reaches all of its workspaces."""
        return [self.state.workspaces[team] for team in self.place.teams] or [self.place]

    def channel(self, identity: Any, *, uninvited: bool = False) -> tuple[Workspace, Channel]:
        """Where a message goes; a person's id means their conversation with the app."""
        if isinstance(identity, str) and identity[:1] in {"U", "W"}:
            for team in self.teams:
                if identity in team.users:
                    return team, team.direct_channel(identity)
        team, channel = self.conversation(identity)
        if channel.is_archived:
            raise SlackError("is_archived")
        if team.bot_user_id not in channel.members and not uninvited:
            raise SlackError("not_in_channel")
        return team, channel

    def conversation(self, identity: Any) -> tuple[Workspace, Channel]:
        """A channel that the app can see: a private one without the app in it does not exist for it."""
        for team in self.teams:
            channel = team.channels.get(identity) if isinstance(identity, str) else None
            if channel is not None and not (channel.is_private and team.bot_user_id not in channel.members):
                return team, channel
        raise SlackError("channel_not_found")

    def need(self, scope: str) -> None:
        """Raises SlackError missing_scope."""
        if scope not in self.grant.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(self.grant.scopes))

    def person(self, identity: Any) -> User:
        """Somebody who is seen from here."""
        found = self.place.users.get(identity) if isinstance(identity, str) else None
        if found is None:
            raise SlackError("user_not_found")
        return found

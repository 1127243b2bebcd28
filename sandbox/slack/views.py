"""Modals and home tabs that are open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class OpenView:
    """One view of one person. `errors` are what the app said to the last submission, by block."""

    id: str
    team: str
    user: str
    content: dict[str, Any]
    bot_id: str
    app_id: str
    is_open: bool = True
    version: int = 1
    previous: str = ""
    root: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Changes with every update."""
        return f"{self.version}.{self.id[1:].lower()}"

    def as_slack_shows(self, values: dict[str, Any] | None = None) -> dict[str, Any]:
        """The view as in payloads and answers, with the state that the person left in it."""
        return {
            "close": None,
            "submit": None,
            "title": None,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            **self.content,
            "id": self.id,
            "team_id": self.team,
            "app_installed_team_id": self.team,
            "state": {"values": values or {}},
            "hash": self.hash,
            "previous_view_id": self.previous or None,
            "root_view_id": self.root or self.id,
            "app_id": self.app_id,
            "bot_id": self.bot_id,
        }

    def replace(self, content: dict[str, Any]) -> None:
        """Show other content in the same frame."""
        self.content = content
        self.version += 1
        self.errors = {}


class Views:
    """All views that were opened or published."""

    def __init__(self) -> None:
        self.every: dict[str, OpenView] = {}
        self._given = 0

    def open(self, content: dict[str, Any], *, team: str, user: str, bot_id: str, app_id: str) -> OpenView:
        """A new one."""
        self._given += 1
        view = OpenView(f"V0VIEW{self._given}", team, user, content, bot_id, app_id)
        self.every[view.id] = view
        return view

    def home_of(self, user: str, *, team: str) -> OpenView | None:
        """The home tab as it was published for a person."""
        return next(
            (
                view
                for view in self.every.values()
                if view.content["type"] == "home" and (view.user, view.team) == (user, team)
            ),
            None,
        )

    def find(self, view_id: str, external_id: str) -> OpenView | None:
        """By either of its names."""
        named = (view for view in self.every.values() if external_id and view.content.get("external_id") == external_id)
        return self.every.get(view_id) or next(named, None)

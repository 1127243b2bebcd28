"""A file on its way into Slack, or there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class File:
    """`content` is there once it was uploaded, and `is_shared` once it was completed."""

    id: str
    name: str
    length: int
    team: str
    title: str = ""
    alt_text: str = ""
    content: bytes | None = None
    is_shared: bool = False

    def as_slack_shows(self) -> dict[str, Any]:
        """As in a message."""
        return {"id": self.id, "name": self.name, "title": self.title or self.name, "size": self.length}

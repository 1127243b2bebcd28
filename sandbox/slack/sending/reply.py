"""What the app answered to something Slack sent it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` is 0 when there was no answer within Slack's three seconds, or none at all: then `error` says which."""

    status: int
    body: str
    seconds: float
    hook: str = ""
    error: str = ""

    def json(self) -> dict[str, Any]:
        """The body as an object, empty when it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

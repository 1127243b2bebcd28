"""A request for access: a person without a role asks the admins of the app for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

ASKED_FOR = timedelta(days=7)
"""How long a request is open: asked again after that, the admins get a new message."""
AGAIN_AFTER = timedelta(days=1)
"""How long after a no the same user cannot ask again: each request messages every admin."""
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One request. `state` is "open", "given", "refused" or "expired"; `role` is the one given, `decided_by` whose no
    or yes it was.
    """

    number: int
    asked_by: str
    reason: str = ""
    state: str = "open"
    role: str = ""
    decided_by: str = ""

    def facts(self) -> dict[str, str]:
        """Return the facts of a notice."""
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, facts: Mapping[str, str]) -> AccessRequest:
        """Return the request from a notice's facts."""
        return cls(**{**facts, "number": int(facts["number"])})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class AccessAsked:
    """A request that was made now, or that was open already. `admins` is how many get a message."""

    request: AccessRequest
    is_new: bool
    admins: int = 0

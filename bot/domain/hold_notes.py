"""What a hold leaves in Sage 200 beside its reason: an alert at order entry, a memo on the account."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoteKind(StrEnum):
    """One of Sage's two kinds of note about a customer."""

    ALERT = "alert"
    MEMO = "memo"


class HoldNotes(StrEnum):
    """Which notes a hold leaves."""

    OFF = "off"
    ALERT = "alert"
    MEMO = "memo"
    BOTH = "both"

    @property
    def kinds(self) -> tuple[NoteKind, ...]:
        """Return the kinds, in the order in which they are written."""
        return tuple(kind for kind in NoteKind if self in {HoldNotes.BOTH, kind.value})


@dataclass(frozen=True, slots=True)
class SageNote:
    """A note as Sage has it."""

    id: int
    text: str
    is_active: bool

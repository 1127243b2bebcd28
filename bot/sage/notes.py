"""SageNotes: the alerts that Sage shows where an order is entered, and the memos on an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.domain.hold_notes import NoteKind, SageNote
from bot.errors import SageUnreadable
from bot.sage.decoding.fields import Record, flag, number_of, text, whole
from bot.sage.decoding.readable import readable
from bot.sage.protocol import rows
from bot.sage.site_resources import Ask

Send = Callable[[str, str, Mapping[str, object]], Awaitable[object]]
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class _Kind:
    resource: str
    text: str
    flags: Mapping[str, object]


# An alert is for those who enter what leads to a delivery; an invoice comes too late to stop one.
_SHOWN = {f"show_alert_for_{each}": True for each in ("orders", "proformas", "quotes")}
_KINDS = {
    NoteKind.ALERT: _Kind("customer_alerts", "alert_text", _SHOWN),
    NoteKind.MEMO: _Kind("customer_memos", "note", {}),
}


class SageNotes:
    """The notes about one customer. Each method may raise SageError."""

    def __init__(self, ask: Ask, send: Send) -> None:
        self._ask = ask
        self._send = send

    async def of(self, kind: NoteKind, customer_id: int) -> list[SageNote]:
        """Return the customer's notes of this kind, active or not."""
        which = _KINDS[kind]
        found = rows(await self._ask(f"customers/{customer_id}/{which.resource}", {}))

        def read(row: Record) -> SageNote:
            return SageNote(
                number_of(row, "id"), text(row, which.text, most=_LONGEST), flag(row, "is_active") is not False
            )

        notes = readable(found, read, of=which.resource, key=lambda note: note.id)
        if notes.unread:
            raise SageUnreadable  # one of them may be ours: it would be written twice
        return list(notes.rows)

    async def add(self, kind: NoteKind, customer_id: int, words: str) -> int | None:
        """Add an active note, once, and return its id; None if Sage doesn't say."""
        made = await self._send("POST", _KINDS[kind].resource, _fields(kind, customer_id, words, is_active=True))
        return whole(made, "id") if isinstance(made, dict) else None

    async def amend(self, kind: NoteKind, customer_id: int, note_id: int, words: str, *, is_active: bool) -> None:
        """Give a note these words, active or not."""
        # With every field that Sage's schema requires: whether a part is enough isn't documented.
        fields = _fields(kind, customer_id, words, is_active=is_active)
        await self._send("PUT", f"{_KINDS[kind].resource}/{note_id}", fields)


def _fields(kind: NoteKind, customer_id: int, words: str, *, is_active: bool) -> dict[str, object]:
    which = _KINDS[kind]
    return {"customer_id": customer_id, which.text: words, "is_active": is_active, **which.flags}

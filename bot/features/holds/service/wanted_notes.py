"""What a hold is to leave in Sage, and a release to take back: written with the change, and sent after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.hold_notes import HoldNotes, NoteKind
from bot.features.holds.model import closed_text, note_text
from bot.features.mirror.service.rows import CompanyKey
from storage.queries.holds import hold_notes as rows
from storage.tables.holds import HoldNote


@dataclass(frozen=True, slots=True)
class ChangedHold:
    """A hold or release made in Sage: the account, the user, the day, and the reason as written."""

    company_key: CompanyKey
    customer_id: int
    reference: str
    name: str
    user_id: str
    reason: str
    day: date


async def notes_of_change(
    tx: AsyncSession, made: ChangedHold, on_hold: bool, wanted: HoldNotes, *, now: datetime
) -> tuple[NoteKind, ...]:
    """Want the notes of a hold, or those of the account taken back; return their kinds."""
    # What was left is taken back whatever the setting is now.
    return await _want(tx, made, wanted, now=now) if on_hold else await _take_back(tx, made, now=now)


async def _want(tx: AsyncSession, held: ChangedHold, wanted: HoldNotes, *, now: datetime) -> tuple[NoteKind, ...]:
    known = await _known(tx, held) if wanted.kinds else {}
    for kind in wanted.kinds:
        text, note = note_text(kind, held.reason, held.day), known.get(kind)
        if note is None:
            await rows.add(
                tx,
                **held.company_key.named,
                customer_id=held.customer_id,
                kind=kind.value,
                reference=held.reference,
                name=held.name,
                user_id=held.user_id,
                wanted_at=now,
                text=text,
                due_at=now,
            )
            continue
        # One alert serves every hold. A memo stays as it was closed, and the next hold has its own.
        is_new = kind is NoteKind.MEMO and note.due_at is None and not note.is_wanted
        await rows.want(tx, note, is_wanted=True, text=text, user_id=held.user_id, now=now, is_new=is_new)
    return wanted.kinds


async def _take_back(tx: AsyncSession, released: ChangedHold, *, now: datetime) -> tuple[NoteKind, ...]:
    known = await _known(tx, released)
    taken = [NoteKind(kind) for kind, note in sorted(known.items()) if note.is_wanted]
    for kind in taken:
        await take_back(tx, known[kind], user_id=released.user_id, reason=released.reason, day=released.day, now=now)
    return tuple(taken)


async def take_back(tx: AsyncSession, note: HoldNote, *, user_id: str, reason: str, day: date, now: datetime) -> None:
    """Want one note taken back."""
    text = closed_text(NoteKind(note.kind), note.text, reason, day)
    await rows.want(tx, note, is_wanted=False, text=text, user_id=user_id, now=now)


async def _known(tx: AsyncSession, held: ChangedHold) -> dict[str, HoldNote]:
    return await rows.of_customer(tx, **held.company_key.named, customer_id=held.customer_id)

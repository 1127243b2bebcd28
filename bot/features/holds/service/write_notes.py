"""Writing the alerts and memos of holds to Sage: each once, however often tried, and never at the hold's expense."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog

from bot.coordination.background_tasks import BackgroundTasks
from bot.coordination.each_alone import each_alone
from bot.domain.hold_notes import NoteKind, SageNote
from bot.errors import BotError
from bot.features.access.model.authorization import Action, Role
from bot.features.access.service.sessions import policy_from
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.delivery.model import HOLD_NOTE_FAILED
from bot.features.holds.model import FailedNote, is_kept
from bot.features.holds.service.account_change import only_change, own_company
from bot.features.holds.service.later import ActingLater, next_try
from bot.features.holds.service.wanted_notes import take_back
from bot.features.mirror.service.rows import CompanyKey
from storage.database import Database
from storage.queries import settings
from storage.queries.alerts import outbox
from storage.queries.connections import workspaces
from storage.queries.holds import hold_notes as rows
from storage.tables.holds import HoldNote

log = structlog.get_logger(__name__)


class HoldNoteWriter:
    """Brings the notes in Sage to what is wanted, as the user whose hold or release it was."""

    def __init__(
        self,
        *,
        database: Database,
        acting_later: ActingLater,
        connections: Connections,
        audit: AuditLog,
        work: BackgroundTasks,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._acting_later = acting_later
        self._work = work
        self._connections = connections
        self._audit = audit
        self._clock = clock

    def write_soon(self, company_key: CompanyKey, customer_id: int) -> None:
        """Write what a hold or release of this customer has just wanted, beside its answer."""
        # What fails, or is cut off by the end of the process, is due still: `write_due` finds it.
        self._work.start(self._write_of(company_key, customer_id))

    async def _write_of(self, company_key: CompanyKey, customer_id: int) -> None:
        now = self._clock()
        async with self._database.reading() as tx:
            known = await rows.of_customer(tx, **company_key.named, customer_id=customer_id)
        due = [
            (note.workspace_id, note.id) for note in known.values() if note.due_at is not None and note.due_at <= now
        ]
        await self._write_each(due, now=now)

    async def write_due(self, *, most: int = 100) -> None:
        """Write what is due, and take back what an account leaves that was released in Sage itself."""
        now = self._clock()
        async with self._database.reading() as tx:
            outlived = await rows.outlived(tx, limit=most)
        for note in outlived:
            async with self._database.transaction() as tx:
                policy = policy_from(await settings.of_workspace(tx, workspace_id=note.workspace_id))
                await take_back(tx, note, user_id=note.user_id, reason="", day=policy.day_of(now), now=now)
        async with self._database.reading() as tx:
            due = await rows.due(tx, now=now, limit=most)
        await self._write_each(due, now=now)

    async def _write_each(self, due: Sequence[tuple[str, int]], *, now: datetime) -> None:
        await each_alone(
            due,
            lambda each: self._look(*each, now=now),
            task="write a note of a hold",
            ids=lambda each: {"workspace": each[0], "note": each[1]},
        )

    async def _look(self, workspace_id: str, note_id: int, *, now: datetime) -> None:
        note = await self._read(workspace_id, note_id)
        if note is None:
            return
        try:
            await self._write_as_user(note)
        except BotError as error:
            at = next_try(error, tries=note.tries, now=now)
            if at is None:
                await self._give_up(note, error.message)
                return
            log.info("a note of a hold could not be written yet", note=note_id, why=type(error).__name__)
            async with self._database.transaction() as tx:
                await rows.try_again(tx, note, at=at)

    async def _read(self, workspace_id: str, note_id: int) -> HoldNote | None:
        async with self._database.reading() as tx:
            return await rows.by_id(tx, workspace_id=workspace_id, note_id=note_id)

    async def _write_as_user(self, note: HoldNote) -> None:
        session = await self._acting_later.session_of(
            note.user_id, workspace_id=note.workspace_id, company_pk=note.company_pk
        )
        sage = own_company(self._connections, session, Action.HOLD if note.is_wanted else Action.RELEASE)
        async with only_change(session, sage, note.customer_id, database=self._database, clock=self._clock):
            # Under the lease: another worker may have written it meanwhile.
            found = await self._read(note.workspace_id, note.id)
            if found is not None and found.due_at is not None and found.wanted_at == note.wanted_at:
                await self._write(sage, found)

    async def _write(self, sage: SageCompany, note: HoldNote) -> None:
        kind, notes = NoteKind(note.kind), sage.client.notes()
        # Sage knows no key of a request: an answer that was lost is found by reading first.
        ours = [each for each in await notes.of(kind, note.customer_id) if _is_ours(note, each)]
        stale = [each for each in ours if each.is_active != note.is_wanted or not is_kept(note.text, each.text)]
        note_id = ours[0].id if ours else None
        if note.is_wanted and not ours:
            if not await self._begin(note, None):
                return
            note_id = await notes.add(kind, note.customer_id, note.text)
        elif stale:
            if not await self._begin(note, note_id):
                return
            for each in stale[:1] if note.is_wanted else stale:
                await notes.amend(kind, note.customer_id, each.id, note.text, is_active=note.is_wanted)
        await self._done(note, note_id)

    async def _begin(self, note: HoldNote, sage_id: int | None) -> bool:
        """Write down what is sent, before it is. Return False if something else is wanted meanwhile."""
        async with self._database.transaction() as tx:
            return await rows.sending(tx, note, sage_id=sage_id)

    async def _done(self, note: HoldNote, sage_id: int | None) -> None:
        async with self._database.transaction() as tx:
            if await rows.settle(tx, note, sage_id=sage_id):
                await self._audit.record(tx, self._line(note, "", note.text), workspace_id=note.workspace_id)

    async def _give_up(self, note: HoldNote, why: str) -> None:
        """Tell the user; of a note that still says that the account is on hold, the admins of the app as well."""
        async with self._database.transaction() as tx:
            if not await rows.settle(tx, note, sage_id=note.sage_id):
                return
            admins: list[str] = []
            if not note.is_wanted:
                admins = await workspaces.with_role(tx, workspace_id=note.workspace_id, role=Role.ADMIN)
            facts = FailedNote(note.id, note.reference, note.name, NoteKind(note.kind), note.is_wanted, why).facts()
            about: dict[str, Any] = {"workspace_id": note.workspace_id, "company_pk": note.company_pk}
            for user_id in sorted({note.user_id, *admins}):
                await outbox.add_notice(
                    tx,
                    **about,
                    user_id=user_id,
                    kind=HOLD_NOTE_FAILED,
                    facts=facts,
                    dedupe_key=f"hold_note:{note.id}:{note.wanted_at.timestamp()}:{note.is_wanted}:{user_id}",
                    now=self._clock(),
                )
            await self._audit.record(tx, self._line(note, " (failed)", why), workspace_id=note.workspace_id)

    def _line(self, note: HoldNote, how: str, after: str) -> AuditLine:
        did = "write" if note.is_wanted else "take back"
        what = f"{note.reference} {note.name}"
        return AuditLine(self._clock(), note.user_id, f"{did} the {note.kind} of a hold{how}", what, "", after)


def _is_ours(note: HoldNote, found: SageNote) -> bool:
    """Return whether a note of Sage's is the one of this row: by its id, else by the text that was sent."""
    if note.sage_id is not None:
        return found.id == note.sage_id
    return bool(note.sent) and is_kept(note.sent, found.text)

"""Whether a user may be answered from the mirror, which another person's sign-in has read. Sage decides."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import SAGE_REFUSALS, BotError, SageForbidden, SageMissing, SageUnavailable
from bot.features.access.model.authorization import Decision
from bot.features.access.model.session import Session
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import SageCompany
from bot.features.customers.model.lookup import CustomerCard
from storage.database import Database
from storage.queries.access import sessions
from storage.queries.connections import connections

T = TypeVar("T")

_SHOWN_FOR = timedelta(minutes=5)  # while a user types, Sage isn't asked again so soon
_NOTED_FOR = timedelta(minutes=1)  # that Sage showed figures is stored no more often
_IN_TIME, _TYPING = 3.0, 1.0  # seconds that Sage may take to refuse; a type-ahead menu can't wait longer
_RUNS_ON = 20.0  # seconds for which questions run on after their answer
MOST_RUNNING = 20  # questions of one workspace that may run on; more than its places at Sage
_NO_CUSTOMER = 0  # no customer's id
_NOT_SHOWN = "Sage 200 isn't responding, and your sign-in hasn't opened any customers yet, so there are none to show."

log = structlog.get_logger(__name__)


class CachePermission:
    """Asks Sage, and stores what its answer says about a sign-in. No answer says nothing."""

    # A refusal is stored in the database and is final, whatever the role, until Sage shows that user the company again.

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._audit = audit
        self._database = database
        self._running: dict[tuple[object, ...], asyncio.Task[Any]] = {}
        self._running_of: Counter[str] = Counter()

    async def asked(self, sage: SageCompany, ask: Callable[[], Awaitable[T]]) -> T:
        """Return Sage's answer. A refusal is stored; a card lifts it, since Sage showed this sign-in a customer."""
        try:
            found = await ask()
        except SAGE_REFUSALS as error:
            await self._note(sage, type(error).__name__)
            raise
        if isinstance(found, CustomerCard) and found.copied is None:
            await self._has_shown(sage)
        return found

    async def admit(self, sage: SageCompany) -> Decision:
        """Return what the asker may see of the mirror, after asking Sage about their own sign-in.

        Raises Sage's refusal, SageUnavailable if Sage never showed them anything, or NotAllowed.
        """
        session = sage.session
        if sage.is_own or session.refusal is not None:
            session = await self.ask(sage)
        return _admitted(session)

    async def ask(self, sage: SageCompany) -> Session:
        """Return the session after asking Sage about the sign-in, unchanged if Sage doesn't say in time.

        Raises Sage's refusal, or what ended the sign-in.
        """
        return await self._ask(sage, _IN_TIME)

    async def admit_typing(self, sage: SageCompany) -> Decision:
        """Return what `admit` does, but ask Sage once in five minutes, and never about a refused user."""
        session = sage.session
        seen = sage.sign_in.figures_seen_at
        if sage.is_own and session.refusal is None and (seen is None or session.now - seen > _SHOWN_FOR):
            session = await self._ask(sage, _TYPING)
        return _admitted(session)

    def run_on(self, sage: SageCompany, asking: asyncio.Task[Any]) -> None:
        """Let a question to Sage finish after its asker was answered from the mirror, to learn of a refusal."""
        if asking.done():
            _log_error(asking)
            return
        workspace_id = sage.workspace_id
        if sage.key in self._running or self._running_of[workspace_id] >= MOST_RUNNING:
            asking.cancel()
            return
        self._running[sage.key] = asking
        self._running_of[workspace_id] += 1
        limit = asyncio.get_running_loop().call_later(_RUNS_ON, asking.cancel)

        def over(task: asyncio.Task[Any]) -> None:
            limit.cancel()
            self._running.pop(sage.key, None)
            self._running_of[workspace_id] -= 1
            if not self._running_of[workspace_id]:
                del self._running_of[workspace_id]
            _log_error(task)

        asking.add_done_callback(over)

    async def settled(self) -> None:
        """Cancel what still runs, before the clients are closed."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _ask(self, sage: SageCompany, within: float) -> Session:
        """Ask Sage for a customer that doesn't exist. Return the session after the answer. Raises Sage's refusal."""
        # A user who may see no figures is refused even that. No answer says nothing; nor does that of a Sage too old to
        # know the question.
        if (running := self._running.get(sage.key)) is not None:
            await asyncio.wait({running}, timeout=within)
            return _answered(running, sage.session)
        asking = asyncio.create_task(self._probe(sage))
        try:
            await asyncio.wait({asking}, timeout=within)
            if not asking.done():
                self.run_on(sage, asking)
                log.info("Sage did not say in time whether somebody may see figures")
                return sage.session
            await asking
        except BotError as error:
            if error.permanent and not isinstance(error, SageMissing):
                raise
            log.info("Sage did not say whether somebody may see figures", why=type(error).__name__)
            return sage.session
        except asyncio.CancelledError:
            asking.cancel()
            raise
        return sage.session.shown_by_sage()

    async def _probe(self, sage: SageCompany) -> bool:
        await self.asked(sage, lambda: sage.client.customer_by_id(_NO_CUSTOMER))
        await self._has_shown(sage)
        return True

    async def _has_shown(self, sage: SageCompany) -> None:
        session, seen = sage.session, sage.sign_in.figures_seen_at
        if session.refusal is None and (not sage.is_own or (seen is not None and session.now - seen < _NOTED_FOR)):
            return
        await self._note(sage, None)

    async def _note(self, sage: SageCompany, refusal: str | None) -> None:
        """Store a refusal or, with None, that Sage showed figures. A database that is away doesn't fail the request."""
        now, company_columns = sage.session.now, sage.company_columns
        key = {**company_columns, "user_id": sage.sign_in.owner}
        try:
            async with self._database.transaction() as tx:
                is_current = await connections.note_figures(
                    tx,
                    **company_columns,
                    connection_id=sage.sign_in.connection_id,
                    sign_in_id=sage.sign_in.sign_in_id,
                    seen_at=now if refusal is None else None,
                )
                if refusal is not None:
                    await sessions.refuse(tx, **key, refusal=refusal, now=now)
                elif is_current:  # what another sign-in was shown lifts no refusal
                    await sessions.lift_refusal(tx, **key)
                if refusal != sage.session.refusal and (refusal is not None or is_current):
                    action = "refused by Sage" if refusal is not None else "granted by Sage"
                    stood = (sage.session.refusal or "", refusal or "")
                    line = AuditLine(now, sage.sign_in.owner, action, sage.company.company_name, *stood)
                    await self._audit.record(tx, line, workspace_id=sage.workspace_id)
        except (SQLAlchemyError, OSError) as error:
            log.warning("could not note what Sage said of a sign-in", why=type(error).__name__)


def _admitted(session: Session) -> Decision:
    if session.refusal is not None:
        raise refusal_of(session.refusal)
    if session.relies_on_sage and not session.cached.allowed:
        raise SageUnavailable(_NOT_SHOWN)
    return session.granted(session.cached)


def _answered(running: asyncio.Task[Any], session: Session) -> Session:
    """Return the session after a question that is still running or has ended. Raises Sage's refusal."""
    if not running.done() or running.cancelled():
        return session
    error = running.exception()
    if isinstance(error, SAGE_REFUSALS):
        raise error
    return session.shown_by_sage() if error is None and running.result() is not None else session


def refusal_of(name: str) -> BotError:
    """Return the error for the stored name of a refusal."""
    known = {each.__name__: each for each in SAGE_REFUSALS}
    return known.get(name, SageForbidden)()


def _log_error(task: asyncio.Task[Any]) -> None:
    """Log the error of a question without a waiting asker. Its answer was stored already."""
    if not task.cancelled() and task.exception() is not None:
        log.info("Sage answered after the copy did", why=type(task.exception()).__name__)

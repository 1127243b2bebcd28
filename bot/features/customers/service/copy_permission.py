"""Whether somebody may be answered from the copy: it was read with another person's sign-in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import structlog
from cachetools import TTLCache
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import (
    BotError,
    ReconnectNeeded,
    SageAccessRemoved,
    SageForbidden,
    SageMissing,
    SageSignInRefused,
    SageUnavailable,
)
from bot.features.access.model.authorization import Decision
from bot.features.access.service.authorizer import require_allowed
from bot.features.connections.service.connections import SageCompany
from bot.features.customers.model.lookup import CustomerCard
from storage import connections
from storage.database import Database

T = TypeVar("T")

_REFUSED_FOR = 24 * 3600  # seconds for which a refusal bars the copy, unless Sage shows customers meanwhile
_SHOWN_FOR = 300  # seconds for which Sage isn't asked again while somebody types
_IN_TIME, _TYPING = 3.0, 1.0  # seconds that Sage may take to refuse; a menu that is typed into can't wait longer
_RUNS_ON, _MOST = 20.0, 100  # seconds for which, and how many, questions run on that nobody waits for
_NOBODY = 0  # no customer's id
_REFUSALS = (SageForbidden, SageSignInRefused, SageAccessRemoved, ReconnectNeeded)
_NOT_SHOWN = "Sage 200 did not answer, and it hasn't shown your sign-in any customers yet, so I have none to show."

log = structlog.get_logger(__name__)


class CachePermission:
    """The one memory of what Sage said about whose sign-in. Only an answer is remembered: silence says nothing.

    Whom Sage refuses is barred, whatever their role. Else a role decides, and somebody without one is shown of the
    copy what Sage itself has shown this sign-in of this company before: that is kept in the database.
    """

    def __init__(self, *, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._refused: TTLCache[object, type[BotError]] = TTLCache(maxsize=10_000, ttl=_REFUSED_FOR)
        self._shown: TTLCache[object, bool] = TTLCache(maxsize=10_000, ttl=_SHOWN_FOR)
        self._running: dict[object, asyncio.Task[Any]] = {}

    def bars(self, line: SageCompany) -> bool:
        """Whether Sage has refused this sign-in and shown it nothing since."""
        return line.key in self._refused

    async def asked(self, line: SageCompany, ask: Callable[[], Awaitable[T]]) -> T:
        """What Sage answers; a refusal is remembered, and a card lifts it: Sage showed this sign-in a customer."""
        try:
            found = await ask()
        except _REFUSALS as error:
            self._refused[line.key] = type(error)
            self._shown.pop(line.key, None)
            await self._note(line, None)
            raise
        if isinstance(found, CustomerCard):
            await self._has_shown(line)
        return found

    async def admit(self, line: SageCompany) -> Decision:
        """What this person may see of the copy, after Sage was asked about them and their own sign-in.

        Raises what Sage refuses them with, SageUnavailable where it never showed them anything, or NotAllowed.
        """
        if line.is_own or self.bars(line):
            await self._ask(line, _IN_TIME)
        return self._admitted(line)

    async def admit_typing(self, line: SageCompany) -> Decision:
        """The same, but Sage is asked once in five minutes. Raises as `admit`."""
        if line.is_own and not self.bars(line) and line.key not in self._shown:
            await self._ask(line, _TYPING)
        return self._admitted(line)

    def _admitted(self, line: SageCompany) -> Decision:
        refusal = self._refused.get(line.key)
        if refusal is not None:
            raise refusal
        if not line.is_own or line.has_role:
            return require_allowed(line.kept)
        if line.key in self._shown:
            return line.decision
        if not line.kept.allowed:
            raise SageUnavailable(_NOT_SHOWN)
        return line.kept

    def run_on(self, line: SageCompany, asking: asyncio.Task[Any]) -> None:
        """Its asker is answered from the copy; what Sage says of them is still awaited, one question a sign-in."""
        if asking.done():
            _heard(asking)
            return
        if line.key in self._running or len(self._running) >= _MOST:
            asking.cancel()
            return
        self._running[line.key] = asking
        limit = asyncio.get_running_loop().call_later(_RUNS_ON, asking.cancel)

        def over(task: asyncio.Task[Any]) -> None:
            limit.cancel()
            self._running.pop(line.key, None)
            _heard(task)

        asking.add_done_callback(over)

    async def settled(self) -> None:
        """Give up what runs on, before what it asks with is closed."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _ask(self, line: SageCompany, within: float) -> None:
        """Sage's silence is no answer, nor is that of a Sage too old to know the question."""
        if (running := self._running.get(line.key)) is not None:
            await asyncio.wait({running}, timeout=within)
            return
        asking = asyncio.create_task(self._looked(line))
        try:
            await asyncio.wait({asking}, timeout=within)
            if not asking.done():
                self.run_on(line, asking)
                log.info("Sage did not say in time whether somebody may see figures")
                return
            await asking
        except BotError as error:
            if error.permanent and not isinstance(error, SageMissing):
                raise
            log.info("Sage did not say whether somebody may see figures", why=type(error).__name__)
        except asyncio.CancelledError:
            asking.cancel()
            raise

    async def _looked(self, line: SageCompany) -> None:
        """Whom Sage shows no figures it refuses even a customer that isn't there."""
        await self.asked(line, lambda: line.sage.customer_by_id(_NOBODY))
        await self._has_shown(line)

    async def _has_shown(self, line: SageCompany) -> None:
        self._refused.pop(line.key, None)
        known = line.key in self._shown
        self._shown[line.key] = True
        if line.is_own and not known:
            await self._note(line, self._clock())

    async def _note(self, line: SageCompany, seen_at: datetime | None) -> None:
        """An answer is not lost for a database that is away: then the memory must do."""
        company = line.company
        try:
            async with self._database.transaction() as tx:
                await connections.note_figures(
                    tx,
                    workspace_id=line.workspace_id,
                    connection_id=line.connection_id,
                    sign_in_id=line.sign_in_id,
                    edition=company.edition.value,
                    site_id=company.site_id,
                    company_id=company.company_id,
                    seen_at=seen_at,
                )
        except (SQLAlchemyError, OSError) as error:
            log.warning("could not note what Sage said of a sign-in", why=type(error).__name__)


def _heard(task: asyncio.Task[Any]) -> None:
    """Nobody waits for it: its error has been remembered where it says something."""
    if not task.cancelled() and task.exception() is not None:
        log.info("Sage answered after the copy did", why=type(task.exception()).__name__)

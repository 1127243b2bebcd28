"""The load on one company's Sage 200: pauses and heavy reads over all processes together, places in each."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.coordination.sage_places import SagePlaces
from bot.domain.company import Company, SiteWays
from bot.errors import SageBusy
from storage.database import Database
from storage.queries import leases
from storage.queries.connections import connections

_LEASE = timedelta(seconds=60)  # a heavy read extends its lease; a killed process's is free after this
_LOOK_AGAIN = 0.5
_LONGEST_PAUSE = timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KnownPause:
    """A pause that Sage has asked every process for, as just read from the database; None: no pause."""

    until: datetime | None


def name_of(company: Company) -> str:
    """Return the name by which a company's leases are stored, as `storage.leases.pause_name` writes it in SQL."""
    return f"{company.edition.value}:{company.site_id}:{company.company_id}"


class SageGates:
    """The throttles of all companies: pauses that Sage asks for, places for requests, and leases for heavy reads."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Callable[[], datetime],
        heavy_at_once: int = 1,
        places: SagePlaces | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._heavy_at_once = heavy_at_once
        self._places = places or SagePlaces()

    def of(self, company: Company, *, workspace_id: str, pause: KnownPause | None = None) -> SageGate:
        """Return the company's throttle, one for all workspaces that use the company, but for the workspace's places.

        `pause` is what the database said a moment ago; with it, the database isn't asked again.
        """
        return SageGate(
            self._database,
            self._clock,
            company,
            heavy_at_once=self._heavy_at_once,
            places=self._places,
            workspace_id=workspace_id,
            pause=pause,
        )

    def of_workspace(self, workspace_id: str) -> WorkspaceGate:
        """Return the throttle of questions about no company, such as which companies there are."""
        return WorkspaceGate(self._places, workspace_id)


class WorkspaceGate:
    """The throttle of a workspace's questions about no company: its places alone."""

    def __init__(self, places: SagePlaces, workspace_id: str) -> None:
        self._places = places
        self._workspace_id = workspace_id

    async def pass_through(self) -> None:
        """Return at once: Sage asks for pauses by company."""

    async def pause(self, seconds: float) -> None:
        """Do nothing: Sage asks for pauses by company."""

    async def remember(self, ways: SiteWays) -> None:
        """Do nothing: a company's Sage has ways, and there is no company."""

    def place(self) -> AbstractAsyncContextManager[None]:
        """Wait for a place among the requests, and hold it while the block runs. Raises SageSlow if none is free."""
        return self._places.take(workspace_id=self._workspace_id)

    def heavy(self) -> AbstractAsyncContextManager[None]:
        """Return at once: nothing is read as a whole without a company."""
        return nullcontext()


class SageGate:
    """One company's throttle and memory, an implementation of `bot.sage.transport.Gate`."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        company: Company,
        *,
        heavy_at_once: int,
        places: SagePlaces,
        workspace_id: str,
        pause: KnownPause | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._company = company
        self._name = name = name_of(company)
        self._places = places
        self._workspace_id = workspace_id
        self._known = pause
        self._pause = leases.PAUSE + name
        self._leases = [f"sage heavy {name} {number}" for number in range(heavy_at_once)]

    async def pass_through(self) -> None:
        """Raise SageBusy while Sage has asked for a pause, in whichever process."""
        now = self._clock()
        if self._known is not None:
            until = self._known.until
        else:
            until = await self._database.look(partial(leases.ends, name=self._pause))
        if until is not None and until > now:
            raise SageBusy(retry_after=(until - now).total_seconds())

    async def pause(self, seconds: float) -> None:
        """Make every process wait for so many seconds, as Sage asked in this one."""
        until = self._clock() + min(timedelta(seconds=seconds), _LONGEST_PAUSE)
        async with self._database.transaction() as tx:
            await leases.lengthen(tx, self._pause, until=until)
        self._known = KnownPause(until) if self._known is not None else None
        log.info("Sage asked for a pause", seconds=round(seconds, 1))

    async def remember(self, ways: SiteWays) -> None:
        """Store how the company's Sage turned out to be asked. A database that is away doesn't fail the request."""
        edition, site_id, company_id = self._company.key
        try:
            async with self._database.transaction() as tx:
                await connections.note_ways(
                    tx,
                    workspace_id=self._workspace_id,
                    edition=edition.value,
                    site_id=site_id,
                    company_id=company_id,
                    lacks=sorted(ways.lacks),
                    change_names_customer=ways.change_names_customer,
                )
        except (SQLAlchemyError, OSError) as error:
            log.warning("could not note how a Sage is asked", why=type(error).__name__)

    def place(self) -> AbstractAsyncContextManager[None]:
        """Wait for a place among the requests, and hold it while the block runs. Raises SageSlow if none is free."""
        return self._places.take(workspace_id=self._workspace_id, company=self._name)

    @asynccontextmanager
    async def heavy(self) -> AsyncIterator[None]:
        """Wait for a lease for heavy reads, and hold it while the block runs."""
        owner = secrets.token_hex(8)
        lease = await self._take(owner)
        holding = asyncio.create_task(self._hold(lease, owner))
        try:
            yield
        finally:
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
            async with self._database.transaction() as tx:
                await leases.release(tx, lease, owner=owner)

    async def _take(self, owner: str) -> str:
        while True:
            now = self._clock()
            for lease in self._leases:
                # Many may wait, and each looks twice a second: a look is no write.
                if not await self._database.look(partial(leases.is_free, name=lease, now=now)):
                    continue
                async with self._database.transaction() as tx:
                    if await leases.take(tx, lease, owner=owner, now=now, until=now + _LEASE):
                        return lease
            await asyncio.sleep(_LOOK_AGAIN)

    async def _hold(self, lease: str, owner: str) -> None:
        """Extend the lease until it is lost or this task is cancelled."""
        while True:
            await asyncio.sleep(_LEASE.total_seconds() / 4)
            now = self._clock()
            async with self._database.transaction() as tx:
                if not await leases.take(tx, lease, owner=owner, now=now, until=now + _LEASE):
                    log.warning("a heavy read lost its lease")
                    return

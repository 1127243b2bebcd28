"""The connection that reads a company in the background: one user's, who agreed to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.coordination.sage_throttle import SageGates
from bot.errors import SAGE_REFUSALS, BotError, NotConnected
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.company_choice import company_from
from bot.features.connections.service.connections import OpenSage
from bot.features.mirror.service.rows import CompanyKey
from bot.features.tokens.service.sage_tokens import SageTokens
from bot.features.tokens.service.sign_in_notices import company_refused
from bot.sage.client import SageClient
from storage.database import Database
from storage.queries.access import sessions
from storage.queries.mirror import mirror_state
from storage.tables.core import CONNECTED, Connection


@dataclass(frozen=True, slots=True)
class ReadingAs:
    """A Sage client for background work, and the connection that it uses."""

    client: SageClient
    connection: Connection
    company_name: str
    was_refused: bool


class ReaderConnections:
    """Opens Sage for background work, and stores Sage's refusals of the reader."""

    def __init__(
        self,
        *,
        database: Database,
        sage_tokens: SageTokens,
        gates: SageGates,
        open_sage: OpenSage,
        audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._audit = audit
        self._database = database
        self._sage_tokens = sage_tokens
        self._gates = gates
        self._open_sage = open_sage
        self._clock = clock

    async def open(self, key: CompanyKey) -> ReadingAs:
        """Open the company with the workspace connection, or with that of a subscriber who was told so.

        Raises NotConnected where none works: then the company isn't read.
        """
        async with self._database.reading() as tx:
            row = await mirror_state.company(tx, **key.named)
            reader = await mirror_state.reader(tx, **key.named)
        if row is None or reader is None:
            raise NotConnected("No sign-in of the workspace or of a subscriber has this company chosen.")
        if reader.connection.state != CONNECTED:
            raise NotConnected("The sign-in that reads this company has ended or is paused.")
        company = company_from(row)
        gate = self._gates.of(company, workspace_id=key.workspace_id)
        client = self._open_sage(self._sage_tokens.tokens_of(reader.connection), company, gate)
        return ReadingAs(client, reader.connection, row.company_name, reader.refusal is not None)

    async def note(self, key: CompanyKey, reading: ReadingAs, error: BotError | None) -> None:
        """Store Sage's refusal of the reader and notify once; without an error, delete an earlier refusal."""
        whose = {**key.named, "user_id": reading.connection.user_id}
        if isinstance(error, SAGE_REFUSALS) and not reading.was_refused:
            now = self._clock()
            async with self._database.transaction() as tx:
                await sessions.refuse(tx, **whose, refusal=type(error).__name__, now=now)
                await company_refused(tx, reading.connection, company_name=reading.company_name, now=now)
                await self._record(tx, key, reading, "refused by Sage", type(error).__name__)
        elif error is None and reading.was_refused:
            async with self._database.transaction() as tx:
                await sessions.lift_refusal(tx, **whose)
                await self._record(tx, key, reading, "granted by Sage", "")

    async def _record(self, tx: AsyncSession, key: CompanyKey, reading: ReadingAs, action: str, after: str) -> None:
        line = AuditLine(self._clock(), reading.connection.user_id, action, reading.company_name, "", after)
        await self._audit.record(tx, line, workspace_id=key.workspace_id)

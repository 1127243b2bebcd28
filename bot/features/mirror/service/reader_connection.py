"""Whose sign-in reads a company for the mirror."""

from __future__ import annotations

from bot.coordination.sage_throttle import SageGates
from bot.domain.company import Company, Edition
from bot.errors import NotConnected
from bot.features.connections.service.connections import OpenSage
from bot.features.mirror.service.rows import CompanyKey
from bot.features.tokens.service.sage_tokens import SageTokens
from bot.sage.client import SageClient
from storage import mirror_state as ledgers
from storage.database import Database


class ReaderConnections:
    """Opens Sage for background work, as somebody of the workspace who points at the company."""

    def __init__(self, *, database: Database, sage_tokens: SageTokens, gates: SageGates, open_sage: OpenSage) -> None:
        self._database = database
        self._custody = sage_tokens
        self._gates = gates
        self._open_sage = open_sage

    async def open(self, books: CompanyKey, *, failures: int) -> SageClient:
        """The workspace's own sign-in; after each failure the next one has a try. Raises NotConnected."""
        async with self._database.reading() as tx:
            row = await ledgers.company(tx, **books.named)
            connections = await ledgers.readers(tx, **books.named)
        if row is None or not connections:
            raise NotConnected("Nobody whose Sage sign-in is live has this company chosen.")
        company = Company(row.company_name, row.site_name, Edition(row.edition), row.site_id, row.company_id)
        connection = connections[failures % len(connections)]
        return self._open_sage(self._custody.tokens_of(connection), company, self._gates.of(company))

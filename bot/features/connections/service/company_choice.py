"""What the rows say of a company: which it is, whose sign-in points at it, and how fresh its copy is."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.company import Company, Edition
from bot.features.access.model.authorization import Asker
from bot.features.connections.model import CopyFreshness
from storage import connections
from storage import mirror_state as ledgers
from storage.tables.alerts import LIVE
from storage.tables.core import CompanyRow as StoredCompany
from storage.tables.core import Connection


async def copy_freshness(tx: AsyncSession, asker: Asker, company_pk: int | None) -> CopyFreshness | None:
    """How fresh the copy is that answers for this company; None where none is kept."""
    if company_pk is None:
        return None
    ledger = await ledgers.of_company(tx, workspace_id=asker.workspace_id, company_pk=company_pk)
    if ledger is None:
        return None
    as_of = ledger.synced_at if ledger.phase == LIVE else None
    return CopyFreshness(as_of, ledger.read_count, ledger.trouble or "", ledger.trouble_since)


def company_from(row: StoredCompany) -> Company:
    """As the rest of the house knows it."""
    return Company(row.company_name, row.site_name, Edition(row.edition), row.site_id, row.company_id)


async def choose_company(tx: AsyncSession, connection: Connection, company: Company) -> tuple[str, str] | None:
    """Have this sign-in answer from that company; which it was before and is now, in words.

    None where it was that one already, whatever Sage calls it now.
    """
    whose = {"workspace_id": connection.workspace_id, "connection_id": connection.id}
    before = await connections.company_of(tx, **whose)
    was = company_from(before) if before is not None else None
    await connections.choose_company(
        tx,
        **whose,
        edition=company.edition.value,
        site_id=company.site_id,
        company_id=company.company_id,
        company_name=company.company_name,
        site_name=company.site_name,
    )
    if was is not None and was.key == company.key:
        return None
    return _called(was) if was is not None else "none", _called(company)


def _called(company: Company) -> str:
    return f"{company.company_name} ({company.site_name}, number {company.company_id})"

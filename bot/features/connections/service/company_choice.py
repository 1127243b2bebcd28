"""The company that a sign-in answers from, and how fresh its mirror is."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.company import Company, Edition
from bot.features.access.model.session import Session
from bot.features.connections.model import MirrorFreshness
from storage import connections
from storage.tables.core import CompanyRow as StoredCompany
from storage.tables.core import Connection


def mirror_freshness(session: Session) -> MirrorFreshness | None:
    """Return how fresh the mirror of the session's company is; None if there is no mirror."""
    mirror = session.answering.mirror if session.answering is not None else None
    if mirror is None:
        return None
    return MirrorFreshness(mirror.synced_at, mirror.customers, mirror.trouble, mirror.trouble_since)


def company_from(row: StoredCompany) -> Company:
    """Return a company row as a value."""
    return Company(row.company_name, row.site_name, Edition(row.edition), row.site_id, row.company_id)


async def choose_company(tx: AsyncSession, connection: Connection, company: Company) -> tuple[str, str] | None:
    """Set the company that this sign-in answers from. Returns (old, new) in words, or None if it is unchanged."""
    key = {"workspace_id": connection.workspace_id, "connection_id": connection.id}
    before = await connections.company_of(tx, **key)
    was = company_from(before) if before is not None else None
    await connections.choose_company(
        tx,
        **key,
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

"""The company that a sign-in answers from."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.company import Company, Edition, SiteWays
from storage.queries import conversation_subject
from storage.queries.connections import connections
from storage.tables.core import CompanyRow as StoredCompany
from storage.tables.core import Connection


def company_from(row: StoredCompany) -> Company:
    """Return a company row as a value."""
    ways = SiteWays(frozenset(row.lacks), row.change_names_customer)
    return Company(row.company_name, row.site_name, Edition(row.edition), row.site_id, row.company_id, ways)


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
    # “It” was a customer of the company before.
    await conversation_subject.forget(tx, workspace_id=connection.workspace_id, user_id=connection.user_id)
    return _called(was) if was is not None else "none", _called(company)


def _called(company: Company) -> str:
    return f"{company.company_name} ({company.site_name}, number {company.company_id})"

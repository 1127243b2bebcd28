"""Erasing and exporting what is kept about one person or one customer (UK GDPR, articles 15 and 17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service import connect_link
from bot.features.tokens.service import sage_tokens
from bot.features.tokens.service.sage_tokens import SageTokens
from storage.cipher import Cipher, SealBroken, SealedText
from storage.database import Database
from storage.queries import audit
from storage.queries import personal_data as rows

Tables = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Subject:
    """The person or customer that is asked for. `workspace` is a Slack id, `company` a name; None means all of them."""

    person: str | None = None
    customer: str | None = None
    workspace: str | None = None
    company: str | None = None

    @property
    def said(self) -> str:
        """Return the subject in words."""
        return self.person or f"customer {self.customer}"


@dataclass(frozen=True, slots=True)
class Found:
    """What is kept about the subject in one workspace, by table; of a customer, in one company."""

    workspace_id: str
    workspace: str
    tables: Tables
    company_pk: int | None = None
    company: str = ""
    customer_id: int = 0
    record_lines: int = 0

    def exported(self) -> dict[str, Any]:
        """Return the rows as JSON values."""
        where = {"workspace": self.workspace} | ({"company": self.company} if self.company else {})
        return {**where, "tables": {name: [_plain(row) for row in found] for name, found in self.tables.items()}}


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows were deleted or no longer name the subject, by table, and how many tokens were revoked at Sage."""

    workspace: str
    rows: Mapping[str, int]
    company: str = ""
    revoked: int = 0
    kept_lines: int = field(default=0)


class PersonalData:
    """Finds, exports and erases what is kept about one person or customer."""

    def __init__(self, *, database: Database, sage_tokens: SageTokens, cipher: Cipher, audit: AuditLog) -> None:
        self._database = database
        self._sage_tokens = sage_tokens
        self._cipher = cipher
        self._audit = audit

    async def find(self, subject: Subject) -> list[Found]:
        """Return what is kept about the subject, workspace by workspace; nothing for an unknown one."""
        found: list[Found] = []
        async with self._database.reading() as tx:
            for workspace_id, slack_id, name in await rows.workspaces(tx, slack_id=subject.workspace):
                called = f"{name} ({slack_id})"
                if subject.person is not None:
                    tables = await rows.of_person(tx, workspace_id=workspace_id, user_id=subject.person)
                    if tables:
                        lines = len(tables.get("audit_entries", ()))
                        found.append(Found(workspace_id, called, tables, record_lines=lines))
                else:
                    found += await self._of_customer(tx, subject, workspace_id, called)
        return found

    async def _of_customer(self, tx: AsyncSession, subject: Subject, workspace_id: str, called: str) -> list[Found]:
        reference, found = subject.customer or "", []
        where = {"workspace_id": workspace_id, "reference": reference}
        for company_pk, company, customer_id in await rows.customers(tx, **where, company=subject.company):
            tables = await rows.of_customer(tx, **where, company_pk=company_pk, customer_id=customer_id)
            lines = await audit.naming(tx, **where)
            kept = {**tables, "audit_entries": lines} if lines else tables
            found.append(Found(workspace_id, called, kept, company_pk, company, customer_id, len(lines)))
        return found

    async def erase(self, subject: Subject, found: Sequence[Found], *, now: datetime) -> list[Erased]:
        """Erase what was found, then revoke the person's tokens at Sage (best effort). The record keeps its lines."""
        return [await self._erase(subject, each, now=now) for each in found]

    async def _erase(self, subject: Subject, found: Found, *, now: datetime) -> Erased:
        tokens: list[tuple[str, str | None]] = []
        async with self._database.transaction() as tx:
            if subject.person is not None:
                whose = {"workspace_id": found.workspace_id, "user_id": subject.person}
                tokens = self._opened(await rows.tokens_of(tx, **whose), **whose)
                done = await rows.erase_person(tx, **whose)
            else:
                assert found.company_pk is not None  # noqa: S101 - a customer is of a company
                done = await rows.erase_customer(
                    tx,
                    workspace_id=found.workspace_id,
                    company_pk=found.company_pk,
                    customer_id=found.customer_id,
                    reference=subject.customer or "",
                )
            # Without the name: the record would keep what was to be erased.
            what = "a person" if subject.person is not None else "a customer"
            line = AuditLine(now, "", "erase personal data", what, "", f"{sum(done.values())} rows")
            await self._audit.record(tx, line, workspace_id=found.workspace_id)
        revoked = 0
        for token, subject_hash in tokens:
            revoked += await self._sage_tokens.revoke(
                token, subject_hash=subject_hash, workspace_id=found.workspace_id, user_id=subject.person or ""
            )
        return Erased(found.workspace, done, found.company, revoked, found.record_lines)

    def _opened(
        self, sealed: Sequence[tuple[str, str, str, str | None]], *, workspace_id: str, user_id: str
    ) -> list[tuple[str, str | None]]:
        """Return (refresh token, hashed Sage ID) of those that can be opened."""
        found = []
        for kind, row_id, token, subject_hash in sealed:
            is_link = kind == "link"
            column, owner = (connect_link.REFRESH, row_id) if is_link else (sage_tokens.REFRESH, user_id)
            try:
                opened = self._cipher.open(SealedText(token), workspace_id=workspace_id, column=column, owner=owner)
            except SealBroken:
                continue
            found.append((opened, subject_hash))
        return found


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value

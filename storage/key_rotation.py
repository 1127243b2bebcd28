"""Queries of key rotation: every column that holds encrypted text, and its compare-and-swap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.statements import changed
from storage.tables.core import Connection, ConnectLink, Workspace
from storage.tables.holds import AuditHead

Sealed = AuditHead | Connection | ConnectLink | Workspace
TABLES: tuple[type[Sealed], ...] = (Workspace, Connection, ConnectLink, AuditHead)


@dataclass(frozen=True, slots=True)
class Found:
    """One encrypted text, with what it is bound to."""

    table: type[Sealed]
    row_id: str
    column: str
    sealed: str
    workspace_id: str
    user_id: str


def columns(table: type[Sealed]) -> list[InstrumentedAttribute[Any]]:
    """Return a table's encrypted columns, by the naming rule of `storage.tables.core`."""
    names = [column.key for column in table.__table__.columns if column.key.endswith("_sealed")]
    return [getattr(table, name) for name in names]


async def count(tx: AsyncSession, *, but: str) -> int:
    """Return how many rows hold a text that does not begin with `but`."""
    totals = [
        await tx.scalar(select(func.count()).select_from(table).where(_other(table, but=but))) or 0 for table in TABLES
    ]
    return sum(totals)


async def page(tx: AsyncSession, table: type[Sealed], *, but: str | None, after: str, limit: int) -> list[Found]:
    """Return the texts of the next rows by id that do not begin with `but`; with None, all of them."""
    statement = select(table).where(_other(table, but=but), table.id > after).order_by(table.id).limit(limit)
    rows: list[Sealed] = [*(await tx.scalars(statement))]
    return [
        Found(
            table=table,
            row_id=row.id,
            column=column.key,
            sealed=text,
            workspace_id=row.id if isinstance(row, Workspace) else row.workspace_id,
            user_id="" if isinstance(row, AuditHead | Workspace) else row.user_id,
        )
        for row in rows
        for column in columns(table)
        if (text := getattr(row, column.key)) is not None and (but is None or not text.startswith(but))
    ]


async def replace(tx: AsyncSession, found: Found, *, sealed: str) -> bool:
    """Replace a text. Return False if another text was stored there meanwhile."""
    column = getattr(found.table, found.column)
    statement = update(found.table).where(found.table.id == found.row_id, column == found.sealed)
    return await changed(tx, statement.values({found.column: sealed})) == 1


def _other(table: type[Sealed], *, but: str | None) -> ColumnElement[bool]:
    if but is None:
        return or_(*(column.is_not(None) for column in columns(table)))
    return or_(*(and_(column.is_not(None), column.not_like(f"{but}%")) for column in columns(table)))

"""Queries of request claims: Slack sends some requests twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BindParameter, String, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeEngine

from storage.columns import UtcDateTime
from storage.statements import changed, one, table_of
from storage.tables.core import SeenRequest


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of a request; a second one with the same key within `window` is a repeat."""

    key: str
    now: datetime
    window: timedelta


async def claim(tx: AsyncConnection, claims: Iterable[Claim]) -> set[str]:
    """Claim the requests in one statement. Return the keys that are no repeats."""
    rows = sorted(claims, key=lambda claim: claim.key)  # in one order, so that two processes can't deadlock
    # Each key may be in the list once: PostgreSQL changes no row twice in one statement.
    if tx.dialect.name == "sqlite":
        values: Any = [{"key": each.key, "seen_at": each.now, "repeats_until": each.now + each.window} for each in rows]
    else:
        values = {
            "keys": [each.key for each in rows],
            "seen": [each.now for each in rows],
            "until": [each.now + each.window for each in rows],
        }
    return set((await tx.execute(_CLAIMS[tx.dialect.name], values)).scalars())


async def answer(tx: AsyncSession, key: str, text: str) -> None:
    """Store what a claimed request was answered."""
    await changed(tx, update(SeenRequest).where(SeenRequest.key == key).values(answer=text))


async def answered(tx: AsyncSession, key: str, *, since: datetime) -> str | None:
    """Return the answer of a request claimed after `since`; "" while there is none yet, None without such a claim."""
    row = await one(tx, select(SeenRequest).where(SeenRequest.key == key, SeenRequest.seen_at > since))
    return None if row is None else row.answer or ""


async def purge_seen(tx: AsyncSession, *, before: datetime) -> int:
    """Delete the claims made before a moment. Return how many."""
    return await changed(tx, delete(SeenRequest).where(SeenRequest.seen_at < before))


def _claim(insert: postgresql.Insert | sqlite.Insert) -> ReturningInsert[Any]:
    new, was = insert.excluded, table_of(SeenRequest).c
    again = insert.on_conflict_do_update(
        index_elements=["key"],
        set_={"seen_at": new.seen_at, "repeats_until": new.repeats_until},
        where=func.coalesce(was.repeats_until, was.seen_at) < new.seen_at,
    )
    return again.returning(was.key)


def _of_lists() -> postgresql.Insert:
    """Return PostgreSQL's INSERT of three lists: one text, which the server plans once, however many are claimed."""
    kinds: dict[str, type[TypeEngine[Any]]] = {"keys": String, "seen": UtcDateTime, "until": UtcDateTime}
    given: list[BindParameter[Any]] = [bindparam(name, type_=ARRAY(kind)) for name, kind in kinds.items()]
    rows = func.unnest(*given).table_valued(*kinds).render_derived(name="claimed").c
    return postgresql.insert(table_of(SeenRequest)).from_select(["key", "seen_at", "repeats_until"], select(*rows))


_CLAIMS = {"sqlite": _claim(sqlite.insert(table_of(SeenRequest))), "postgresql": _claim(_of_lists())}

"""Looking through the mirror for the customers that somebody's words may mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.news_models import MirroredCustomer
from storage.rows import table_of

_C = table_of(MirroredCustomer).c
# The longest that Sage's columns hold.
_REFERENCE, _SHORT_NAME, _POSTCODE = 20, 8, 10


@dataclass(frozen=True, slots=True)
class Named:
    """Enough of a customer for a menu."""

    customer_id: int
    reference: str
    name: str
    short_name: str
    postcode: str


async def find(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, words: str, spellings: Iterable[str] = (), limit: int = 26
) -> list[Named]:
    """By name, those whose reference begins so, whose name holds the words, or whose short name or postcode they are.

    Case doesn't count for A to Z. SQLite knows the case of no other letter: `spellings` are further ways to write it.
    """
    is_sqlite = tx.get_bind().dialect.name == "sqlite"
    fitting = or_(*_fitting(words, spellings, is_sqlite=is_sqlite))
    found = await tx.execute(search(fitting, workspace_id=workspace_id, company_pk=company_pk, limit=limit))
    return [Named(**row._mapping) for row in found]


def search(
    fitting: ColumnElement[bool], *, workspace_id: str, company_pk: int, limit: int
) -> Select[tuple[int, str, str, str, str]]:
    """The statement. It reads one company's index of names from end to end at worst: no text index is asked for."""
    whose = and_(_C.workspace_id == workspace_id, _C.company_pk == company_pk)
    columns = (_C.customer_id, _C.reference, _C.name, _C.short_name, _C.postcode)
    return select(*columns).where(whose, fitting).order_by(_C.name, _C.customer_id).limit(limit)


def _fitting(words: str, spellings: Iterable[str], *, is_sqlite: bool) -> Iterator[ColumnElement[bool]]:
    """Only what these words can be: each comparison is made with every customer of the company."""
    unspaced = words.replace(" ", "")
    if " " not in words and len(words) <= _REFERENCE:
        yield _begins(_C.reference, words, is_sqlite=is_sqlite)
    if len(words) <= _SHORT_NAME:
        yield func.lower(_C.short_name) == words.lower()
    if len(unspaced) <= _POSTCODE and any(sign.isdigit() for sign in unspaced):
        spaced = f"{unspaced[:-3]} {unspaced[-3:]}".upper()
        yield _C.postcode.in_({words, words.upper(), unspaced.upper(), spaced})
    for spelling in [words] if words.isascii() else dict.fromkeys((words, *spellings)):
        yield _holds(_C.name, spelling, is_sqlite=is_sqlite)


# SQLite's own LIKE ignores the case of A to Z, and calling lower() for every row takes it twice as long.
def _holds(column: ColumnElement[str], words: str, *, is_sqlite: bool) -> ColumnElement[bool]:
    return column.contains(words, autoescape=True) if is_sqlite else column.icontains(words, autoescape=True)


def _begins(column: ColumnElement[str], words: str, *, is_sqlite: bool) -> ColumnElement[bool]:
    return column.startswith(words, autoescape=True) if is_sqlite else column.istartswith(words, autoescape=True)

"""Searches of the mirror: the customers that typed words may mean. Words are given as keys: folded, in lower case."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queries.mirror.customer_condition import CodeIn, sets_with
from storage.statements import begins, holds, place, table_of
from storage.tables.alerts import MirroredCustomer

_C = table_of(MirroredCustomer).c
_NAMES = (_C.customer_id, _C.reference, _C.name, _C.short_name, _C.postcode)
# The longest that Sage's columns hold.
_REFERENCE, _SHORT_NAME, _POSTCODE = 20, 8, 10
_MOST_WORDS, _ANYWHERE = 6, 3


@dataclass(frozen=True, slots=True)
class Named:
    """A customer's id and names, enough for a menu."""

    customer_id: int
    reference: str
    name: str
    short_name: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Found(Named):
    """A customer's id and names, with the analysis codes that say whose customer it is."""

    analysis: Mapping[str, str]


async def find(tx: AsyncSession, *, workspace_id: str, company_pk: int, words: str, limit: int = 26) -> list[Named]:
    """Return customers, by name, whose reference, name, short name or postcode fits the words."""
    # A postcode is found by its index; names are looked through from end to end only where that finds nobody.
    ways = [_C.postcode_key == postcode] if (postcode := _postcode(words)) else []
    for fitting in (*ways, or_(*_fitting(words))):
        rows = await tx.execute(search(fitting, workspace_id=workspace_id, company_pk=company_pk, limit=limit))
        if found := [Named(**row._mapping) for row in rows]:
            return found
    return []


async def suggested(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    words: str,
    codes: Iterable[Mapping[int, Collection[str]]] | None = None,
    limit: int = 25,
) -> list[Found]:
    """Return customers for typed text: by beginning of the reference or the postcode, then those that every word fits.

    `codes`: only customers with one of these values in such a slot; the caller decides by `analysis`.
    """
    here: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
    found: dict[int, Found] = {}
    if " " not in words and len(words) <= _REFERENCE:
        begin = begins(_C.reference_key, words)
        found = await _narrowed(tx, begin, codes, order=_C.reference_key, limit=limit, **here)
    postcode = _postcode(words)
    if postcode and not found:
        found = await _narrowed(
            tx, begins(_C.postcode_key, postcode), codes, order=_C.postcode_key, limit=limit, **here
        )
    # Where digits were typed and references or postcodes begin with them, these were meant.
    if len(found) < limit and not (found and _has_digit(words)):
        every = and_(*(or_(*_typed(word)) for word in words.split()[:_MOST_WORDS]))
        found |= await _narrowed(tx, every, codes, order=_C.name_key, limit=limit, **here)
    return list(found.values())[:limit]


async def beginning_like(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    stem: str,
    codes: Iterable[Mapping[int, Collection[str]]] | None = None,
    limit: int = 1_000,
) -> list[Found]:
    """Return customers with a word of the name, or a reference, that begins with the stem of a mistyped word."""
    fitting = or_(begins(_C.name_key, stem), holds(_C.name_key, f" {stem}"), begins(_C.reference_key, stem))
    here: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
    found = await _narrowed(tx, fitting, codes, order=_C.name_key, limit=limit, **here)
    return list(found.values())


async def mentioned(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    references: Collection[str],
    first_words: Collection[str],
    limit: int = 5_000,
) -> list[Named]:
    """Return customers with one of these references, or whose name begins with one of these words."""
    # One scan of the index of names, however many words.
    first = func.substr(_C.name_key, 1, place(_C.name_key + " ", " ") - 1)
    found: list[Named] = []
    for fitting in (_C.reference_key.in_(references), first.in_(first_words)):
        rows = await tx.execute(search(fitting, workspace_id=workspace_id, company_pk=company_pk, limit=limit))
        found += [Named(**row._mapping) for row in rows]
    return found


async def _narrowed(
    tx: AsyncSession,
    fitting: ColumnElement[bool],
    codes: Iterable[Mapping[int, Collection[str]]] | None,
    *,
    workspace_id: str,
    company_pk: int,
    order: ColumnElement[str],
    limit: int,
) -> dict[int, Found]:
    """Return the customers that fit, in order and up to the limit, by id."""
    if codes is not None:
        one_of = [CodeIn(slot, keys) for each in codes for slot, keys in each.items()]
        # Not by the index of sets, which SQLite would take: it leads to every customer of a rep, in no order.
        fitting = and_(fitting, (_C.code_set + "").in_(sets_with(company_pk, one_of)))
    rows = await tx.execute(_first(fitting, (*_NAMES, _C.analysis), _of(workspace_id, company_pk), order, limit))
    return {row.customer_id: Found(**row._mapping) for row in rows}


def _typed(word: str) -> Iterator[ColumnElement[bool]]:
    # From three letters on a word fits any part of a name; a shorter one the beginning of one of its words.
    if len(word) >= _ANYWHERE:
        yield holds(_C.name_key, word)
    else:
        yield begins(_C.name_key, word)
        yield holds(_C.name_key, f" {word}")
    if len(word) <= _SHORT_NAME:
        yield begins(_C.short_name_key, word)
    if postcode := _postcode(word):
        yield holds(_C.postcode_key, postcode)


def search(
    fitting: ColumnElement[bool], *, workspace_id: str, company_pk: int, limit: int
) -> Select[tuple[int, str, str, str, str]]:
    """Return the statement of a search by name."""
    return _first(fitting, _NAMES, _of(workspace_id, company_pk), _C.name_key, limit)


def _first(
    fitting: ColumnElement[bool],
    columns: tuple[ColumnElement[Any], ...],
    here: ColumnElement[bool],
    order: ColumnElement[str],
    limit: int,
) -> Select[Any]:
    """Return the statement of the first customers that fit, in order."""
    # At worst one company's index of names is read from end to end: there is no text index. Rows, ten times as wide,
    # are opened only for what was found in it.
    ids = select(_C.customer_id).where(here, fitting).order_by(order, _C.customer_id).limit(limit).correlate(None)
    return select(*columns).where(here, _C.customer_id.in_(ids)).order_by(order, _C.customer_id)


def _of(workspace_id: str, company_pk: int) -> ColumnElement[bool]:
    return and_(_C.workspace_id == workspace_id, _C.company_pk == company_pk)


def _postcode(words: str) -> str:
    """Return the words as a postcode's key, if they may be a postcode or its beginning; else nothing."""
    unspaced = words.replace(" ", "")
    return unspaced if len(unspaced) <= _POSTCODE and _has_digit(unspaced) else ""


def _has_digit(words: str) -> bool:
    return any(sign.isdigit() for sign in words)


def _fitting(words: str) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that these words may meet."""
    # Only comparisons that these words can meet: each is made with every customer of the company.
    if " " not in words and len(words) <= _REFERENCE:
        yield begins(_C.reference_key, words)
    if len(words) <= _SHORT_NAME:
        yield _C.short_name_key == words
    yield holds(_C.name_key, words)

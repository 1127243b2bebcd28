"""Searches of the mirror: the customers that typed words may mean. Words are given as keys: folded, in lower case."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from storage.queries.mirror import name_words
from storage.queries.mirror.customer_condition import CodeIn, sets_with
from storage.statements import begins, holds, one_of, place, table_of
from storage.tables.alerts import MirroredCustomer
from storage.tables.core import CompanyRow

_C = table_of(MirroredCustomer).c
_NAMES = (_C.customer_id, _C.reference, _C.name, _C.short_name, _C.postcode)
# The longest that Sage's columns hold.
_REFERENCE, _SHORT_NAME, _POSTCODE = 20, 8, 10
_INWARD = 3
"""The length of the second half of a postcode."""
_MOST_WORDS, _ANYWHERE = 6, 3
# Of more customers than these it is dearer to open each than to read names in order until enough fit: they come soon
# where one word was typed by somebody who may see everybody, and late where more must fit.
_SOON, _LATE = 500, 5_000
_MOST_SETS = 1_000


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
    here: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
    if (postcode := _postcode(words)) and (found := await _found(tx, _C.postcode_key == postcode, **here, limit=limit)):
        return found
    few = await name_words.fewest(tx, words.split(), **here, most=_SOON if " " not in words else _LATE)
    fitting = or_(*_fitting(words))
    if few is not None:
        begin = select(_C.customer_id).where(_of(**here), begins(_C.reference_key, words))
        fitting = and_(fitting, _C.customer_id.in_(few.union(begin)))
    return await _found(tx, fitting, **here, limit=limit)


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
    sets = None if codes is None else await _sets(tx, company_pk, codes)
    search_in_order = partial(_narrowed, tx, sets=sets, limit=limit, **here)
    found: dict[int, Found] = {}
    if " " not in words and len(words) <= _REFERENCE:
        found = await search_in_order(fitting=begins(_C.reference_key, words), order=_C.reference_key)
    postcode = _postcode(words)
    if postcode and not found:
        found = await search_in_order(fitting=begins(_C.postcode_key, postcode), order=_C.postcode_key)
    # Where digits were typed and references or postcodes begin with them, these were meant.
    if len(found) < limit and not (found and _has_digit(words)):
        typed = words.split()[:_MOST_WORDS]
        every = and_(*(or_(*_typed(word)) for word in typed))
        few = await _few(tx, typed, is_soon=len(typed) == 1 and codes is None, **here)
        if few is not None:
            every = and_(_C.customer_id.in_(few), every)
        found |= await search_in_order(fitting=every, order=_C.name_key)
    return list(found.values())[:limit]


async def references_beginning(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, stem: str, limit: int
) -> list[str]:
    """Return the references, as keys, that begin with a stem."""
    # Of the workspace is the company, which is asked once: so the index of references has all that is read.
    company = select(CompanyRow.id).where(CompanyRow.id == company_pk, CompanyRow.workspace_id == workspace_id)
    whose = (_C.company_pk == company.scalar_subquery(), begins(_C.reference_key, stem))
    return list(await tx.scalars(select(_C.reference_key).where(*whose).limit(limit)))


async def called(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    words: Collection[str],
    references: Collection[str],
    codes: Iterable[Mapping[int, Collection[str]]] | None = None,
    limit: int = 300,
) -> list[Found]:
    """Return customers with one of these words in the name, or one of these references."""
    here: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
    sets = None if codes is None else await _sets(tx, company_pk, codes)
    referred = select(_C.customer_id).where(_of(**here), _C.reference_key.in_(references))
    either = _C.customer_id.in_(name_words.with_words(words, **here).union(referred))
    return list((await _narrowed(tx, either, sets=sets, order=_C.name_key, limit=limit, **here)).values())


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
        found += await _found(tx, fitting, workspace_id=workspace_id, company_pk=company_pk, limit=limit)
    return found


async def _few(
    tx: AsyncSession, typed: Sequence[str], *, is_soon: bool, workspace_id: str, company_pk: int
) -> CompoundSelect[int] | Select[int] | None:
    """Select the ids of a few customers that include every one the words fit; None if there would be too many."""
    here: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
    most = _SOON if is_soon else _LATE
    if plain := [word for word in typed if not _has_digit(word)]:
        return await name_words.fewest(tx, plain, **here, most=most, has=_in_word)
    # A word with a digit may be a part of a postcode too: its beginning, or its last three signs.
    longest = max(typed, key=len)
    if len(longest) < _INWARD:
        return None
    few = await name_words.fewest(tx, [longest], **here, most=most)
    is_inward = len(longest) == _INWARD
    within = holds(_C.postcode_key, longest) if is_inward else begins(_C.postcode_key, longest)
    # All but the company is asked of these customers again; their index has no more.
    return None if few is None else few.union(select(_C.customer_id).where(_C.company_pk == company_pk, within))


async def _found(
    tx: AsyncSession, fitting: ColumnElement[bool], *, workspace_id: str, company_pk: int, limit: int
) -> list[Named]:
    rows = await tx.execute(search(fitting, workspace_id=workspace_id, company_pk=company_pk, limit=limit))
    return [Named(**row._mapping) for row in rows]


async def _sets(
    tx: AsyncSession, company_pk: int, codes: Iterable[Mapping[int, Collection[str]]]
) -> Sequence[str] | Select[str]:
    """Return the names of the sets that have one of these codes, or where they are many the statement of them."""
    named = sets_with(company_pk, [CodeIn(slot, keys) for each in codes for slot, keys in each.items()])
    names = list(await tx.scalars(named.limit(_MOST_SETS + 1)))
    return names if len(names) <= _MOST_SETS else named


async def _narrowed(
    tx: AsyncSession,
    fitting: ColumnElement[bool],
    *,
    workspace_id: str,
    company_pk: int,
    sets: Sequence[str] | Select[str] | None,
    order: ColumnElement[str],
    limit: int,
) -> dict[int, Found]:
    """Return the customers that fit and have one of these sets of codes, in order and up to the limit, by id."""
    if sets is not None:
        # Not by the index of sets, which SQLite would take: it leads to every customer of a rep, in no order.
        code_set = _C.code_set + ""
        is_theirs = code_set.in_(sets) if isinstance(sets, Select) else one_of(code_set, sets)
        # Asked of each customer met: PostgreSQL would else join the sets, and read every name before it sorts them.
        fitting = and_(fitting, is_theirs.is_(true()))
    rows = await tx.execute(_first(fitting, (*_NAMES, _C.analysis), _of(workspace_id, company_pk), order, limit))
    return {row.customer_id: Found(**row._mapping) for row in rows}


def _in_word(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    return holds(column, part) if len(part) >= _ANYWHERE else begins(column, part)


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
    # Where no few customers are known before, one company's index of names is read in order until enough fit. Rows, ten
    # times as wide, are opened only for what was found in it.
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
    # Only comparisons that these words can meet: each may be made with every customer of the company.
    if " " not in words and len(words) <= _REFERENCE:
        yield begins(_C.reference_key, words)
    if len(words) <= _SHORT_NAME:
        yield _C.short_name_key == words
    yield holds(_C.name_key, words)

"""Searches of the mirror: the customers that typed words may mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.statements import table_of
from storage.tables.alerts import MirroredCustomer

_C = table_of(MirroredCustomer).c
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


async def find(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, words: str, spellings: Iterable[str] = (), limit: int = 26
) -> list[Named]:
    """Return customers, by name, whose reference, name, short name or postcode fits the words."""
    is_sqlite = tx.get_bind().dialect.name == "sqlite"
    # Case doesn't count for A to Z. SQLite knows the case of no other letter: `spellings` are further ways to write the
    # words.
    fitting = or_(*_fitting(words, spellings, is_sqlite=is_sqlite))
    found = await tx.execute(search(fitting, workspace_id=workspace_id, company_pk=company_pk, limit=limit))
    return [Named(**row._mapping) for row in found]


async def suggested(
    tx: AsyncSession,
    *,
    workspace_id: str,
    company_pk: int,
    words: str,
    codes: Iterable[Mapping[int, Collection[str]]] | None = None,
    limit: int = 25,
) -> list[Found]:
    """Return customers for typed text: first by beginning of the reference, then by name those that every word fits.

    `codes`: only customers with one of these values in such a slot, spelled just so; the caller decides by `analysis`.
    """
    is_sqlite = tx.get_bind().dialect.name == "sqlite"
    whose = _of(workspace_id, company_pk)
    found: dict[int, Found] = {}
    if " " not in words and len(words) <= _REFERENCE:
        for spelling in dict.fromkeys((words.upper(), words)):  # the capitals that Sage keeps, first
            begins = _in_range(_C.reference, spelling, is_sqlite=is_sqlite)
            found = found or await _narrowed(tx, whose, begins, codes, order=_C.reference, limit=limit)
    # Where digits were typed and references begin with them, references were meant.
    if len(found) < limit and not (found and any(sign.isdigit() for sign in words)):
        every = and_(*(or_(*_typed(word, is_sqlite=is_sqlite)) for word in words.split()[:_MOST_WORDS]))
        found |= await _narrowed(tx, whose, every, codes, order=_C.name, limit=limit)
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
    is_sqlite = tx.get_bind().dialect.name == "sqlite"
    fitting = or_(
        _begins(_C.name, stem, is_sqlite=is_sqlite),
        _holds(_C.name, f" {stem}", is_sqlite=is_sqlite),
        _begins(_C.reference, stem, is_sqlite=is_sqlite),
    )
    found = await _narrowed(tx, _of(workspace_id, company_pk), fitting, codes, order=_C.name, limit=limit)
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
    """Return customers with one of these references, or whose name begins with one of these lower-case words."""
    # One scan of the index of names, however many words.
    space = func.instr if tx.get_bind().dialect.name == "sqlite" else func.strpos
    first = func.lower(func.substr(_C.name, 1, space(_C.name + " ", " ") - 1))
    found: list[Named] = []
    for fitting in (_C.reference.in_(references), first.in_(first_words)):
        rows = await tx.execute(search(fitting, workspace_id=workspace_id, company_pk=company_pk, limit=limit))
        found += [Named(**row._mapping) for row in rows]
    return found


async def _narrowed(
    tx: AsyncSession,
    whose: ColumnElement[bool],
    fitting: ColumnElement[bool],
    codes: Iterable[Mapping[int, Collection[str]]] | None,
    *,
    order: ColumnElement[str],
    limit: int,
) -> dict[int, Found]:
    """Return the customers that fit, in order and up to the limit, by id."""
    columns = (_C.customer_id, _C.reference, _C.name, _C.short_name, _C.postcode, _C.analysis)
    # Stops at the limit: where many fit, few are read, and rows are opened only for what the index fits.
    statement = select(*columns).where(whose, fitting).order_by(order, _C.customer_id).limit(limit)
    if codes is not None:
        statement = statement.where(
            or_(*(_C.analysis[str(slot)].as_string().in_(values) for each in codes for slot, values in each.items()))
        )
    return {row.customer_id: Found(**row._mapping) for row in await tx.execute(statement)}


def _in_range(column: ColumnElement[str], start: str, *, is_sqlite: bool) -> ColumnElement[bool]:
    """Return the condition that the column begins with the text, as an index range."""
    end = f"{start}\U0010ffff"
    if is_sqlite:
        return and_(column >= start, column < end)
    # By bytes, as the PostgreSQL index of references is sorted.
    return and_(column.op("~>=~", is_comparison=True)(start), column.op("~<~", is_comparison=True)(end))


def _typed(word: str, *, is_sqlite: bool) -> Iterator[ColumnElement[bool]]:
    # From three letters on a word fits any part of a name; a shorter one the beginning of one of its words.
    if len(word) >= _ANYWHERE:
        yield _holds(_C.name, word, is_sqlite=is_sqlite)
    else:
        yield _begins(_C.name, word, is_sqlite=is_sqlite)
        yield _holds(_C.name, f" {word}", is_sqlite=is_sqlite)
    if len(word) <= _SHORT_NAME:
        yield _begins(_C.short_name, word, is_sqlite=is_sqlite)
    if len(word) <= _POSTCODE and any(sign.isdigit() for sign in word):
        yield _holds(_C.postcode, word, is_sqlite=is_sqlite)


def search(
    fitting: ColumnElement[bool], *, workspace_id: str, company_pk: int, limit: int
) -> Select[tuple[int, str, str, str, str]]:
    """Return the statement of a search by name."""
    columns = (_C.customer_id, _C.reference, _C.name, _C.short_name, _C.postcode)
    # At worst one company's index of names is read from end to end: there is no text index.
    return select(*columns).where(_of(workspace_id, company_pk), fitting).order_by(_C.name, _C.customer_id).limit(limit)


def _of(workspace_id: str, company_pk: int) -> ColumnElement[bool]:
    return and_(_C.workspace_id == workspace_id, _C.company_pk == company_pk)


def _fitting(words: str, spellings: Iterable[str], *, is_sqlite: bool) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions that these words may meet."""
    # Only comparisons that these words can meet: each is made with every customer of the company.
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

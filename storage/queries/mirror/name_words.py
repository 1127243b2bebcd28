"""Queries of the mirror: the words by which customers are found, so that no search reads every name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from storage.many_rows import add_columns, add_rows, write_rows
from storage.statements import begins, changed, holds, table_of
from storage.tables.alerts import CustomerWordRow, MirroredCustomer, NameWordRow

# Of nearly every name: where one is typed, the first names that have it are found at once by reading them in order.
COMMON = frozenset(str.split("& and co co. company limited llp ltd ltd. of plc sons the uk (uk)"))
"""The words that aren't kept."""
FOUND_BY = ("name_key", "short_name_key")
"""The columns of a customer whose words are kept."""
_MOST_ASKED, _MOST_WORDS = 3, 200
_WORD, _OF, _CUSTOMER = (table_of(model).c for model in (NameWordRow, CustomerWordRow, MirroredCustomer))

Key = tuple[int, str, int, str]
"""Company, word, customer and workspace."""


def words_of(name_key: str, short_name_key: str) -> set[str]:
    """Return the words that a customer is found by, of the keys of the name and the short name."""
    words = set(name_key.split(" ")) - COMMON
    # Most often the short name is the beginning of a word of the name, and found with it.
    if not any(word.startswith(short_name_key) for word in words):
        words.add(short_name_key)
    return words - {""}


async def add(
    tx: AsyncSession, *, workspace_id: str, company_pk: int, customers: Iterable[tuple[int, str, str]]
) -> None:
    """Insert the words of new customers of a company: id, `name_key` and `short_name_key` of each are given."""
    pairs = [(word, number) for number, *names in customers for word in words_of(*names)]
    await _insert(tx, [(company_pk, word, number, workspace_id) for word, number in pairs], are_new=True)


async def write(tx: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Bring the words to these rows of customers, before they are written."""
    wanted = {key for row in rows for key in _keys(row)}
    stored = await _stored(tx, rows)
    await _delete(tx, stored - wanted)
    await _insert(tx, wanted - stored, are_new=False)


async def _insert(tx: AsyncSession, keys: Collection[Key], *, are_new: bool) -> None:
    if not keys:
        return
    words = {(company_pk, word, workspace_id) for company_pk, word, _, workspace_id in keys}
    values = [dict(zip(("company_pk", "word", "workspace_id"), each, strict=True)) for each in sorted(words)]
    await add_rows(tx, NameWordRow, values, unless=("company_pk", "word"))
    # In the order of their key: so neighbours come to lie in one page of the database.
    names = ("company_pk", "word", "customer_id", "workspace_id")
    if are_new:
        await add_columns(tx, CustomerWordRow, dict(zip(names, zip(*sorted(keys), strict=True), strict=True)))
    else:
        await write_rows(tx, CustomerWordRow, [dict(zip(names, key, strict=True)) for key in sorted(keys)])


async def remove(tx: AsyncSession, *, workspace_id: str, company_pk: int, ids: Collection[int]) -> None:
    """Delete the words of customers that are still stored."""
    await _delete(tx, await _of_customers(tx, workspace_id, company_pk, ids))


async def forget_unused(tx: AsyncSession, *, workspace_id: str, company_pk: int) -> None:
    """Delete the words that no customer has any more. The caller holds the company's lease."""
    is_used = exists().where(_OF.company_pk == _WORD.company_pk, _OF.word == _WORD.word)
    await changed(tx, delete(NameWordRow).where(*_whose(_WORD, workspace_id, company_pk), ~is_used))


async def beginning(tx: AsyncSession, *, workspace_id: str, company_pk: int, stem: str, limit: int) -> list[str]:
    """Return the words that begin with a stem."""
    whose = (*_whose(_WORD, workspace_id, company_pk), begins(_WORD.word, stem))
    return list(await tx.scalars(select(_WORD.word).where(*whose).limit(limit)))


def with_words(words: Collection[str], *, workspace_id: str, company_pk: int) -> Select[int]:
    """Return the statement of the ids of the customers that have one of these words."""
    return select(_OF.customer_id).where(*_whose(_OF, workspace_id, company_pk), _OF.word.in_(words))


async def fewest(
    tx: AsyncSession,
    parts: Sequence[str],
    *,
    workspace_id: str,
    company_pk: int,
    most: int,
    has: Callable[[ColumnElement[str], str], ColumnElement[bool]] = holds,
) -> Select[int] | None:
    """Return the statement of the ids of the customers that have the rarest of these parts in a word of their names.

    None: more than `most` have each of the parts that were looked for. `has` is how a part fits a word.
    """
    here: dict[str, Any] = {"workspace_id": workspace_id, "company_pk": company_pk}
    rare = [part for part in sorted(set(parts), key=len, reverse=True) if not any(part in word for word in COMMON)]
    if not rare:
        return None
    asked = [_having(place, has(_WORD.word, part), **here) for place, part in enumerate(rare[:_MOST_ASKED])]
    found: dict[int, list[str]] = {place: [] for place in range(len(asked))}
    for place, word in await tx.execute(union_all(*asked)):
        found[place].append(word)
    known = [words for words in found.values() if len(words) <= _MOST_WORDS]
    if not all(known):
        return with_words((), **here)
    counts = await tx.execute(select(*(_count(with_words(words, **here), most) for words in known))) if known else ()
    few = sorted((count, words) for row in counts for count, words in zip(row, known, strict=True) if count <= most)
    return with_words(few[0][1], **here) if few else None


def _having(place: int, fits: ColumnElement[bool], *, workspace_id: str, company_pk: int) -> Select[Any]:
    """Return the statement of the words that fit, up to one too many, each with a number that says what was asked."""
    some = select(_WORD.word).where(*_whose(_WORD, workspace_id, company_pk), fits).limit(_MOST_WORDS + 1).subquery()
    return select(literal(place), some.c.word)


def _count(ids: Select[int], most: int) -> ColumnElement[int]:
    some = ids.limit(most + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _keys(row: Mapping[str, Any]) -> Iterator[Key]:
    for word in words_of(row["name_key"], row["short_name_key"]):
        yield row["company_pk"], word, row["customer_id"], row["workspace_id"]


async def _stored(tx: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> set[Key]:
    """Return the keys of the words that these customers have as they are stored."""
    ids: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        ids.setdefault((row["workspace_id"], row["company_pk"]), []).append(row["customer_id"])
    return {key for whose, of_company in ids.items() for key in await _of_customers(tx, *whose, of_company)}


async def _of_customers(tx: AsyncSession, workspace_id: str, company_pk: int, ids: Collection[int]) -> set[Key]:
    columns = (_CUSTOMER.company_pk, _CUSTOMER.customer_id, _CUSTOMER.workspace_id)
    whose = (*_whose(_CUSTOMER, workspace_id, company_pk), _CUSTOMER.customer_id.in_(ids))
    rows = await tx.execute(select(*columns, _CUSTOMER.name_key, _CUSTOMER.short_name_key).where(*whose))
    return {key for row in rows for key in _keys(dict(row._mapping))}


async def _delete(tx: AsyncSession, keys: Collection[Key]) -> None:
    if not keys:
        return
    by_word: dict[tuple[int, str, str], list[int]] = {}
    for company_pk, word, customer_id, workspace_id in keys:
        by_word.setdefault((company_pk, word, workspace_id), []).append(customer_id)
    for (company_pk, word, workspace_id), ids in by_word.items():
        whose = and_(*_whose(_OF, workspace_id, company_pk), _OF.word == word, _OF.customer_id.in_(ids))
        await changed(tx, delete(CustomerWordRow).where(whose))


def _whose(columns: Any, workspace_id: str, company_pk: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return columns.workspace_id == workspace_id, columns.company_pk == company_pk

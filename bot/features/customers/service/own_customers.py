"""Searches the mirror for customers the user may see. SQL pre-filters; `Decision.shown_of` makes the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.customer import CustomerName
from bot.domain.text.folding import same
from bot.features.access.model.authorization import Decision
from bot.features.customers.model.lookup import nearest, nearest_texts
from storage.queries.mirror import mirror_search, name_words
from storage.queries.mirror.mirror_search import Found

_STEM, _MOST_ALIKE = 2, 2_000


def is_narrowed(decision: Decision) -> bool:
    """Return whether some customers are hidden from the user altogether."""
    return decision.only is not None and decision.others is None


async def suggested(
    tx: AsyncSession, company: dict[str, Any], decision: Decision, words: str, *, most: int
) -> tuple[CustomerName, ...]:
    """Return the customers that the words may mean."""
    found = await mirror_search.suggested(tx, **company, codes=_codes(decision), words=same(words), limit=most)
    return _allowed(decision, found)


async def alike(tx: AsyncSession, company: dict[str, Any], decision: Decision, words: str) -> tuple[CustomerName, ...]:
    """Return the customers nearest to the words, typing errors forgiven."""
    typed = same(words)
    stem = {**company, "stem": typed[:_STEM], "limit": _MOST_ALIKE}
    names = nearest_texts(typed.partition(" ")[0], await name_words.beginning(tx, **stem))
    references = nearest_texts(typed, await mirror_search.references_beginning(tx, **stem))
    found = await mirror_search.called(tx, **company, words=names, references=references, codes=_codes(decision))
    return nearest(words, _allowed(decision, found))


def _codes(decision: Decision) -> list[dict[int, tuple[str, ...]]] | None:
    """Return the user's own codes as keys, to pre-filter by; None if every customer may be named."""
    if decision.only is None or not is_narrowed(decision):
        return None
    return [{codes.slot: tuple(map(same, codes.values))} for codes in decision.only if not codes.negated]


def _allowed(decision: Decision, found: Sequence[Found]) -> tuple[CustomerName, ...]:
    """Return the customers that the decision shows."""
    return tuple(
        CustomerName(each.customer_id, each.reference, each.name, each.short_name, each.postcode)
        for each in found
        if decision.shown_of({int(slot): value for slot, value in each.analysis.items()}) is not None
    )

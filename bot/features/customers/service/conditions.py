"""A customer filter as the mirror's condition in SQL, which finds what `Matcher` fits."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.customer_filter import EVERYONE, Codes, Filter, keys_of
from bot.domain.folding import same
from storage.queries.mirror.customer_condition import CodeIn, CustomerCondition


def condition_of(
    chosen: Filter = EVERYONE, *also: tuple[Codes, ...] | None, words: Iterable[str] = ()
) -> CustomerCondition:
    """Return the condition of a filter; of each of `also` that isn't None, one of the codes must fit besides."""
    codes = [_code(each) for each in chosen.codes]
    groups = [codes] if chosen.either and codes else []
    groups += [[_code(each) for each in group] for group in (chosen.mine, *also) if group is not None]
    return CustomerCondition(
        all_of=() if chosen.either else codes,
        any_of=groups,
        minimum_balance=chosen.minimum_balance,
        currencies=chosen.currencies,
        named=sorted(keys_of(chosen.customers)),
        words=[same(word) for word in words],
    )


def _code(codes: Codes) -> CodeIn:
    return CodeIn(codes.slot, sorted(keys_of(codes.values)), codes.negated)

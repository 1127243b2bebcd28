"""A customer filter as the mirror's condition in SQL, which finds what `Matcher` fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from bot.domain.filters.customer_filter import EVERYONE, Codes, Filter, keys_of
from bot.domain.filters.customer_states import State, StateIs
from bot.domain.text.folding import same
from storage.queries.mirror.customer_condition import CodeIn, CustomerCondition, StateIn


def condition_of(
    chosen: Filter = EVERYONE,
    *also: tuple[Codes, ...] | None,
    words: Iterable[Iterable[str]] = (),
    states: Sequence[StateIs] = (),
    today: date | None = None,
) -> CustomerCondition:
    """Return the condition of a filter; of each of `also` that isn't None, one of the codes must fit besides.

    Of each group of `words` one must be part of the name or reference. `today` is the asker's day, by which debt is
    late.
    """
    codes = [_code(each) for each in chosen.codes]
    groups = [codes] if chosen.either and codes else []
    groups += [[_code(each) for each in group] for group in (chosen.mine, *also) if group is not None]
    return CustomerCondition(
        all_of=() if chosen.either else codes,
        any_of=groups,
        minimum_balance=chosen.minimum_balance,
        currencies=chosen.currencies,
        named=sorted(keys_of(chosen.customers)),
        words=[[same(word) for word in group] for group in words],
        states=[_state(each, today) for each in states],
    )


def _state(each: StateIs, today: date | None) -> StateIn:
    return StateIn(
        held=each.state is State.HELD,
        over_limit=each.state is State.OVER,
        promised=each.state is State.PROMISED,
        disputed=each.state is State.DISPUTED,
        # What is due today is not late.
        due_by=today - timedelta(days=max(each.days, 1)) if today is not None and each.state is State.LATE else None,
        negated=not each.wanted,
    )


def _code(codes: Codes) -> CodeIn:
    return CodeIn(codes.slot, sorted(keys_of(codes.values)), codes.negated)

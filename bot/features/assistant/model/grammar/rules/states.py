"""What accounts of a list are to be besides: “on hold and over 60 days overdue”, “over limit but not on stop”."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.filters.customer_states import State, StateIs
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.rules.conditions import is_least, negated
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece
from bot.features.assistant.model.questions import AboutMany

_STATES: Mapping[Cue, State] = {
    Cue.HOLD: State.HELD,
    Cue.OVER: State.OVER,
    Cue.OVERDUE: State.LATE,
    Cue.PROMISED: State.PROMISED,
    Cue.DISPUTED: State.DISPUTED,
}
# What each list is of, so that nothing more is asked by it.
_OWN: Mapping[type[AboutMany], frozenset[State]] = {
    ask.WhoIsOnHold: frozenset({State.HELD}),
    ask.ListPutOnHold: frozenset({State.HELD}),
    ask.ListReleased: frozenset({State.HELD}),
    ask.OverLimit: frozenset({State.OVER}),
    ask.NearLimit: frozenset({State.OVER}),
    ask.Largest: frozenset(),
    ask.LedgerTotal: frozenset(),
    ask.ListOverdue: frozenset({State.LATE}),
    ask.ListPromised: frozenset({State.PROMISED}),
    ask.ListBroken: frozenset({State.LATE, State.PROMISED}),
    ask.ListSuggested: frozenset({State.HELD}),
    ask.ListDisputed: frozenset({State.DISPUTED}),
    ask.ListChase: frozenset({State.LATE, State.PROMISED}),
    ask.ListWarned: frozenset(),
}
_LEAST_DAYS, _MOST_DAYS = 5, 199
_LATE = {"overdue", "late", "past"}
_RUNS = {"gone", "past", "over", "beyond", "above", "plus"}


def state_of(pieces: Sequence[Piece], at: int) -> State | None:
    """Return the state that a piece says; None if it says none, as “exceeding” before a figure and “hold or not”."""
    piece = pieces[at]
    if piece.cue is Cue.OVER and pieces[at + 1 : at + 2] and pieces[at + 1].number is not None:
        return None
    if piece.cue in {Cue.CUSTOMERS, Cue.INVOICES, Cue.AGE} and _LATE & set(piece.text.casefold().split()):
        return State.LATE  # “overdue accounts”, “60 days late”
    return None if "or" in piece.phrase.split() else _STATES.get(piece.cue)


def states_of(kind: type[AboutMany], pieces: Sequence[Piece]) -> tuple[StateIs, ...]:
    """Return the states that a sentence asks for besides what this list is of, each once."""
    taken_back, found = negated(pieces), dict[State, StateIs]()
    for at in range(len(pieces)):
        state = state_of(pieces, at)
        if state is not None and state not in _OWN[kind]:
            found.setdefault(state, StateIs(state, wanted=at not in taken_back))
    return tuple(found[state] for state in State if state in found)


def bare_days(pieces: Sequence[Piece]) -> int:
    """Return the days of “gone past 90”, “overdue 60”: a number of which nothing says what it counts; 0 for none."""
    for at, piece in enumerate(pieces):
        if piece.cue is not Cue.NUMBER or not at or not _LEAST_DAYS <= (piece.number or 0) <= _MOST_DAYS:
            continue
        before = pieces[at - 1]
        if before.cue is Cue.OVERDUE or is_least(pieces, at) or _RUNS & set(before.phrase.split()):
            return int(piece.number or 0)
    return 0


def own_state(kind: type[AboutMany]) -> StateIs | None:
    """Return the one state that a list is of; None where it is of none or of several."""
    own = frozenset[State]() if issubclass(kind, ask.HoldsChanged) else _OWN[kind]
    return StateIs(next(iter(own))) if len(own) == 1 else None

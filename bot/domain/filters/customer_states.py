"""What a list of customers may be narrowed by besides a filter: how an account stands, or how it doesn't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How an account stands. The value is the word as it is typed."""

    HELD = "on-hold"
    OVER = "over-limit"
    LATE = "overdue"
    PROMISED = "promised"
    DISPUTED = "disputed"


OF_DEBT = frozenset({State.LATE, State.PROMISED, State.DISPUTED})
"""States that are known of open items alone."""
_NOT = "not-"
_SAID = {
    State.HELD: ("on hold", "not on hold"),
    State.OVER: ("over the credit limit", "not over the credit limit"),
    State.LATE: ("overdue", "not overdue"),
    State.PROMISED: ("with a promise to pay", "without a promise to pay"),
    State.DISPUTED: ("with debt in query", "without debt in query"),
}
# As people type them, each word a token of its own.
_SPOKEN: dict[State, tuple[tuple[str, ...], ...]] = {
    State.HELD: (("on", "hold"), ("on", "stop"), ("on-stop",)),
    State.OVER: (("over", "limit"), ("over", "their", "limit"), ("over", "the", "limit")),
    State.LATE: (),
    State.PROMISED: (),
    State.DISPUTED: (("in", "query"), ("in", "dispute")),
}
_PHRASES = sorted(
    (
        ((*before, *phrase), state, not before)
        for state, spoken in _SPOKEN.items()
        for phrase in ((state.value,), *spoken)
        for before in ((), ("not",))
    ),
    key=lambda each: -len(each[0]),
)


@dataclass(frozen=True, slots=True)
class StateIs:
    """A state that the customers are to have, or not. `days`: how late the oldest debt is at least, or none is."""

    state: State
    wanted: bool = True
    days: int = 1

    @property
    def typed(self) -> str:
        """Return the word that `state_typed` reads."""
        word = f"{self.days}+" if self.state is State.LATE and self.days > 1 else self.state.value
        return word if self.wanted else f"{_NOT}{word}"

    @property
    def said(self) -> str:
        """Return `not on hold`, `30 days or more overdue`."""
        if self.state is State.LATE and self.days > 1:
            return f"{'' if self.wanted else 'not '}{self.days} days or more overdue"
        return _SAID[self.state][not self.wanted]


def state_typed(words: Sequence[str]) -> tuple[StateIs, int] | None:
    """Return the state that the first words say, and how many words it took; None if they say none."""
    if not words:
        return None
    first, is_wanted = words[0].removeprefix(_NOT), not words[0].startswith(_NOT)
    if first.endswith("+") and first[:-1].isascii() and first[:-1].isdigit() and len(first) <= 4:
        return StateIs(State.LATE, is_wanted, max(1, int(first[:-1]))), 1
    if not is_wanted and first in set(State):
        return StateIs(State(first), wanted=False), 1
    for phrase, state, wanted in _PHRASES:
        if tuple(words[: len(phrase)]) == phrase:
            return StateIs(state, wanted), len(phrase)
    return None

"""The customers of the last answer: those that it shows, and “both” and “the second one” of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.features.assistant.model.answers import Unresolved, unwrapped
from bot.features.assistant.model.grammar.rules.names import MOST_NAMES
from bot.features.assistant.model.grammar.rules.understand import pieces_of
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.questions import (
    LAST,
    AboutOne,
    Both,
    It,
    Nth,
    OfEach,
    Question,
    Subject,
    Unsaid,
    WholeCard,
)
from bot.features.customers.model.lookup import SeveralCustomers
from bot.features.on_hold.model.list import Listing
from bot.features.on_hold.model.ranking import Ranking
from bot.features.overdue.model.list import OverdueListing

_THEY = {"they", "them", "their", "theirs", "theyre", "theyve", "theyd", "theyll", "themselves", "these", "those", "em"}
_THEY |= {"these guys", "those guys", "this lot", "that lot", "these people", "the customers"}


def shown_in(answer: object) -> tuple[int, ...]:
    """Return the customers that a list or a menu shows, in their order, by Sage's ids."""
    told = unwrapped(answer)
    if isinstance(told, Listing):
        return tuple(each.held.customer.customer_id for each in told.accounts)
    if isinstance(told, OverdueListing):
        return tuple(each.customer.id for each in told.accounts)
    if isinstance(told, Ranking):
        return tuple(each.id for each in told.customers)
    if isinstance(told, Unresolved) and isinstance(told.found, SeveralCustomers):
        return tuple(each.id for each in told.found.names)
    return ()


def of_shown(
    question: Question | None, shown: Sequence[Subject], last: Question | None, *, is_of_one: bool, text: str
) -> Question | None:
    """Return the question about the customers of the last answer that are meant: “both”, “the second one”.

    `shown` are those customers in their order; `is_of_one`: they were asked about by name, so that “they” are all.
    """
    if not isinstance(question, AboutOne):
        return question
    if isinstance(question.who, Nth):
        return _of_nth(question, question.who.place, shown, last, is_of_one=is_of_one)
    is_all = isinstance(question.who, Both) or (isinstance(question.who, It) and is_of_one and not _is_singular(text))
    if is_all and 1 < len(shown) <= MOST_NAMES:
        return OfEach(tuple(replace(question, who=who) for who in shown))
    return question


def _of_nth(
    question: AboutOne, place: int, shown: Sequence[Subject], last: Question | None, *, is_of_one: bool
) -> AboutOne:
    at = place - 1 if place > 0 else len(shown) + place
    if not 0 <= at < len(shown):
        return replace(question, who=It() if place == LAST else Unsaid())
    if isinstance(question, WholeCard) and isinstance(last, AboutOne) and not is_of_one:
        return replace(last, who=shown[at])  # one of a menu, with what was asked
    return replace(question, who=shown[at])


def _is_singular(text: str) -> bool:
    return any(piece.cue is Cue.IT and piece.phrase not in _THEY for piece in pieces_of(text))

"""What a sentence says and its reading doesn't use: amounts, ages, dates, names and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.domain.filters.customer_states import StateIs
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.conditions import compared, excluded, is_most, negated, range_begins
from bot.features.assistant.model.grammar.counted import LEAST_ORDER, counted
from bot.features.assistant.model.grammar.cues import Cue
from bot.features.assistant.model.grammar.dates import dates_in
from bot.features.assistant.model.grammar.lists import list_of
from bot.features.assistant.model.grammar.scanner import Piece
from bot.features.assistant.model.grammar.sentence import Sentence
from bot.features.assistant.model.grammar.states import state_of
from bot.features.assistant.model.grammar.understand import pieces_of
from bot.features.assistant.model.questions import AboutMany, AboutOne, Compare, Named, OfEach, Question

MOST = 4
# What an answer about one customer says itself, so that nothing of it is left out.
_SAYS_AMOUNTS = (
    ask.WholeCard,
    ask.IsOnHold,
    ask.Balance,
    ask.Limit,
    ask.Headroom,
    ask.Overdue,
    ask.AgedDebt,
    ask.LastPaid,
    ask.Why,
)
_SAYS_AGES = (
    ask.WholeCard,
    ask.Why,
    ask.SinceWhen,
    ask.HoldHistory,
    ask.AgedDebt,
    ask.Overdue,
    ask.LastPaid,
    ask.DaysLate,
    ask.Terms,
)
_SAYS_DATES = (ask.Why, ask.SinceWhen, ask.HoldHistory, ask.LastPaid, ask.CanOrder, ask.Contact, ask.Rep)
_DOES_NOTHING = (ask.PutOnHold, ask.Release)
_FOR_NOW = (ask.ListChase, ask.ListSuggested)
_NOW = ("this week", "this month")
# Conditions of a list that each kind answers.
_LISTS: Mapping[type[AboutMany], frozenset[Cue]] = {
    ask.WhoIsOnHold: frozenset({Cue.HOLD, Cue.NEEDS_HOLD}),
    ask.OverLimit: frozenset({Cue.OVER}),
    ask.Largest: frozenset(),
    ask.ListOverdue: frozenset({Cue.OVERDUE, Cue.CHASE, Cue.OVER}),
    ask.ListPromised: frozenset({Cue.PROMISED, Cue.OVERDUE, Cue.CHASE}),
    ask.ListSuggested: frozenset({Cue.SUGGEST, Cue.NEEDS_HOLD, Cue.HOLD, Cue.CHASE}),
    ask.ListDisputed: frozenset({Cue.DISPUTED}),
    ask.ListChase: frozenset({Cue.CHASE, Cue.OVERDUE}),
    ask.ListWarned: frozenset({Cue.WARNED, Cue.CHASE}),
}
_CONDITIONS = {Cue.HOLD, Cue.OVER, Cue.OVERDUE, Cue.PROMISED, Cue.DISPUTED, Cue.WARNED, Cue.NEAR, Cue.SUGGEST}
_CONDITIONS |= {Cue.ORDERS}
_COUNTS = {"top", "first", "biggest", "largest", "worst", "highest", "oldest"}
_BY_SIZE = {"biggest", "largest", "highest", "most money", "the most money"}  # lists of debt are by age
_NOTHING = {"nothing", "zero", "nil"}
_LEADS = {"in", "for", "by", "from", "under", "at", "around", "or"}


def left_out(text: str, question: Question | None) -> tuple[str, ...]:
    """Return what of a sentence isn't in its reading, as typed, for a question that has an answer; at most `MOST`."""
    if isinstance(question, Compare):
        return ()
    first = question.questions[0] if isinstance(question, OfEach) else question
    if not isinstance(first, AboutOne | AboutMany):
        return ()
    pieces = tuple(counted(pieces_of(text)))
    places: set[tuple[int, int]] = set()
    if isinstance(first, AboutMany):
        places = {*_of_list(pieces, first), *_figures(pieces, first)}
    elif not isinstance(first, _DOES_NOTHING):
        each = question.questions if isinstance(question, OfEach) else (first,)
        places = {*_figures(pieces, first), *_other_names(pieces, [one.who for one in each])}
    said = [" ".join(piece.text for piece in pieces[start:end] if piece.text) for start, end in sorted(places)]
    return tuple(dict.fromkeys([*filter(None, said), *_dates(text, first)]))[:MOST]


def with_figures(question: AboutMany, text: str) -> AboutMany:
    """Return a list narrowed by the amount and the age in a follow-up: “and over 60 days?”."""
    said = list_of(type(question), Sentence(counted(pieces_of(text))))
    return replace(question, minimum=said.minimum or question.minimum, days=said.days or question.days)


def _dates(text: str, question: AboutOne | AboutMany) -> Iterator[str]:
    if isinstance(question, _SAYS_DATES) or (isinstance(question, _DOES_NOTHING) and question.reason):
        return
    for date in dates_in(text):
        if not (isinstance(question, _FOR_NOW) and date.casefold().endswith(_NOW)):
            yield date


def _figures(pieces: Sequence[Piece], question: AboutOne | AboutMany) -> Iterator[tuple[int, int]]:
    """Yield where amounts and ages stand that the question doesn't have."""
    used: set[Decimal | None] = set()
    if isinstance(question, AboutMany):
        used = {question.minimum, Decimal(question.days)}
    elif isinstance(question, ask.CanOrder):
        used = {question.amount}
    for at, piece in enumerate(pieces):
        if isinstance(question, ask.CanOrder) and "vat" in piece.phrase.split():
            yield at - (pieces[at - 1].phrase == "+" if at else 0), at + 1
        is_other = isinstance(question, ask.CanOrder) and piece.cue is Cue.NUMBER and (piece.number or 0) >= LEAST_ORDER
        if (piece.cue not in {Cue.MONEY, Cue.AGE} and not is_other) or _is_said(piece, question):
            continue
        start, end = compared(pieces, at)
        start = start if (begins := range_begins(pieces, at)) is None else begins
        is_bound = isinstance(question, AboutMany) and is_most(pieces, at)
        if isinstance(question, AboutOne) and not isinstance(question, ask.CanOrder) and end - start == 1:
            continue  # “the £500 they owe”
        if piece.number not in used or is_bound:
            yield start, end


def _is_said(piece: Piece, question: AboutOne | AboutMany) -> bool:
    return isinstance(question, _SAYS_AMOUNTS if piece.cue is Cue.MONEY else _SAYS_AGES)


def _of_list(pieces: Sequence[Piece], question: AboutMany) -> Iterator[tuple[int, int]]:
    """Yield where conditions and names stand that the list isn't narrowed by."""
    taken_back, out = negated(pieces), excluded(pieces)
    for at, piece in enumerate(pieces):
        if at in taken_back:
            is_answered = piece.cue is Cue.PROMISED and isinstance(question, ask.ListChase)
            if not (is_answered or _is_state(pieces, at, question, wanted=False)) and not (
                piece.cue is Cue.BALANCE and isinstance(question, ask.Largest)
            ):
                yield taken_back[at], at + 1
        elif at in out:
            yield out[at], at + 1
        elif _is_another_list(pieces, at, question) or _is_unknown(piece, question):
            yield _with_lead(pieces, at), at + 1
        elif at and _is_counted(pieces[at - 1], piece, question):
            yield at - 1, at + 1
        elif piece.phrase in _BY_SIZE and not isinstance(question, ask.Largest | ask.OverLimit):
            yield at, at + 1


def _is_state(pieces: Sequence[Piece], at: int, question: AboutMany, *, wanted: bool) -> bool:
    """Return whether the list is narrowed by what this piece says."""
    state = state_of(pieces, at)
    return state is not None and StateIs(state, wanted) in question.states


def _is_another_list(pieces: Sequence[Piece], at: int, question: AboutMany) -> bool:
    piece = pieces[at]
    if _is_state(pieces, at, question, wanted=True):
        return False
    is_terms = piece.cue is Cue.TERMS and piece.number is not None
    return is_terms or (piece.cue in _CONDITIONS and piece.cue not in _LISTS[type(question)])


def _is_unknown(piece: Piece, question: AboutMany) -> bool:
    return piece.cue is Cue.NAME and not piece.is_common and piece.text.removesuffix("'s") not in question.words


def _is_counted(before: Piece, piece: Piece, question: AboutMany) -> bool:
    """Return whether it says how many to list, or who owes nothing: “the top 3 on hold”, “owing nothing”."""
    is_count = piece.cue is Cue.NUMBER and before.phrase in _COUNTS and not isinstance(question, ask.Largest)
    return is_count or (piece.phrase in _NOTHING and before.cue is Cue.BALANCE)


def _with_lead(pieces: Sequence[Piece], at: int) -> int:
    return at - 1 if at and pieces[at - 1].phrase in _LEADS else at


def _other_names(pieces: Sequence[Piece], asked: Sequence[ask.Subject]) -> Iterator[tuple[int, int]]:
    """Yield where names stand, behind “in”, “for” and the like, that aren't those asked about."""
    words = " ".join(who.words for who in asked if isinstance(who, Named))
    if not words:
        return
    for at, piece in enumerate(pieces):
        is_name = piece.cue is Cue.NAME and not piece.is_common and piece.text.removesuffix("'s") not in words
        if is_name and (piece.is_reference or _with_lead(pieces, at) < at):
            yield _with_lead(pieces, at), at + 1

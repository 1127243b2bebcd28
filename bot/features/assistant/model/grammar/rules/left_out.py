"""What a sentence says and its reading doesn't use: amounts, ages, dates, names and conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.domain.filters.customer_states import State, StateIs
from bot.domain.text.periods import period_in
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.rules.conditions import (
    NOT,
    THOSE,
    compared,
    counts,
    excluded,
    is_most,
    negated,
    range_begins,
    says_broken,
)
from bot.features.assistant.model.grammar.rules.counted import LEAST_ORDER, PLACES, counted
from bot.features.assistant.model.grammar.rules.lists import CURRENCIES, OF_DEBT, REASONS, list_of, takes_back
from bot.features.assistant.model.grammar.rules.sentence import Sentence
from bot.features.assistant.model.grammar.rules.states import state_of
from bot.features.assistant.model.grammar.rules.understand import pieces_of
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.dates import dates_in
from bot.features.assistant.model.grammar.words.scanner import Piece
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
    ask.ListPutOnHold: frozenset({Cue.HOLD, Cue.NEEDS_HOLD}),
    ask.ListReleased: frozenset(),
    ask.OverLimit: frozenset({Cue.OVER}),
    ask.NearLimit: frozenset({Cue.NEAR, Cue.OVER}),
    ask.Largest: frozenset(),
    ask.LedgerTotal: frozenset(),
    ask.ListOverdue: frozenset({Cue.OVERDUE, Cue.CHASE, Cue.OVER}),
    ask.ListPromised: frozenset({Cue.PROMISED, Cue.OVERDUE, Cue.CHASE}),
    ask.ListBroken: frozenset({Cue.PROMISED, Cue.OVERDUE, Cue.CHASE}),
    ask.ListSuggested: frozenset({Cue.SUGGEST, Cue.NEEDS_HOLD, Cue.HOLD, Cue.CHASE}),
    ask.ListDisputed: frozenset({Cue.DISPUTED}),
    ask.ListChase: frozenset({Cue.CHASE, Cue.OVERDUE}),
    ask.ListWarned: frozenset({Cue.WARNED, Cue.CHASE}),
}
_CONDITIONS = {Cue.HOLD, Cue.OVER, Cue.OVERDUE, Cue.PROMISED, Cue.DISPUTED, Cue.WARNED, Cue.NEAR, Cue.SUGGEST}
_CONDITIONS |= {Cue.ORDERS, Cue.LAST_PAID, Cue.IN_CREDIT, Cue.UNALLOCATED, Cue.REP}
_SHARES = ("percent", "what percentage", "what proportion", "percentage of", "proportion of", "what %", "% of")
_STAFF = (["rep"], ["reps"], ["salesman"], ["salesmen"], ["branch"], ["branches"], ["region"], ["regions"])
_NEW = {"new", "recent", "latest", "fresh"}
_SPEEDS = ("slow", "quick", "fast", "prompt")
_BEGAN = {
    "went",
    "gone",
    "go",
    "put",
    "came",
    "come",
    "released",
    "added",
    "moved",
    "placed",
    "become",
    "became",
    "got",
}
_ON_THE_DAY = {"today", "this morning", "this afternoon", "tonight", "just now"}
_HABITS = {"always", "usually", "regularly", "often", "constantly", "normally", "habitually", "repeatedly"}
_BY_SIZE = {"biggest", "largest", "highest", "most money", "the most money"}  # lists of debt are by age
_NOTHING = {"nothing", "zero", "nil"}
_YES_OR_NO = re.compile(
    r"(?i)\W*(?:(?:so|ok|hi|please|and|but)\W+)*(?:did|didn't|have|has|haven't|hasn't|any|anything|when)\b"
)
_FIGURE = re.compile(r"(?i)[-~]?[£€$]?[-~]?\d[\d.,/-]*(?:[km]\d*|e\d+)?\+?")
# What a follow-up has that says a condition alone: “not the ones on hold already”, “owing over 2k”.
_OF_A_CONDITION = {Cue.FILLER, Cue.JOINER, Cue.LINK, Cue.COMMA, Cue.AGAIN, Cue.OKAY, Cue.NUMBER, Cue.MONEY, Cue.AGE}
_OF_A_CONDITION |= {Cue.MINE, Cue.BALANCE, Cue.MOST, Cue.LIMIT, Cue.CUSTOMERS, Cue.NAME}
_OF_A_CONDITION |= {Cue.HOLD, Cue.OVER, Cue.OVERDUE, Cue.PROMISED, Cue.DISPUTED}
_ONLY, _NOT_THEM = (
    {"just", "only"},
    {"but", "not", "without", "except", "excluding", "exclude", "leave out", "leaving out"},
)
_LONGEST_CONDITION = 9  # pieces
_LEADS = {"in", "for", "by", "from", "under", "at", "around", "or"}


def left_out(text: str, question: Question | None) -> tuple[str, ...]:
    """Return what of a sentence isn't in its reading, as typed, for a question that has an answer; at most `MOST`."""
    if isinstance(question, Compare):
        return ()
    first = question.questions[0] if isinstance(question, OfEach) else question
    if not isinstance(first, AboutOne | AboutMany):
        return ()
    if isinstance(first, ask.HoldsChanged) and first.period:
        text = period_in(text).rest
    pieces = tuple(counted(pieces_of(text)))
    places: set[tuple[int, int]] = set()
    if isinstance(first, AboutMany):
        places = {*_of_list(pieces, first), *_figures(pieces, first)}
    elif not isinstance(first, _DOES_NOTHING):
        each = question.questions if isinstance(question, OfEach) else (first,)
        amounts = [one.amount for one in each if isinstance(one, ask.CanOrder)]
        places = {
            *_figures(pieces, first, amounts),
            *_unread(pieces),
            *_other_names(pieces, [one.who for one in each]),
            *_since_held(pieces, first),
        }
    elif isinstance(first, ask.Release):
        places = {(at, at + 1) for at, piece in enumerate(pieces) if piece.cue is Cue.MONEY}
    said = [" ".join(piece.text for piece in pieces[start:end] if piece.text) for start, end in sorted(places)]
    return tuple(dict.fromkeys([*filter(None, said), *_dates(text, first)]))[:MOST]


def with_figures(question: AboutMany, text: str) -> AboutMany:
    """Return a list narrowed by the amount and the age in a follow-up: “and over 60 days?”."""
    said = list_of(type(question), Sentence(counted(pieces_of(text))))
    question = replace(question, minimum=said.minimum or question.minimum, days=said.days or question.days)
    question = replace(question, most=said.most or question.most, most_days=said.most_days or question.most_days)
    states = {each.state: each for each in (*question.states, *said.states)}
    return replace(question, states=tuple(states.values()), currency=said.currency or question.currency)


def narrowed(last: Question | None, text: str) -> AboutMany | None:
    """Return the last list narrowed by what a follow-up says besides: “owing over 2k”, “not the ones on hold”.

    None where it says more than a condition, or none that this list takes.
    """
    pieces = tuple(counted(pieces_of(text)))
    sentence = Sentence(pieces)
    if not isinstance(last, AboutMany) or isinstance(last, ask.LedgerTotal):
        return None
    if not _is_condition(pieces) or takes_back(type(last), sentence):
        return None
    said, found = list_of(type(last), sentence), with_figures(last, text)
    if said.words and said.words not in {found.words, *found.also}:
        found = replace(found, also=(*found.also, said.words)) if found.words else replace(found, words=said.words)
    days = int(sentence.least(Cue.AGE) or 0)
    if days and not isinstance(last, OF_DEBT):
        states = (each for each in found.states if each.state is not State.LATE)
        found = replace(found, states=(*states, StateIs(State.LATE, days=days)))
    how_many = next(iter(counts(pieces).values()), found.count)
    found = replace(found, mine=found.mine or said.mine, count=how_many, page=1)
    return found if found != replace(last, page=1) else None


def narrows(text: str) -> bool:
    """Return whether a sentence says a condition alone, which narrows the list before, if there was one."""
    return _is_condition(counted(pieces_of(text)))


def _is_condition(pieces: Sequence[Piece]) -> bool:
    if not pieces or len(pieces) > _LONGEST_CONDITION or any(piece.cue not in _OF_A_CONDITION for piece in pieces):
        return False
    first = pieces[0].phrase
    words = {word for piece in pieces for word in piece.phrase.split()}
    named = [piece for piece in pieces if piece.cue is Cue.NAME]
    of_value = all(piece.text.endswith(("'s", "’s")) or piece.phrase in PLACES for piece in named)
    if named and not (first in _ONLY and of_value):
        return False  # “and Durham?” is of Durham instead, “just ABS001” of one customer
    if any(piece.cue is Cue.CUSTOMERS and THOSE.isdisjoint(piece.phrase.split()) for piece in pieces):
        return False
    figures = [at for at, piece in enumerate(pieces) if piece.cue in {Cue.MONEY, Cue.AGE}]
    if any(compared(pieces, at) == (at, at + 1) for at in figures):
        return False  # “and 1k?” is an order
    is_of_those = first in _ONLY | _NOT_THEM or bool(THOSE & words)
    says_state = any(state_of(pieces, at) is not None for at in range(len(pieces)))
    return is_of_those or (not says_state and bool(figures or counts(pieces)))


def _dates(text: str, question: AboutOne | AboutMany) -> Iterator[str]:
    # Whether they paid this week is told by the day they last did, how much they paid in it is not.
    is_of_a_period = isinstance(question, ask.LastPaid) and not _YES_OR_NO.match(text)
    says_dates = isinstance(question, _SAYS_DATES) or (isinstance(question, _DOES_NOTHING) and question.reason)
    if says_dates and not is_of_a_period:
        return
    for date in dates_in(text):
        if not (isinstance(question, _FOR_NOW) and date.casefold().endswith(_NOW)):
            yield date


def _since_held(pieces: Sequence[Piece], question: AboutOne) -> Iterator[tuple[int, int]]:
    """Yield where it is said since when something was paid: “since we stopped them”."""
    for at, piece in enumerate(pieces):
        held = next((end for end in range(at, min(at + 5, len(pieces))) if pieces[end].cue is Cue.HOLD), None)
        if isinstance(question, ask.LastPaid) and piece.phrase == "since" and held is not None:
            yield at, held + 1


def _figures(
    pieces: Sequence[Piece], question: AboutOne | AboutMany, amounts: Sequence[Decimal | None] = ()
) -> Iterator[tuple[int, int]]:
    """Yield where amounts and ages stand that the question doesn't have. `amounts` are those of each order."""
    used: set[Decimal | None] = set()
    bounds: set[Decimal | None] = set()
    if isinstance(question, AboutMany):
        used = {question.minimum, Decimal(question.days), *(Decimal(each.days) for each in question.states)}
        bounds = {question.most, Decimal(question.most_days)}
    elif isinstance(question, ask.CanOrder):
        used = set(amounts)
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
        if piece.number not in (bounds if is_bound else used):
            yield start, end


def _unread(pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """Yield figures that are no amount: “-500”, “1e9”, “£1,2345”."""
    for at, piece in enumerate(pieces):
        if piece.cue is Cue.NAME and not piece.is_reference and _FIGURE.fullmatch(piece.text):
            yield at, at + 1


def _is_said(piece: Piece, question: AboutOne | AboutMany) -> bool:
    return isinstance(question, _SAYS_AMOUNTS if piece.cue is Cue.MONEY else _SAYS_AGES)


def _of_list(pieces: Sequence[Piece], question: AboutMany) -> Iterator[tuple[int, int]]:
    """Yield where conditions and names stand that the list isn't narrowed by."""
    taken_back, out = negated(pieces), excluded(pieces)
    uncounted = {at for at, count in counts(pieces).items() if count != question.count}
    for at, piece in enumerate(pieces):
        if at in taken_back:
            is_answered = piece.cue is Cue.PROMISED and isinstance(question, ask.ListChase)
            is_answered |= piece.cue is Cue.HOLD and isinstance(question, ask.ListReleased)
            if not (is_answered or _is_state(pieces, at, question, wanted=False)) and not (
                piece.cue is Cue.BALANCE and isinstance(question, ask.Largest)
            ):
                yield taken_back[at], at + 1
        elif at in out:
            if piece.text.removesuffix("'s") not in " ".join(question.without):
                yield out[at], at + 1
        elif _is_another_list(pieces, at, question) or _is_unknown(piece, question):
            yield _with_lead(pieces, at), at + 1
        elif at and ({at - 1, at} & uncounted or _is_of_none(pieces[at - 1], piece)):
            yield at - 1, at + 1
        elif (end := _other_end(pieces, at, question)) > at:
            yield at, end
        elif (
            piece.phrase in _HABITS
            or _is_reason_unused(piece, question)
            or _is_broken(piece, question)
            or _is_size(piece, question)
        ):
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
    words = " ".join((question.words, *question.also))
    is_currency = piece.phrase in CURRENCIES and bool(question.currency)
    is_name = piece.cue is Cue.NAME and not piece.is_common and not is_currency
    return is_name and piece.text.removesuffix("'s") not in words


def _is_of_none(before: Piece, piece: Piece) -> bool:
    """Return whether it is of who owes nothing, or isn't the asker's: “owing nothing”, “not mine”."""
    is_mine = piece.cue is Cue.MINE and before.phrase in NOT
    return is_mine or (piece.phrase in _NOTHING and before.cue is Cue.BALANCE)


def _other_end(pieces: Sequence[Piece], at: int, question: AboutMany) -> int:
    """Return where words end that ask how a list is grouped, of which day, or who has paid; `at` if none begin."""
    piece = pieces[at]
    is_grouped = piece.cue is Cue.CUSTOMERS and piece.phrase.split()[0] in {"by", "per"}
    is_sized = piece.phrase == "big" and [each.phrase for each in pieces[at + 1 : at + 2]] == ["ones"]
    is_speed = piece.cue is Cue.DAYS_LATE and piece.phrase.startswith(_SPEEDS)
    is_day = piece.phrase in _ON_THE_DAY and any(_BEGAN & set(each.phrase.split()) for each in pieces[:at])
    is_share = piece.phrase.startswith(_SHARES) and not isinstance(question, ask.NearLimit)
    which = piece.cue is Cue.WHICH and [each.phrase for each in pieces[at + 1 : at + 2]] in _STAFF
    is_new = (
        not isinstance(question, ask.HoldsChanged)
        and piece.phrase in _NEW
        and any(each.cue is Cue.HOLD for each in pieces[at + 1 : at + 2])
    )
    if which:
        return at + 2
    if is_grouped or is_speed or is_share or is_new or (is_day and not isinstance(question, _FOR_NOW)):
        return at + 1
    if is_sized:
        return at + 2
    has_paid = piece.cue is Cue.ASKING and [each.phrase for each in pieces[at + 1 : at + 2]] == ["paid"]
    if not has_paid or isinstance(question, ask.ListPromised | ask.ListBroken):
        return at
    return at + 2 + ([each.phrase for each in pieces[at + 2 : at + 3]] == ["since"])


def _is_reason_unused(piece: Piece, question: AboutMany) -> bool:
    """Return whether a reason narrows no list but that of accounts on hold."""
    words = {word.removesuffix("s") for word in piece.phrase.split() if word in REASONS}
    return bool(words) and piece.cue in {Cue.ORDINARY, Cue.FILLER} and not words <= {question.words, *question.also}


def _is_size(piece: Piece, question: AboutMany) -> bool:
    return piece.phrase in _BY_SIZE and not isinstance(question, ask.Largest | ask.OverLimit | ask.NearLimit)


def _is_broken(piece: Piece, question: AboutMany) -> bool:
    """Return whether promises are those that weren't kept, and the list is of others."""
    return piece.cue is Cue.PROMISED and says_broken(piece.phrase.split()) and not isinstance(question, ask.ListBroken)


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

"""Questions about one customer: the strongest cue wins; two of equal strength ask for the card."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.rules.conditions import leaves_names_out
from bot.features.assistant.model.grammar.rules.counted import PLACES
from bot.features.assistant.model.grammar.rules.lists import names_left_out
from bot.features.assistant.model.grammar.rules.sentence import Case, Sentence, first_of
from bot.features.assistant.model.grammar.rules.wishes import is_over
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.questions import (
    AboutOne,
    Again,
    CanOrder,
    It,
    Named,
    OfEach,
    Question,
    Subject,
    Topic,
    Unsaid,
    WholeCard,
)

KINDS: tuple[tuple[Cue, Callable[[Subject], AboutOne]], ...] = (
    (Cue.CONTACT, ask.Contact),
    (Cue.LAST_PAID, ask.LastPaid),
    (Cue.DAYS_LATE, ask.DaysLate),
    (Cue.TERMS, ask.Terms),
    (Cue.REP, ask.Rep),
    (Cue.PROMISED, ask.Overdue),
    (Cue.OVERDUE, ask.Overdue),
    (Cue.CHASE, ask.Overdue),
    (Cue.DISPUTED, ask.Overdue),
    (Cue.WARNED, WholeCard),
    (Cue.AGED, ask.AgedDebt),
    (Cue.AGE, ask.AgedDebt),
    (Cue.INVOICES, ask.Invoices),
    (Cue.ORDERS, ask.Orders),
    (Cue.WHY, ask.Why),
    (Cue.SINCE, ask.SinceWhen),
    (Cue.ROOM, ask.Headroom),
    (Cue.NEAR, ask.Headroom),
    (Cue.LIMIT, ask.Limit),
    (Cue.OVER, ask.Limit),
    (Cue.BALANCE, ask.Balance),
    (Cue.IN_CREDIT, ask.Balance),
    (Cue.UNALLOCATED, ask.Overdue),
    (Cue.RELEASED, ask.IsOnHold),
    (Cue.SUGGEST, ask.IsOnHold),
    (Cue.HOLD, ask.IsOnHold),
    (Cue.DETAIL, WholeCard),
)
# Weaker cues that a cue absorbs: “outstanding invoices” are invoices, “credit left” is room.
_ABSORBS = {
    Cue.CONTACT: {Cue.REP, Cue.HOLD, Cue.SINCE, Cue.OVERDUE, Cue.CHASE, Cue.BALANCE, Cue.DETAIL},
    Cue.LAST_PAID: {Cue.SINCE, Cue.BALANCE, Cue.INVOICES, Cue.TERMS, Cue.OVERDUE},
    Cue.DAYS_LATE: {Cue.SINCE, Cue.OVERDUE, Cue.TERMS, Cue.BALANCE, Cue.AGE},
    Cue.TERMS: {Cue.SINCE, Cue.AGE},
    Cue.REP: {Cue.DETAIL, Cue.BALANCE},
    Cue.OVERDUE: {Cue.BALANCE, Cue.LIMIT, Cue.OVER, Cue.SINCE, Cue.AGE, Cue.AGED},
    Cue.CHASE: {Cue.BALANCE, Cue.OVERDUE, Cue.SINCE, Cue.AGE},
    Cue.PROMISED: {Cue.BALANCE, Cue.SINCE, Cue.OVERDUE, Cue.LAST_PAID},
    Cue.DISPUTED: {Cue.BALANCE, Cue.SINCE, Cue.OVERDUE, Cue.INVOICES, Cue.DETAIL, Cue.WHY},
    Cue.WARNED: {Cue.HOLD, Cue.DETAIL, Cue.NEAR, Cue.ROOM},
    Cue.AGED: {Cue.BALANCE, Cue.LIMIT, Cue.OVER, Cue.AGE, Cue.SINCE},
    Cue.AGE: {Cue.BALANCE, Cue.OVER, Cue.SINCE},
    Cue.INVOICES: {Cue.BALANCE, Cue.OVERDUE, Cue.AGED, Cue.AGE, Cue.DETAIL, Cue.SINCE},
    Cue.ORDERS: {Cue.BALANCE, Cue.DETAIL},
    Cue.WHY: {Cue.HOLD, Cue.SUGGEST, Cue.RELEASED, Cue.OVER, Cue.LIMIT},
    Cue.SINCE: {Cue.HOLD, Cue.RELEASED},
    Cue.ROOM: {Cue.LIMIT, Cue.BALANCE, Cue.OVER},
    Cue.NEAR: {Cue.LIMIT, Cue.OVER, Cue.ROOM},
    Cue.OVER: {Cue.LIMIT},
    Cue.UNALLOCATED: {Cue.BALANCE, Cue.LAST_PAID, Cue.INVOICES},
    Cue.RELEASED: {Cue.HOLD},
    Cue.SUGGEST: {Cue.HOLD},
}
_HISTORY = {"history", "often", "times", "record", "past", "previous", "timeline", "frequently", "log"}
_BEFORE = {"before", "previously", "earlier", "ever", "formerly", "already"}
_RELEASES = {"took", "takes", "taken", "released", "lifted", "removed", "unstopped", "unblocked"}
_PASSIVE = {"was", "were", "is", "got", "get", "gets", "be", "been"}
_PAYING = {
    "pay",
    "pays",
    "paying",
    "paid",
    "usually",
    "average",
    "normally",
    "generally",
    "payers",
    "payer",
    "terms",
    "rule",
}
_ON_A_DAY = {"today", "this morning", "this afternoon", "this week", "this month", "tonight", "yesterday", "last week"}
_ON_A_DAY |= {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "last month", "just now"}
# What says how an account stands, or asks, rather than naming a figure.
_NO_NOUNS = {Cue.HOLD, Cue.OVER, Cue.NEAR, Cue.WHY, Cue.SINCE, Cue.AGE, Cue.CHASE, Cue.DETAIL, Cue.WARNED, Cue.SUGGEST}
_NO_NOUNS |= {Cue.RELEASED, Cue.PROMISED, Cue.DISPUTED, Cue.IN_CREDIT, Cue.DAYS_LATE}
_BETWEEN_KINDS = {Cue.FILLER, Cue.LINK, Cue.IT, Cue.NAME, Cue.ASKING, Cue.HOW_MUCH}
_ON_THE_CARD = (ask.Balance, ask.Limit, ask.Headroom, ask.Overdue, ask.Terms, ask.Rep, ask.Contact)
_ANSWERED_TOGETHER: tuple[set[Callable[[Subject], AboutOne]], ...] = (
    {ask.Headroom, ask.Limit},
    {ask.Overdue, ask.AgedDebt},
)
_OPENS = {Cue.OKAY, Cue.COMMA, Cue.GREETING, Cue.THANKS}
_WELL = {"right", "so", "well", "oh", "yes", "yeah"}
_LONGEST_FOLLOW_UP = 7  # pieces
_GOES_ON = {Cue.NUMBER, Cue.AGAIN, Cue.JOINER, Cue.FILLER, Cue.COMMA, Cue.OKAY}


def hold_history(sentence: Sentence) -> Question | None:
    """Return the question how often, or when before, a customer was on hold; and who released it."""
    if not _asks_history(sentence) or (sentence.has(Cue.WHO, Cue.CUSTOMERS) and not _of_one(sentence)):
        return None
    return sentence.each(ask.HoldHistory)


def about_one(sentence: Sentence) -> Question | None:
    """Return the question about a customer, or about each of several."""
    if isinstance(sentence.subjects[0], Unsaid) and sentence.has(Cue.ORDINARY):
        return None
    strongest = _strongest(sentence)
    several = _several_kinds(sentence)
    if several:
        return OfEach(tuple(make(who) for who in sentence.subjects for make in several))
    special = first_of(_BESIDE_ANOTHER, sentence) or (first_of(_WITHOUT_CUE, sentence) if not strongest else None)
    if special is not None or not strongest:
        return special
    makes = {make for cue, make in KINDS if cue in strongest}
    return sentence.each(next(iter(makes)) if len(makes) == 1 else WholeCard)


def _several_kinds(sentence: Sentence) -> Sequence[Callable[[Subject], AboutOne]]:
    """Return the questions of a list of them, as in “balance, overdue and last payment”; none where the card has all.

    One of them would else stand for the others.
    """
    kinds, makes = dict(KINDS), list[Callable[[Subject], AboutOne]]()
    said = [piece for piece in sentence.pieces if piece.cue not in _BETWEEN_KINDS]
    for before, piece in zip((None, *said), said, strict=False):
        if piece.cue not in kinds or piece.cue in _NO_NOUNS:
            continue
        is_listed = before is not None and (before.cue is Cue.COMMA or before.phrase in {"and", "&", "+", "n"})
        makes = [*makes, kinds[piece.cue]] if is_listed or not makes else makes
    makes = list(dict.fromkeys(makes))
    on_the_card = all(make in _ON_THE_CARD for make in makes)
    is_one = len(makes) < 2 or (on_the_card and len({kinds[cue] for cue in _strongest(sentence)}) > 1)
    return () if is_one or set(makes) in _ANSWERED_TOGETHER else makes


def again(sentence: Sentence) -> Question | None:
    """Return the last question once more, as in “what about LOW011?”, “and in Durham?”, “just mine”."""
    if sentence.has(Cue.ORDINARY, Cue.CARD, Cue.HELP, Cue.WHO) or len(sentence.pieces) > _LONGEST_FOLLOW_UP:
        return None
    if leaves_names_out(sentence.pieces):
        return Again(It(), without=names_left_out(sentence))  # “without Scotland”
    return first_of(_AGAIN_OF_NAMED if sentence.names else _AGAIN, sentence)


def card(sentence: Sentence) -> Question | None:
    """Return the question for the card: a bare name, “tell me about ABS”."""
    if sentence.has(Cue.ORDINARY) and not sentence.has_reference:
        return None
    return sentence.each(WholeCard) if any(test(sentence) for test in (_asks_for_card, _asks_how, _is_bare)) else None


def _strongest(sentence: Sentence) -> set[Cue]:
    return {cue for cue, _ in KINDS if cue in sentence.cues} - _absorbed(sentence)


def _absorbed(sentence: Sentence) -> set[Cue]:
    return {weaker for cue, _ in KINDS if cue in sentence.cues for weaker in _ABSORBS.get(cue, ())}


def _pays_late(sentence: Sentence) -> bool:
    """Return whether “late” is how they pay, as in “how far past due do they pay”."""
    strongest = _strongest(sentence)
    habit = Cue.TERMS in strongest or bool(
        sentence.words & {"pay", "pays", "paying", "settle", "settles", "average", "usually"}
    )
    return Cue.OVERDUE in strongest and habit and not sentence.has(Cue.MODAL)


def _takes_to_pay(sentence: Sentence) -> bool:
    if _strongest(sentence) == {Cue.TERMS, Cue.BALANCE}:
        return not sentence.words & {"balance", "owe", "owes", "owing", "debt"}
    asks = sentence.has(Cue.SINCE) and bool(sentence.words & {"pay", "paying", "pays", "settle", "settling"})
    return asks and not sentence.has(Cue.LAST_PAID, Cue.DAYS_LATE, Cue.HOLD, Cue.OVERDUE)


def _is_used(sentence: Sentence) -> bool:
    of_limit = _strongest(sentence) <= {Cue.LIMIT, Cue.BALANCE}
    return sentence.has(Cue.HOW_MUCH) and "used" in sentence.words and of_limit


def _has_paid(sentence: Sentence) -> bool:
    of_one = sentence.has(Cue.IT, Cue.NAME) and not isinstance(sentence.subjects[0], Unsaid)
    asks = sentence.says("paid") or (bool(sentence.words & {"pay", "paid"}) and bool(sentence.words & {"did", "didnt"}))
    return asks and sentence.has(Cue.ASKING) and of_one


def _paid_last(sentence: Sentence) -> bool:
    """Return whether it asks like “when Garston paid last time”."""
    asks = "last" in sentence.words and bool(sentence.words & {"when", "date"})
    return asks and bool(sentence.words & {"pay", "paid", "payment", "pays", "money"})


def _asks_history(sentence: Sentence) -> bool:
    words = sentence.words
    if not sentence.has(Cue.HOLD, Cue.RELEASED) and "hold" not in words:
        return False
    # “Put them on hold before Friday” is a wish.
    of_before = bool(words & _BEFORE) and bool(words & {"been", "was", "were", "ever", "had", "have"})
    last = "last" in words and bool(words & {"when", "whens"}) and not sentence.has(Cue.LAST_PAID)
    released_by = bool(words & {"who", "whos"}) and bool(words & _RELEASES) and _of_one(sentence)
    released_by &= not _were_released(sentence)
    # “Was Edge on hold last year”: of now it would be another answer.
    of_then = bool(words & {"was", "were"}) and any(piece.topic is Topic.HISTORY for piece in sentence.pieces)
    # “When did Edge come off hold”.
    came_off = sentence.has(Cue.RELEASED) or any(piece.phrase.startswith("come off") for piece in sentence.pieces)
    last = last or (sentence.has(Cue.SINCE) and came_off and _of_one(sentence))
    return bool(words & _HISTORY) or of_before or last or released_by or (of_then and _of_one(sentence))


def _were_released(sentence: Sentence) -> bool:
    """Return whether “who” are the customers that were released: “who was released in Leeds”."""
    pieces = sentence.pieces
    said = (at for at, piece in enumerate(pieces) if piece.cue is Cue.RELEASED)
    return any(pieces[at].phrase.startswith("been") or (at and pieces[at - 1].phrase in _PASSIVE) for at in said)


def _of_one(sentence: Sentence) -> bool:
    return bool(sentence.names) or sentence.has(Cue.IT)


def _late_now(sentence: Sentence) -> bool:
    of_days = sentence.has(Cue.DAYS_LATE) or sentence.says("how many days")
    of_oldest = of_days and sentence.has(Cue.INVOICES) and bool(sentence.words & {"late", "overdue"})
    return (sentence.says("how late") or of_oldest) and not sentence.words & _PAYING


def _was_put(sentence: Sentence) -> bool:
    """Return whether it asks of a hold that began on some day: “did someone put Edge on stop this morning”."""
    begins = sentence.pieces[0].phrase
    put = begins.endswith(" put") or (
        begins in {"did", "has", "have", "was", "were"}
        and bool(sentence.words & {"go", "went", "gone", "put", "placed"})
    )
    return put and bool(sentence.phrases & _ON_A_DAY)


def _asks_how_much(sentence: Sentence) -> bool:
    of_one = isinstance(sentence.subjects[0], Named) or sentence.has(Cue.IT) or len(sentence.pieces) <= 2
    return sentence.has(Cue.HOW_MUCH) and of_one


def _asks_if_fine(sentence: Sentence) -> bool:
    of_one = sentence.has(Cue.IT) or isinstance(sentence.subjects[0], Named)
    return sentence.has(Cue.OKAY) and sentence.has(Cue.ASKING) and of_one and len(sentence.pieces) <= _LONGEST_FOLLOW_UP


def _follows(sentence: Sentence) -> bool:
    first = next((each.phrase for each in sentence.pieces if each.cue not in _OPENS and each.phrase not in _WELL), "")
    last = sentence.pieces[-1].phrase
    says = first in {"and", "or", "in", "just", "only", "also"} or last in {"too", "as well", "also"}
    return (sentence.has(Cue.AGAIN) or says) and not sentence.has(Cue.MODAL, Cue.WHICH)


def _again_of_named(sentence: Sentence) -> Question:
    several = sentence.subjects
    if len(several) > 1:
        return Again(Named(" and ".join(who.words for who in several if isinstance(who, Named))))
    words = several[0].words.casefold() if isinstance(several[0], Named) else ""
    return Again(several[0], is_place=sentence.says("in", "around") or words in PLACES)


def _is_least(sentence: Sentence) -> bool:
    return sentence.least(Cue.MONEY) is not None and is_over(sentence)


def _is_number(sentence: Sentence) -> bool:
    # “The first one” is no amount.
    is_amount = any(piece.cue is Cue.NUMBER and piece.phrase != "one" for piece in sentence.pieces)
    return is_amount and sentence.cues <= _GOES_ON and sentence.pieces[0].cue is not Cue.NUMBER


def _asks_for_card(sentence: Sentence) -> bool:
    of_one = not isinstance(sentence.subjects[0], Unsaid)
    return sentence.has(Cue.CARD, Cue.AGAIN) and of_one and not sentence.has(Cue.WHO, Cue.WHICH)


def _asks_how(sentence: Sentence) -> bool:
    first, second = (*(piece.phrase for piece in sentence.pieces[:2]), "")[:2]
    begins = first == "hows" or (first == "how" and second in {"is", "are"})
    return begins and bool(sentence.names) and not sentence.has(Cue.MODAL, Cue.WHICH, Cue.WHO, Cue.IT)


def _is_bare(sentence: Sentence) -> bool:
    is_one = len(sentence.names) == 1 or sentence.has_reference
    # “Sorry, wrong window”: a word of ordinary English is a name only where it stands alone.
    in_passing = sentence.has(Cue.FILLER, Cue.GREETING) and all(piece.is_common for piece in sentence.of(Cue.NAME))
    return (
        is_one
        and not in_passing
        and not sentence.has(Cue.CARD, Cue.AGAIN, Cue.ASKING, Cue.MODAL, Cue.WHY, Cue.WHICH, Cue.WHO)
    )


def _each(kind: Callable[[Subject], AboutOne]) -> Callable[[Sentence], Question]:
    return lambda said: said.each(kind)


_BESIDE_ANOTHER: tuple[Case, ...] = (
    (_late_now, _each(ask.Overdue)),
    (lambda said: _strongest(said) == {Cue.HOLD} and _was_put(said), _each(ask.SinceWhen)),
    (_pays_late, _each(ask.DaysLate)),
    (lambda said: _strongest(said) == {Cue.WHY, Cue.SINCE}, _each(ask.Why)),
    (lambda said: _strongest(said) == {Cue.SINCE} and _paid_last(said), _each(ask.LastPaid)),
    (_takes_to_pay, _each(ask.Terms)),
    # The balance with what is ordered, as the credit that is left has it.
    (lambda said: _strongest(said) == {Cue.BALANCE} and "exposure" in said.words, _each(ask.Headroom)),
    (lambda said: {"should", "paid"} <= said.words, _each(ask.Overdue)),
    (_is_used, _each(ask.Limit)),
)
_WITHOUT_CUE: tuple[Case, ...] = (
    (_has_paid, _each(ask.LastPaid)),
    (_paid_last, _each(ask.LastPaid)),
    (_asks_how_much, _each(ask.Balance)),
    (lambda said: said.has(Cue.STATE) or {"account", "live"} <= said.words, _each(ask.IsOnHold)),
    (_asks_if_fine, _each(WholeCard)),
)
_AGAIN_OF_NAMED: tuple[Case, ...] = ((_follows, _again_of_named),)
_AGAIN: tuple[Case, ...] = (
    (lambda said: said.has(Cue.MINE), lambda _: Again(It(), mine=True)),
    (_is_least, lambda said: Again(It(), minimum=said.least(Cue.MONEY))),
    (
        lambda said: said.most(Cue.MONEY) is not None and not said.has(Cue.MODAL, Cue.SHIP, Cue.ORDER),
        lambda said: Again(It(), most=said.most(Cue.MONEY)),
    ),
    (_is_number, lambda said: CanOrder(It(), said.number(Cue.NUMBER))),
)

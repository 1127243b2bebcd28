"""Questions about several customers: lists, the largest debtors, and a comparison."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.domain.filters.customer_states import State
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.rules import names as naming
from bot.features.assistant.model.grammar.rules.conditions import LISTED as _LISTED
from bot.features.assistant.model.grammar.rules.conditions import (
    NOT,
    compared,
    counts,
    excluded,
    leaves_names_out,
    negated,
    range_begins,
    says_broken,
)
from bot.features.assistant.model.grammar.rules.counted import PLACES
from bot.features.assistant.model.grammar.rules.sentence import Case, Sentence, first_of
from bot.features.assistant.model.grammar.rules.states import bare_days, state_of, states_of
from bot.features.assistant.model.grammar.words.amounts import currency_of
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece
from bot.features.assistant.model.questions import (
    AboutMany,
    Again,
    CannotAnswer,
    Compare,
    It,
    Named,
    Question,
    Subject,
    Topic,
)

_MOST = 50
_List = TypeVar("_List", bound=AboutMany)

_OF_LIST: Mapping[type[AboutMany], tuple[Cue, ...]] = {
    ask.WhoIsOnHold: (Cue.HOLD,),
    ask.OverLimit: (Cue.OVER,),
    ask.NearLimit: (Cue.NEAR,),
    ask.ListOverdue: (Cue.OVERDUE,),
    ask.ListPromised: (Cue.PROMISED,),
    ask.ListBroken: (Cue.PROMISED,),
    ask.ListDisputed: (Cue.DISPUTED,),
    ask.ListWarned: (Cue.WARNED,),
}
_OF_LIMIT = (ask.OverLimit, ask.NearLimit)
_PERCENT = re.compile(r"(?P<within>\bwithin )?\b(?P<percent>\d{1,3})\s?(?:%|percent\b|per cent\b|pct\b)", re.IGNORECASE)
OF_DEBT = (
    *(ask.ListOverdue, ask.ListPromised, ask.ListBroken, ask.ListSuggested, ask.ListDisputed),
    *(ask.ListChase, ask.ListWarned),
)
_OF_TWO = {Cue.HOLD, Cue.OVER, Cue.OVERDUE, Cue.CHASE, Cue.DISPUTED, Cue.PROMISED}
_RINGS_WHEN = frozenset(["today", "first", "next", "morning", "afternoon", "tomorrow", "money", "payment", "round"])
_LATE = (Cue.OVERDUE, Cue.CHASE, Cue.AGE, Cue.AGED, Cue.DAYS_LATE)
_NO_LIST = (
    Cue.ROOM,
    Cue.LIMIT,
    Cue.ORDERS,
    Cue.INVOICES,
    Cue.TERMS,
    Cue.CONTACT,
    Cue.REP,
    Cue.LAST_PAID,
    Cue.WHY,
    Cue.DETAIL,
    Cue.ORDER,
    Cue.CARD,
)
# Of many, unless a name or a pronoun says whose: “all their invoices”, “how much do they owe in total”.
_PERHAPS_OF_MANY = (Cue.ALL, Cue.TOTAL, Cue.HOW_MANY, Cue.MOST, Cue.OURS, Cue.MINE, Cue.AGE)
_SAYS_MANY = (Cue.WHO, Cue.CUSTOMERS, Cue.OWERS)
_PLAIN = {Cue.ORDINARY, Cue.FILLER, Cue.NAME}
_GIVES_A_REASON = {"for", "due", "because", "because of", "over", "after", "as", "with", "from", "cos"}
_REASON_WORDS = (
    "bounced bouncing cheque cheques payment payments insolvent insolvency liquidation administration receivership "
    "fraud legal solicitor solicitors court unpaid returned debit debits breach breaches fraudulent bankrupt "
    "bankruptcy deceased ceased"
)
REASONS = frozenset(_REASON_WORDS.split())
_AMONG = {Cue.JOINER, Cue.LINK, Cue.COMMA}
_PLURALS = ("holds", "stops", "zero balances", "nil balances", "credit balances")
_LEDGERS = ("ledger", "the ledger", "sales ledger", "whole ledger", "the whole ledger", "the book", "the books")
_OF_THE_LIST = (
    "between them",
    "how many is that",
    "how much is that",
    "all told",
    "how many are there",
    "how many are they",
    "name names",
    "name them",
    "list them",
)
_CANNOT = {"not", "cant", "shouldnt", "dont"}
_COMPARATIVES = frozenset(
    [
        "more",
        "less",
        "better",
        "worse",
        "bigger",
        "smaller",
        "higher",
        "lower",
        "later",
        "slower",
        "quicker",
        "faster",
        "sooner",
        "deeper",
        "riskier",
        "safer",
    ]
)
_OPENS = {Cue.OKAY, Cue.COMMA, Cue.GREETING, Cue.THANKS, Cue.FILLER, Cue.JOINER, Cue.AGAIN}
_NOT_WHAT = {"hold status", "stop status", "status on hold", "a hold", "a stop", "any hold", "hold flag", "a block"}
_LOOKS_AFTER = {"look after", "manage", "manages", "handle", "handles", "cover", "covers", "looks after", "deal with"}
_SAYS_NO_MORE = {Cue.HOW_MANY, Cue.FILLER, Cue.JOINER, Cue.ASKING, Cue.OKAY, Cue.COMMA, Cue.AGAIN}
_REGIONS = {"region", "area", "territory", "patch", "branch"}
_NEW = ("new", "newest", "recent", "latest", "fresh", "newly", "recently", "lately", "just")
_BEGIN = {"went", "gone", "go", "goes", "put", "placed", "new", "newly", "added", "moved", "get", "got", "gets"}
_PUT = {"stopped", "blocked", "holds", "stops", "suspended", "frozen", "put", "placed", "went", "go", "goes", "going"}
_OFF = ("come off", "came off", "comes off", "off hold", "off stop")
_ONLY_GOES_ON = {Cue.AGAIN, Cue.JOINER, Cue.FILLER, Cue.ASKING, Cue.COMMA, Cue.OKAY, Cue.LINK}
_OF_THEM = ("which of them", "any of them", "which of those", "any of those", "how many of those")
CURRENCIES = {
    **dict.fromkeys(("euro", "euros", "eur"), "EUR"),
    **dict.fromkeys(("sterling", "gbp"), "GBP"),
    **dict.fromkeys(("dollar", "dollars", "usd"), "USD"),
}
# An amount in pounds says nothing of the customers' currency: most people think in pounds.
_ABROAD = {"EUR": "EUR", "$": "USD"}
_WITHIN = {"in", "within", "last", "past"}
_WORTH = ("value", "worth", "amount", "sum of")
_PLURAL_PAYERS = (
    "late payers",
    "slow payers",
    "bad payers",
    "good payers",
    "prompt payers",
    "worst payer",
    "worst payers",
    "slowest payer",
    "slowest payers",
    "slowest to pay",
)


def listing(sentence: Sentence) -> Question | None:
    """Return the list asked for, as in “Who is on stop in the north?”, “who's over their limit?”, “top ten debtors”."""
    again = first_of(_LISTS_AGAIN, sentence)
    if again is not None:
        return again
    return _listed(sentence) if is_of_many(sentence) else None


def _listed(sentence: Sentence) -> Question | None:
    """Return the list of what is to be; none where only what is not to be is said: “who isn't on hold”."""
    if _were_released(sentence):
        return CannotAnswer(Topic.HISTORY) if _is_to_come(sentence) else list_of(ask.ListReleased, sentence)
    taken_back = negated(sentence.pieces)
    if not taken_back:
        return first_of(_LISTS, sentence)
    pieces = sentence.pieces
    is_unpromised = any(pieces[at].cue is Cue.PROMISED for at in taken_back)
    rest = Sentence([replace(each, cue=Cue.FILLER) if at in taken_back else each for at, each in enumerate(pieces)])
    if rest.has(*_LISTED, *_LATE, Cue.MOST, Cue.OWERS, Cue.BALANCE):
        found = first_of(_LISTS, rest)
        if is_unpromised and isinstance(found, ask.ListOverdue):
            found = list_of(ask.ListChase, rest)
        return replace(found, states=states_of(type(found), pieces)) if isinstance(found, AboutMany) else found
    return list_of(ask.ListChase, rest) if is_unpromised else CannotAnswer(Topic.OTHER_LISTS)


def is_of_many(sentence: Sentence) -> bool:
    """Return whether a sentence asks about many customers, and so is never answered with the figure of one."""
    if _says_which(sentence) or _asks_whose(sentence) or _is_of_a_place(sentence) or _is_of_others(sentence):
        return True
    if _is_total_of_a_place(sentence) or _asks_what_came_in(sentence):
        return True
    if _is_of_one(sentence):
        return False
    if sentence.has(Cue.HOW_MANY) and sentence.has(Cue.HOLD, Cue.OVER) and "times" not in sentence.words:
        return True
    tests = (
        _says_who,
        _says_list,
        _lists_some,
        _says_all_named,
        _lists_payers,
        _begins_with_a_state,
        _what_is_held,
    )
    return any(test(sentence) for test in tests) or (
        not sentence.names and not sentence.has(Cue.IT) and _is_of_all(sentence)
    )


def _is_of_others(sentence: Sentence) -> bool:
    """Return whether it asks about all but those who are named: “overdue except ABS001”."""
    asks = sentence.has(*_LISTED, *_LATE, *_PERHAPS_OF_MANY, *_SAYS_MANY, Cue.BALANCE)
    # “I'm outside ABS, are they on hold”
    if not asks or sentence.has(Cue.IT):
        return False
    out = excluded(sentence.pieces)
    # “Overdue in the north except ABS001”.
    rest = [each for at, each in enumerate(sentence.pieces) if at not in out and at not in out.values()]
    return bool(out) and (leaves_names_out(sentence.pieces) or is_of_many(Sentence(rest)))


def _says_which(sentence: Sentence) -> bool:
    """Return whether a plural stands behind “which”, as in “which garages haven't paid”, “which of the smiths owe”."""
    first, *rest = sentence.pieces
    if first.phrase not in {"which", "which of"} or sum(piece.cue is Cue.NAME for piece in rest) > 1:
        return False
    next_word = next((piece for piece in rest if piece.cue is not Cue.JOINER), first)
    is_plural = next_word.text.endswith("s") and not next_word.text.endswith(("'s", "ss"))
    return next_word.cue is Cue.NAME and next_word.text.islower() and " " not in next_word.text and is_plural


def comparison(sentence: Sentence) -> Question | None:
    """Return a comparison of two customers, separated by “vs” and the like or, without one, by “and”."""
    pieces = sentence.pieces
    between = [at for at, piece in enumerate(pieces) if piece.cue is Cue.VERSUS]
    asks_which = sentence.has(Cue.WHO, Cue.WHICH) and not sentence.words.isdisjoint(_COMPARATIVES)
    than = next((at for at in range(len(pieces) - 1) if _is_than_a_name(pieces, at)), None)
    if than is not None and (owes := _one(Sentence(pieces[:than]))) is not None:
        return Compare(owes, naming.subjects(pieces[than + 1 :])[0])
    if (
        not sentence.has(Cue.COMPARE)
        and not (asks_which and not sentence.has(Cue.CUSTOMERS))
        and not any(pieces[at].phrase != "or" for at in between)
    ):
        return None
    if sentence.has(Cue.WHO) and sentence.has(Cue.MOST, Cue.CUSTOMERS) and not sentence.has_proper_names:
        return None
    splits = between or [at for at, piece in enumerate(pieces) if piece.phrase in {"and", "with", "to", "&"}]
    for at in splits:
        first, second = _one(Sentence(pieces[:at])), _one(Sentence(pieces[at + 1 :]))
        if first is not None and second is not None:
            are_places = any(isinstance(who, Named) and who.words.casefold() in PLACES for who in (first, second))
            return CannotAnswer(Topic.TOTALS) if are_places else Compare(first, second)
    return None


def _is_than_a_name(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether one customer is measured by another: “does Kerridge owe more than ABS”."""
    compares = pieces[at].phrase == "more than" or (
        pieces[at].phrase == "than" and pieces[at - 1].phrase in _COMPARATIVES
    )
    return compares and pieces[at + 1].cue is Cue.NAME


def _one(part: Sentence) -> Subject | None:
    return part.subjects[0] if part.names or part.points_back else None


def _is_of_one(sentence: Sentence) -> bool:
    """Return whether the sentence is about one customer, whatever else is in it."""
    if sentence.has_reference or sentence.has(Cue.WATCH, Cue.UNWATCH, Cue.COMPARE):
        return True
    if sentence.says("the most") and sentence.has(Cue.MODAL) and sentence.has(Cue.ORDER, Cue.SHIP) and sentence.names:
        return True  # “what's the most ABS could order”
    if says_which_of_several(sentence):
        return True
    return bool(sentence.names) and (_owns_accounts(sentence) or _asks_of_named(sentence))


def says_which_of_several(sentence: Sentence) -> bool:
    """Return whether it asks which of several that are named: “ABS or Lowmarsh, which one's on stop”."""
    pieces = sentence.pieces
    which = next((at for at, piece in enumerate(pieces) if piece.cue is Cue.WHICH or piece.phrase == "which ones"), 0)
    return len(naming.subjects(pieces[:which])) > 1


def _owns_accounts(sentence: Sentence) -> bool:
    """Return whether “accounts” are those of a name: “how are Garston's accounts looking”."""
    pieces = sentence.pieces
    owned = any(piece.phrase == "accounts" and at and pieces[at - 1].cue is Cue.NAME for at, piece in enumerate(pieces))
    return owned and not sentence.has(*_LISTED, Cue.BALANCE, Cue.WHO, Cue.WHICH, Cue.ALL, Cue.MOST, Cue.OWERS)


def _asks_of_named(sentence: Sentence) -> bool:
    """Return whether it asks what only one customer has: “who looks after ABS”, “which invoices are ABS late with”."""
    if sentence.has(Cue.CONTACT, Cue.REP) and not sentence.has(Cue.ALL, Cue.WHICH, Cue.HOLD, Cue.OVER, Cue.OVERDUE):
        return True
    of_one = (Cue.CONTACT, Cue.REP, Cue.WHY, Cue.INVOICES, Cue.ORDERS, Cue.TERMS, Cue.LAST_PAID)
    return sentence.has(*of_one) and not sentence.has(Cue.CUSTOMERS)


def _says_who(sentence: Sentence) -> bool:
    if sentence.has(Cue.CUSTOMERS, Cue.OWERS):
        return not (sentence.has(Cue.WHO) and _asks_whom(sentence)) or sentence.has(Cue.CUSTOMERS)
    return sentence.has(Cue.WHO) and not _asks_whom(sentence)


def _asks_whom(sentence: Sentence) -> bool:
    """Return whether “who” is a person at a customer's, or of ours: “who do I ring”, “who put them on hold”."""
    return sentence.has(Cue.CONTACT, Cue.REP, Cue.WHY)


def _says_list(sentence: Sentence) -> bool:
    listed = [piece for piece in sentence.pieces if piece.cue in {*_LISTED, Cue.AGED}]
    return any(
        piece.phrase.endswith((" list", "debtors report")) and not piece.phrase.startswith("off") for piece in listed
    )


def _lists_some(sentence: Sentence) -> bool:
    """Return whether it asks like “any of mine on hold”, “which are overdue”."""
    if not sentence.has(Cue.MINE, Cue.WHICH) or not sentence.has(*_LISTED):
        return False
    if _names_several(sentence):
        return False
    of_it = sentence.points_back and not sentence.has(Cue.MINE)
    return not of_it and (not sentence.names or sentence.has(Cue.HOLD, Cue.OVER))


def _names_several(sentence: Sentence) -> bool:
    """Return whether it asks of each of several names: “any of ABS, Lowmarsh and Garston on stop”."""
    pieces = sentence.pieces
    begins = next((at + 1 for at, piece in enumerate(pieces) if piece.phrase == "any of"), len(pieces))
    run = list(itertools.takewhile(lambda piece: piece.cue in {Cue.NAME, Cue.COMMA, Cue.JOINER}, pieces[begins:]))
    joined = any(piece.cue is Cue.COMMA or piece.phrase == "and" for piece in run)
    return joined and len([piece for piece in run if piece.cue is Cue.NAME]) > 1


def _says_all_named(sentence: Sentence) -> bool:
    """Return whether it asks like “all on hold in Durham”, “largest balances in Durham”."""
    return bool(sentence.names) and sentence.has(Cue.ALL, Cue.MOST) and sentence.has(*_LISTED, Cue.BALANCE)


def _begins_with_a_state(sentence: Sentence) -> bool:
    """Return whether it asks like “on hold, in query, in Leeds”: a place, and nobody before it."""
    pieces = [piece for piece in sentence.pieces if piece.cue is not Cue.JOINER]
    is_placed = any(piece.cue is Cue.NAME and at and pieces[at - 1].phrase == "in" for at, piece in enumerate(pieces))
    return is_placed and pieces[0].cue in _LISTED and not sentence.has(Cue.IT)


def _lists_payers(sentence: Sentence) -> bool:
    """Return whether it asks like “late payers in Durham”; “are Pennine late payers” asks about one."""
    said = next((at for at, piece in enumerate(sentence.pieces) if piece.phrase in _PLURAL_PAYERS), 0)
    payers = sentence.pieces[said].phrase in _PLURAL_PAYERS
    return payers and not any(piece.cue in {Cue.NAME, Cue.IT} for piece in sentence.pieces[:said])


def _is_of_all(sentence: Sentence) -> bool:
    """Return whether a sentence without a name and a pronoun asks about all: “on hold over 10k”, “slow payers”."""
    held = sentence.has(Cue.HOLD)
    of_two_lists = len(sentence.cues & _OF_TWO) > 1
    of_limits = sentence.has(Cue.LIMIT) and not sentence.has(Cue.MODAL, Cue.OKAY, Cue.SHIP)
    of_documents = (sentence.has(Cue.ORDERS, Cue.INVOICES, Cue.LAST_PAID) or of_limits) and sentence.has(Cue.MONEY)
    of_some = "ones" in sentence.words or of_documents
    held_worth = held and (sentence.has(Cue.HOW_MUCH, Cue.BALANCE, Cue.MONEY) or sentence.says(*_WORTH))
    is_plural = sentence.says(*_PLURAL_PAYERS, *_PLURALS, "dso", "debtor days") or naming.is_plural(sentence.pieces)
    is_promised = sentence.has(Cue.HOW_MUCH) and sentence.has(Cue.PROMISED)
    # “list invoices”, “overdue report”: “any orders?” goes on about one.
    lists = any(piece.phrase != "any" for piece in sentence.of(Cue.WHICH)) and not naming.is_which(sentence.pieces)
    percent = any(_is_share(piece) for piece in sentence.pieces)
    what_came_off = _were_released(sentence) and bool(sentence.words & {"what", "whats", "anything", "any"})
    what_came_off |= sentence.says("releases")
    is_percent = percent or (sentence.says("percent") and sentence.has(Cue.NUMBER, Cue.OVER))
    is_total = is_percent or sentence.has(*_PERHAPS_OF_MANY, Cue.SUGGEST, Cue.DISPUTED, Cue.WARNED) or what_came_off
    owed = any(_is_compared(sentence.pieces, at) for at in sentence.places(Cue.MONEY))
    late_worth = sentence.has(Cue.OVERDUE) and sentence.has(Cue.MONEY)
    late_worth |= (sentence.has(Cue.BALANCE, Cue.OVER) and owed) or bool(bare_days(sentence.pieces))
    return (
        _rings_round(sentence)
        or late_worth
        or held_worth
        or of_two_lists
        or of_some
        or is_plural
        or lists
        or is_total
        or is_promised
        or (held and sentence.says("anything"))
    )


def _is_compared(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether an amount is a bound: “over 5k”, “between 1k and 5k”."""
    return compared(pieces, at) != (at, at + 1) or range_begins(pieces, at) is not None


def _what_is_held(sentence: Sentence) -> bool:
    """Return whether it asks like “what got put on stop since Friday”, of nobody who is named or pointed at."""
    first = next((piece.phrase for piece in sentence.pieces if piece.cue not in _OPENS), "")
    begins = first in {"what", "whats", "whatve"}
    held = any(piece.phrase not in _NOT_WHAT and " " in piece.phrase for piece in sentence.of(Cue.HOLD, Cue.RELEASED))
    return begins and held and not sentence.names and not sentence.has(Cue.IT, Cue.STATE, Cue.ORDER)


def _is_of_a_place(sentence: Sentence) -> bool:
    """Return whether nobody but a place is named: “how much is overdue in the north”."""
    pieces = sentence.pieces
    named = [at for at, piece in enumerate(pieces) if piece.cue is Cue.NAME]
    if not named or not sentence.has(*_LISTED, Cue.BALANCE, Cue.AGED, Cue.AGE) or sentence.has(Cue.IT):
        return False
    before = [piece for piece in pieces[: named[0]] if piece.phrase != "the"]
    is_in = bool(before) and before[-1].phrase == "in" and named == [*range(named[0], named[-1] + 1)]
    return is_in or all(pieces[at].phrase in PLACES or pieces[at].phrase in CURRENCIES for at in named)


def _is_total_of_a_place(sentence: Sentence) -> bool:
    """Return whether a total of a region is asked for: “the overall debt for the south region”."""
    pieces = sentence.pieces
    of_place = any(each.phrase in PLACES and after.phrase in _REGIONS for each, after in itertools.pairwise(pieces))
    return of_place and sentence.has(Cue.TOTAL, Cue.ALL)


def _asks_what_came_in(sentence: Sentence) -> bool:
    """Return whether it asks what was paid, of nobody in particular: “any money in today”."""
    any_of_it = any(piece.phrase == "any" for piece in sentence.of(Cue.WHICH))
    came_in = any(piece.phrase.endswith(" in") for piece in sentence.of(Cue.LAST_PAID))
    return any_of_it and came_in and not sentence.names and not sentence.has(Cue.IT)


def _asks_whose(sentence: Sentence) -> bool:
    """Return whether it asks like “who does Priya look after”: for the customers of the one who is named."""
    pieces = sentence.pieces
    at = next((at for at, piece in enumerate(pieces) if piece.phrase in _LOOKS_AFTER), 0)
    asked = [piece.phrase for piece in pieces[:at]]
    is_named = at > 0 and pieces[at - 1].cue is Cue.NAME
    return is_named and bool({"does", "do", "did"} & set(asked)) and sentence.has(Cue.WHO, Cue.WHICH, Cue.ASKING)


def _rings_round(sentence: Sentence) -> bool:
    """Return whether it asks like “who do I need to ring today”."""
    return sentence.has(Cue.WHO) and sentence.has(Cue.CONTACT) and bool(sentence.words & _RINGS_WHEN)


def _is_share(piece: Piece) -> bool:
    """Return whether it is a share of a limit in figures: “80%”, “over 90%”."""
    is_near = piece.cue is Cue.NEAR and any(mark.isdigit() for mark in piece.phrase)
    return is_near or (piece.phrase == "percent" and piece.text[:1].isdigit())


def of_period(question: Question | None, sentence: Sentence, period: str) -> Question | None:
    """Return the list of the holds that began or ended in a period, by what the sentence says without the period.

    None where it says nothing of a hold that begins or ends.
    """
    if isinstance(question, ask.HoldsChanged):
        return replace(question, period=period)
    if sentence.cues <= _ONLY_GOES_ON:
        return Again(It(), period=period)  # “and last month?”
    is_bare = isinstance(question, ask.IsOnHold) and not isinstance(question.who, Named) and not sentence.has(Cue.IT)
    if is_bare and sentence.has(Cue.RELEASED):
        return replace(list_of(ask.ListReleased, sentence), period=period)
    if not (is_bare or isinstance(question, ask.WhoIsOnHold)) or not _were_put(sentence):
        return None
    return replace(list_of(ask.ListPutOnHold, sentence), period=period)


def _were_put(sentence: Sentence) -> bool:
    """Return whether holds begin: “who went on hold”, “what have we stopped”, “holds”."""
    held = {word for piece in sentence.of(Cue.HOLD) for word in piece.phrase.split()}
    return sentence.has(Cue.HOLD) and bool(sentence.words & _BEGIN or held & _PUT)


def _were_released(sentence: Sentence) -> bool:
    """Return whether it asks of many that came off hold."""
    came_off = any(piece.phrase.startswith(_OFF) for piece in sentence.of(Cue.HOLD))
    of_many = sentence.has(Cue.WHO, Cue.CUSTOMERS, Cue.WHICH) or bool(sentence.words & {"what", "whats", "anything"})
    asks = not sentence.has(Cue.OVERDUE, Cue.BALANCE, Cue.OVER, Cue.WATCH, Cue.PUT, Cue.SINCE)
    return sentence.has(Cue.RELEASED) or (came_off and of_many and asks)


def _is_to_come(sentence: Sentence) -> bool:
    """Return whether it asks of what hasn't happened: “who is due to come off hold”."""
    return sentence.has(Cue.MODAL) or bool(sentence.words & {"due", "going", "gonna", "next", "ready", "ought"})


def _chases(sentence: Sentence) -> bool:
    """Return whether it asks whom to chase, of whatever age or size."""
    return (sentence.has(Cue.CHASE) or _rings_round(sentence)) and not sentence.has(Cue.AGE, Cue.MONEY, Cue.HOW_MUCH)


def _asks_advice(sentence: Sentence) -> bool:
    """Return whether it asks like “which accounts would you recommend that we suspend”."""
    advice = sentence.words & {"recommend", "suggest", "advise", "propose", "wise", "prudent", "consider"}
    return bool(advice) and bool(sentence.words & {"stop", "hold", "suspend", "block", "freeze", "stopping", "holding"})


def _is_beyond(sentence: Sentence) -> bool:
    """Return whether it asks like “customers trading beyond their approved credit”."""
    beyond = sentence.words & {"beyond", "over", "above", "past", "exceeded", "exceeding", "outside"}
    return bool(beyond) and bool(sentence.words & {"limit", "limits", "credit", "facility", "allowance", "facilities"})


def _said_to_pay(sentence: Sentence) -> bool:
    """Return whether it asks like “who said that they will pay”."""
    said = sentence.words & {"said", "say", "says", "saying", "told", "reckons", "reckon", "swore", "sworn"}
    return bool(said) and bool(sentence.words & {"pay", "paying", "payment", "payments"})


def _words(sentence: Sentence) -> tuple[str, ...]:
    """Return the names, regions and people that narrow a list; “leeds or york” is one."""
    out = excluded(sentence.pieces)
    pieces = [each for at, each in enumerate(sentence.pieces) if each.number is None and at not in out]
    others = [at for at, each in enumerate(pieces) if each.phrase == "or" and naming.names(pieces[:at])]
    first = naming.names(pieces[: others[0]] if others else pieces)
    following = [name for at in others if (name := _named_next(pieces[at + 1 :]))]
    return (*first[:-1], " or ".join([first[-1], *following])) if following else first


def _reasons(sentence: Sentence) -> tuple[str, ...]:
    """Return words of the reason of a hold, each without its plural: “on hold for bounced cheques”."""
    pieces = sentence.pieces
    held = next((at for at, piece in enumerate(pieces) if piece.cue is Cue.HOLD), len(pieces))
    gives = any(piece.phrase in _GIVES_A_REASON for piece in pieces[held : held + 3])
    said = (word for piece in pieces[held + 1 :] if piece.cue in _PLAIN for word in piece.phrase.split())
    return tuple(dict.fromkeys(word.removesuffix("s") for word in said if word in REASONS)) if gives else ()


def _named_next(pieces: Sequence[Piece]) -> str:
    """Return the name that comes at once, behind “in” and the like; "" for none: “leeds or york”."""
    end = next((at for at, each in enumerate(pieces) if each.cue not in _AMONG | {Cue.NAME, Cue.FILLER}), len(pieces))
    names = naming.names(pieces[:end])
    return names[0] if len(names) == 1 else ""


def takes_back(kind: type[AboutMany], sentence: Sentence) -> bool:
    """Return whether a sentence says that its customers are not to be in this list: “who isn't on hold”."""
    if kind is ask.Largest and _asks_smallest(sentence):
        return True
    cues = {sentence.pieces[at].cue for at in negated(sentence.pieces)}
    return not cues.isdisjoint(_OF_LIST.get(kind, ()))


def list_of(kind: type[_List], sentence: Sentence) -> _List:
    """Return the list with what narrows it."""
    # What was promised, or how much over the limit, is no balance.
    is_of_balance = kind not in {ask.ListPromised, ask.ListBroken} and not (
        kind in _OF_LIMIT and _says_by_how_much(sentence)
    )
    minimum = sentence.least(Cue.MONEY) if is_of_balance else None
    days = 0
    if issubclass(kind, OF_DEBT) and not _is_period(sentence):
        days = int(sentence.least(Cue.AGE) or 0) or bare_days(sentence.pieces)
    said, states = _words(sentence), states_of(kind, sentence.pieces)
    said = (*said, *_reasons(sentence)) if kind is ask.WhoIsOnHold else said
    currency = next((CURRENCIES[each.casefold()] for each in said if each.casefold() in CURRENCIES), "")
    if minimum is not None and not currency:
        currency = next((_ABROAD.get(currency_of(each.text), "") for each in sentence.of(Cue.MONEY)), "")
    first, *also = [each for each in said if each.casefold() not in CURRENCIES] or [""]
    narrowed = kind(first, _mine(sentence), minimum, days, states=states, currency=currency, also=tuple(also))
    most = sentence.most(Cue.MONEY) if is_of_balance else None
    is_aged = issubclass(kind, OF_DEBT) and not _is_period(sentence)
    most_days = int(sentence.most(Cue.AGE) or 0) if is_aged else 0
    narrowed = replace(narrowed, without=names_left_out(sentence), most=most, most_days=most_days)
    if kind is not ask.LedgerTotal and (counted := next(iter(counts(sentence.pieces).values()), 0)):
        narrowed = replace(narrowed, count=counted)
    if isinstance(narrowed, ask.NearLimit) and (percent := _percent(sentence)):
        return replace(narrowed, percent=percent)
    return narrowed


def names_left_out(sentence: Sentence) -> tuple[str, ...]:
    """Return those who are left out: “except Leeds”."""
    out = excluded(sentence.pieces)
    among = [
        each if at in out or each.cue in _AMONG else replace(each, cue=Cue.FILLER)
        for at, each in enumerate(sentence.pieces)
    ]
    return naming.names(among) if out else ()


def _percent(sentence: Sentence) -> int:
    """Return the first share of a limit in it, of “within 10%” what is left to the whole; 0 without one."""
    found = _PERCENT.search(" ".join(piece.text for piece in sentence.pieces))
    if found is None:
        return 0
    percent = int(found["percent"])
    return max(0, 100 - percent) if found["within"] else percent


def _is_period(sentence: Sentence) -> bool:
    """Return whether days are those in which nothing was paid, and no age: “who hasn't paid a penny in 60 days”."""
    pieces = sentence.pieces
    return any(piece.cue is Cue.AGE and at and pieces[at - 1].phrase in _WITHIN for at, piece in enumerate(pieces))


def _says_by_how_much(sentence: Sentence) -> bool:
    """Return whether an amount is a difference: “over limit by more than £1,000”."""
    found = (at for at, piece in enumerate(sentence.pieces) if piece.cue is Cue.MONEY)
    return any(each.phrase == "by" for at in found for each in sentence.pieces[slice(*compared(sentence.pieces, at))])


def _lists(kind: type[AboutMany]) -> Callable[[Sentence], Question]:
    return lambda said: list_of(kind, said)


def _mine(sentence: Sentence) -> bool:
    """Return whether the list is of the asker's own customers; “who isn't mine” is of others."""
    pieces, places = sentence.pieces, sentence.places(Cue.MINE)
    return any(not at or pieces[at - 1].phrase not in NOT for at in places)


def _is_held(sentence: Sentence) -> bool:
    """Return whether it is about accounts on hold; “over their limit but not on hold” is not."""
    pieces = sentence.pieces
    not_held = any(piece.cue is Cue.HOLD and at and pieces[at - 1].phrase == "not" for at, piece in enumerate(pieces))
    return sentence.has(Cue.HOLD) and not (not_held and sentence.has(Cue.OVER, Cue.OVERDUE))


def _is_late(sentence: Sentence) -> bool:
    return (
        bool(bare_days(sentence.pieces))
        or sentence.has(*_LATE)
        or any("overdue" in phrase or "late" in phrase for phrase in sentence.phrases)
    )


def _says_late(sentence: Sentence) -> bool:
    return any(state_of(sentence.pieces, at) is State.LATE for at in range(len(sentence.pieces)))


def _is_bounded(sentence: Sentence) -> bool:
    """Return whether an amount is a bound of something else than debt: “credit limits over 20k”."""
    of_debt = sentence.has(Cue.OVER, Cue.OVERDUE, Cue.BALANCE, Cue.AGE, Cue.OWERS)
    return sentence.least(Cue.MONEY) is not None and not of_debt


def _owes_most(sentence: Sentence) -> bool:
    asks = sentence.has(Cue.WHO, Cue.CUSTOMERS, Cue.WHICH, Cue.BALANCE) or not _words(sentence)
    return sentence.has(Cue.OWERS) or (sentence.has(Cue.MOST) and not sentence.has(*_NO_LIST) and asks)


def _largest(sentence: Sentence) -> Question:
    if sentence.has(Cue.HOW_MANY):
        return list_of(ask.LedgerTotal, sentence)
    said = sentence.number(Cue.NUMBER)
    count = max(1, min(int(said), _MOST)) if said is not None else ask.Largest().count
    return replace(list_of(ask.Largest, sentence), count=count)


def _asks_smallest(sentence: Sentence) -> bool:
    """Return whether the least debt is asked for, which no list begins with: “smallest balances”."""
    of_none = not any(piece.number is not None for piece in sentence.pieces)
    return bool(sentence.words & {"smallest", "lowest", "tiniest"}) or ("least" in sentence.words and of_none)


def _is_total(sentence: Sentence) -> bool:
    says_all = sentence.has(Cue.ALL) or any(phrase.startswith("all ") for phrase in sentence.phrases)
    of_all = sentence.has(Cue.HOW_MUCH) or (says_all and not sentence.has(Cue.WHO, Cue.WHICH))
    return sentence.has(Cue.HOW_MANY, Cue.TOTAL, Cue.OURS) or (sentence.has(Cue.BALANCE) and of_all)


def _total(sentence: Sentence) -> Question | None:
    is_ours = sentence.has(Cue.BALANCE, Cue.CUSTOMERS, Cue.OURS, Cue.TOTAL)
    if sentence.cues.isdisjoint({Cue.BALANCE, Cue.CUSTOMERS, Cue.OURS, Cue.HOW_MANY}) and not sentence.names:
        return Again(It())  # “what's the total” is that of the list before
    return list_of(ask.LedgerTotal, sentence) if is_ours else None


def _is_short_list(sentence: Sentence) -> bool:
    if sentence.has(Cue.HOW_MANY) and sentence.cues <= _SAYS_NO_MORE:
        return True
    return len(sentence.pieces) <= 2 and sentence.says("who else", "anyone else", "which ones")


_LISTS_AGAIN: tuple[Case, ...] = (
    (
        lambda said: (said.says(*_OF_THE_LIST) or _is_short_list(said)) and not said.says(*_LEDGERS),
        lambda _: Again(It()),
    ),
    (
        lambda said: said.has(Cue.MINE) and not said.has(*_LISTED) and (said.has(Cue.AGAIN) or said.says(*_OF_THEM)),
        lambda _: Again(It(), mine=True),
    ),
)
_LISTS: tuple[Case, ...] = (
    (
        lambda said: said.has(Cue.SUGGEST, Cue.NEEDS_HOLD) or _asks_advice(said),
        _lists(ask.ListSuggested),
    ),
    (lambda said: said.has(Cue.PROMISED) and says_broken(said.words), _lists(ask.ListBroken)),
    (
        lambda said: said.has(Cue.PROMISED) or _said_to_pay(said),
        _lists(ask.ListPromised),
    ),
    (lambda said: said.has(Cue.DISPUTED), _lists(ask.ListDisputed)),
    (lambda said: said.has(Cue.WARNED) and not said.has(Cue.NEAR), _lists(ask.ListWarned)),
    (lambda said: _is_held(said) and (said.says(*_NEW) or "went" in said.words), _lists(ask.ListPutOnHold)),
    # Of two lists, the one that says more of its accounts.
    (lambda said: said.has(Cue.CHASE) and (said.has(Cue.OVER) or _is_held(said)), _lists(ask.ListChase)),
    (lambda said: _is_held(said) and _says_late(said), _lists(ask.ListOverdue)),
    (_is_held, _lists(ask.WhoIsOnHold)),
    (
        lambda said: said.has(Cue.NEAR) or ("percent" in said.words and not said.has(*_LATE)),
        _lists(ask.NearLimit),
    ),
    (lambda said: said.has(Cue.LIMIT, Cue.LAST_PAID) and _is_bounded(said), lambda _: CannotAnswer(Topic.OTHER_LISTS)),
    (
        lambda said: (said.has(Cue.OVER) or _is_beyond(said)) and not said.has(Cue.OVERDUE, Cue.AGE),
        _lists(ask.OverLimit),
    ),
    (lambda said: said.has(Cue.TERMS, Cue.IN_CREDIT, Cue.UNALLOCATED), lambda _: CannotAnswer(Topic.OTHER_LISTS)),
    (_chases, _lists(ask.ListChase)),
    (_is_late, _lists(ask.ListOverdue)),
    (lambda said: "average" in said.words and _is_total(said), lambda _: CannotAnswer(Topic.TOTALS)),
    (
        lambda said: said.says(*_LEDGERS) or (said.has(Cue.OWERS) and said.has(Cue.TOTAL)),
        _lists(ask.LedgerTotal),
    ),
    (_asks_smallest, lambda _: CannotAnswer(Topic.OTHER_LISTS)),
    (_owes_most, _largest),
    (lambda said: said.has(Cue.SHIP) and _CANNOT & said.words, _lists(ask.WhoIsOnHold)),
    (lambda said: said.has(*_NO_LIST), lambda _: CannotAnswer(Topic.OTHER_LISTS)),
    (_is_total, _total),
    (lambda said: said.has(Cue.BALANCE), _largest),
    (
        lambda said: (said.has(Cue.CUSTOMERS) and not said.has(Cue.ORDINARY)) or "credit" in said.words,
        lambda _: CannotAnswer(Topic.OTHER_LISTS),
    ),
)

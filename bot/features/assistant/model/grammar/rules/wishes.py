"""Wishes: to be told, to hold or release, to take an order."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from bot.domain.text.parsing import each_name
from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar.rules import names as naming
from bot.features.assistant.model.grammar.rules.counted import LEAST_ORDER
from bot.features.assistant.model.grammar.rules.sentence import Case, Sentence, first_of
from bot.features.assistant.model.grammar.words.amounts import currency_of
from bot.features.assistant.model.grammar.words.cues import Cue
from bot.features.assistant.model.grammar.words.scanner import Piece
from bot.features.assistant.model.questions import CanOrder, Named, OfEach, Question, Unsaid

_IF_NOW = ("tell me if", "let me know if", "let me know", "let us know if", "tell us if")
_HELD_NOW = ("on hold", "on stop", "stopped", "held", "blocked")
_FIGURES = (Cue.BALANCE, Cue.LIMIT, Cue.ROOM, Cue.ORDERS, Cue.INVOICES, Cue.TERMS, Cue.AGED, Cue.OVERDUE, Cue.REP)
_WANTS = ("i want", "we want", "i need", "we need", "want", "id like")
_HOLDS = {"stop", "hold", "block", "stopping"}
_HOW_FAR = ("up to", "still order", "order up to", "what can")
_MONEY = {"money", "payment", "cheque", "transfer", "bacs", "cash", "funds", "remittance"}
_PAYS = {"pay", "pays", "paid", "paying", "clear", "clears"}
_CAME = {"landed", "arrived", "cleared", "come", "came", "reached", "hit", "gone", "in", "turned"}
_OVER = {"over", "above", "more than"}
_STRONGER_THAN_AN_ORDER = (
    Cue.CONTACT,
    Cue.TERMS,
    Cue.INVOICES,
    Cue.AGED,
    Cue.ORDERS,
    Cue.OVERDUE,
    Cue.LAST_PAID,
    Cue.AGE,
    Cue.WHY,
    Cue.BALANCE,
    Cue.HOLD,
    Cue.RELEASED,
)
_OF_AN_AMOUNT = {Cue.MONEY, Cue.NAME, Cue.FILLER, Cue.JOINER, Cue.LINK, Cue.COMMA, Cue.ASKING, Cue.IT}


def watching(sentence: Sentence) -> Question | None:
    """Return the wish to be told of a customer's changes, or no more."""
    if sentence.has(Cue.UNWATCH):
        return sentence.each(ask.Unwatch)
    # “Let me know if they are on hold” asks for now, “if they go on hold” for later.
    tells_figure = sentence.says("let me know", "let us know") and sentence.has(*_FIGURES)
    asks_now = tells_figure or (sentence.says(*_IF_NOW) and sentence.says(*_HELD_NOW))
    return sentence.each(ask.Watch) if sentence.has(Cue.WATCH) and not asks_now else None


def hold_or_release(sentence: Sentence) -> Question | None:
    """Return a wish to hold or to release, as in “Put them on stop”."""
    # A sentence never changes Sage, but it must not be read as another question either.
    return first_of(_HOLD_OR_RELEASE, sentence) if sentence.first is not None else None


def may_order(sentence: Sentence) -> Question | None:
    """Return whether an order may be taken, or how large it may be."""
    if _money_came(sentence):
        return sentence.each(ask.LastPaid)
    no_figure = sentence.has(Cue.ORDINARY) and isinstance(sentence.subjects[0], Unsaid)
    in_room = sentence.has(Cue.ROOM) and not sentence.has(Cue.MONEY)
    stronger = set(_STRONGER_THAN_AN_ORDER) - ({Cue.ORDERS} if _adds(sentence) else set())
    if sentence.has(*stronger) or in_room or no_figure:
        return None
    if _do_we_supply(sentence):
        return sentence.each(ask.IsOnHold)
    amount = _amount(sentence)
    if amount is not None:
        return _each_order(sentence, amount)
    if sentence.says(*_HOW_FAR) or sentence.says("the most"):
        return sentence.each(ask.Headroom)
    return sentence.each(CanOrder) if _ships(sentence) and not sentence.has(Cue.LIMIT) else None


def _each_order(sentence: Sentence, amount: Piece) -> Question:
    """Return the order; of several customers each with its own amount, if there are as many: “ABS £600, Low £900”."""
    # “2500 for ABS and 900 for Lowmarsh”: two bare numbers are the amounts of two.
    amounts = sentence.of(Cue.MONEY) or [
        piece for piece in sentence.of(Cue.NUMBER) if (piece.number or 0) >= LEAST_ORDER
    ]
    rest = Sentence(
        [
            piece
            for at, piece in enumerate(sentence.pieces)
            if piece not in amounts and piece is not amount and not _are_goods(sentence.pieces, at)
        ]
    )
    several = rest.subjects
    if len(several) == 1 and len(amounts) > 1:
        several = tuple(Named(each) for who in several if isinstance(who, Named) for each in each_name(who.words))
    if len(several) == len(amounts) > 1:
        pairs = zip(several, amounts, strict=True)
        return OfEach(tuple(CanOrder(who, said.number, currency_of(said.text)) for who, said in pairs))
    return rest.each(lambda who: CanOrder(who, amount.number, currency_of(amount.text)))


def _are_goods(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a word says what an order is of: “£85 of valves”."""
    is_word = pieces[at].cue is Cue.NAME and pieces[at].text.islower() and not pieces[at].is_reference
    return is_word and at > 1 and pieces[at - 1].phrase == "of" and pieces[at - 2].cue is Cue.MONEY


def _money_came(sentence: Sentence) -> bool:
    """Return whether it asks like “has the 2k from Edge landed”."""
    asks = sentence.pieces[0].cue is Cue.ASKING and sentence.says("from") and not sentence.has(Cue.SHIP, Cue.ORDER)
    of_money = sentence.has(Cue.MONEY) or bool(sentence.words & _MONEY)
    return asks and of_money and bool(sentence.words & _CAME) and sentence.has(Cue.NAME, Cue.IT)


def _adds(sentence: Sentence) -> bool:
    """Return whether an amount comes on top: “will their open orders go through if I add 1.2k”."""
    return sentence.has(Cue.MONEY) and (sentence.has(Cue.SHIP) or bool(sentence.words & {"add", "adding", "added"}))


def _do_we_supply(sentence: Sentence) -> bool:
    """Return whether it asks like “do we still ship to ABS”."""
    begins = sentence.pieces[0].phrase in {"do we", "are we", "are we still"}
    return begins and sentence.has(Cue.SHIP) and not sentence.has(Cue.MONEY, Cue.NUMBER, Cue.OKAY)


def is_over(sentence: Sentence) -> bool:
    """Return whether an amount is the least of a list: “over 5k”."""
    return any(piece.text.casefold() in _OVER for piece in sentence.pieces)


def _ships(sentence: Sentence) -> bool:
    orders = sentence.has(Cue.ORDER) and sentence.has(Cue.MODAL, Cue.OKAY, Cue.MONEY, Cue.NUMBER)
    return sentence.has(Cue.SHIP) or orders


def _amount(sentence: Sentence) -> Piece | None:
    """Return the piece with the order's amount; None if there is none."""
    pieces = sentence.pieces
    paid = {at for at in range(1, len(pieces)) if pieces[at - 1].phrase in _PAYS}  # “if they pay 1k, can they have 2k”
    amount = next((each for at, each in enumerate(pieces) if each.cue is Cue.MONEY and at not in paid), None)
    if amount is None and (_ships(sentence) or sentence.has(Cue.OKAY, Cue.MODAL)):
        amount = _last_number(sentence)
    asks = _ships(sentence) or sentence.has(Cue.MODAL, Cue.OKAY, Cue.CARD, Cue.AGAIN, Cue.ROOM)
    is_bare = sentence.cues <= _OF_AN_AMOUNT
    is_bound = is_over(sentence) or sentence.most(Cue.MONEY) is not None
    is_of_list = is_bound and (is_bare or sentence.has(Cue.AGAIN))
    return amount if (asks or is_bare) and not is_of_list else None


def _last_number(sentence: Sentence) -> Piece | None:
    """Return the last bare number that is beside no word of a name: in “24 Seven Tyres” it is part of the name."""
    pieces = sentence.pieces
    for at in range(len(pieces) - 1, -1, -1):
        beside = (*pieces[max(0, at - 1) : at], *pieces[at + 1 : at + 2])
        if pieces[at].cue is Cue.NUMBER and not any(each.cue is Cue.NAME and not each.is_reference for each in beside):
            return pieces[at]
    return None


def _is_off(sentence: Sentence) -> bool:
    return any(piece.phrase.startswith(("off", "come off", "comes off")) for piece in sentence.of(Cue.HOLD))


def _asks_off(sentence: Sentence) -> bool:
    """Return whether it begins like “can ABS come off stop”."""
    off = any(piece.phrase.startswith(("come off", "go off")) for piece in sentence.of(Cue.HOLD))
    return off and sentence.pieces[0].cue is Cue.MODAL


def _puts_or_takes(sentence: Sentence) -> bool:
    begins = sentence.first is not None and sentence.first.cue in {Cue.PUT, Cue.TAKE}
    return begins and sentence.has(Cue.HOLD) and not sentence.has(Cue.SINCE, Cue.WHY)


def _wants(sentence: Sentence) -> bool:
    begins = sentence.pieces[0].phrase.startswith(_WANTS)
    asks = sentence.has(Cue.ASKING, Cue.WHO, Cue.WHICH, Cue.CUSTOMERS)
    return begins and sentence.has(Cue.HOLD) and not asks and bool(sentence.names)


def _needs_release(sentence: Sentence) -> bool:
    """Return whether it says like “need ABS letting go for one order”."""
    begins = sentence.pieces[0].phrase.startswith((*_WANTS, "need"))
    return begins and sentence.has(Cue.RELEASE) and bool(sentence.names)


def _stops(sentence: Sentence) -> bool:
    """Return whether it begins with the verb, as in “stop ABS Garages”."""
    first = sentence.first
    begins = first is not None and first.cue is Cue.HOLD and first.phrase in _HOLDS and sentence.pieces[-1] is not first
    # “Stopping at Kerridge this afternoon” is on the way there.
    begins = begins and sentence.pieces[sentence.pieces.index(first) + 1].phrase != "at" if first is not None else False
    is_one = len(sentence.of(Cue.HOLD)) == 1 and not sentence.has(Cue.WHICH, Cue.STATE)
    return begins and is_one and bool(naming.names(sentence.pieces))


def _clause(sentence: Sentence) -> Sentence:
    """Return the sentence up to its first comma, if it names somebody there: “stop Edge, they bounced a DD”."""
    comma = next((at for at, piece in enumerate(sentence.pieces) if piece.cue is Cue.COMMA), len(sentence.pieces))
    first = Sentence(sentence.pieces[:comma])
    return first if first.names and sentence.pieces[comma + 1 :] and _goes_on(sentence.pieces[comma + 1]) else sentence


def _goes_on(piece: Piece) -> bool:
    """Return whether a clause about the customer begins, and no other name."""
    return piece.cue in {Cue.IT, Cue.ASKING, Cue.WHY}


def _gets_released(sentence: Sentence) -> bool:
    """Return whether it begins like “can we get ABS reinstated”."""
    begins = sentence.first is not None and sentence.first.phrase == "get"
    # “Get ABS back on”, and nothing else.
    is_back = [piece.phrase for piece in sentence.pieces[-2:]] == ["back", "on"] and bool(sentence.names)
    return begins and (is_back or sentence.has(Cue.RELEASE, Cue.RELEASED))


def _is_to_be_held(sentence: Sentence) -> bool:
    """Return whether it says like “ABS to be placed on hold”."""
    said = [piece.phrase for piece in sentence.pieces]
    passive = any(pair in {("to", "be"), ("to", "go")} for pair in itertools.pairwise(said))
    return passive and sentence.has(Cue.HOLD) and bool(sentence.names) and not sentence.has(Cue.ASKING, Cue.MODAL)


def _takes(sentence: Sentence) -> bool:
    return _is_off(sentence) or (sentence.first is not None and sentence.first.cue is Cue.TAKE)


_HOLD_OR_RELEASE: tuple[Case, ...] = (
    (lambda said: said.first is not None and said.first.cue is Cue.RELEASE, lambda said: said.each(ask.Release)),
    (_gets_released, lambda said: said.each(ask.Release)),
    (_needs_release, lambda said: said.each(ask.Release)),
    (_is_to_be_held, lambda said: said.each(ask.PutOnHold)),
    (_asks_off, lambda said: said.each(ask.Release)),
    (_puts_or_takes, lambda said: said.each(ask.Release if _takes(said) else ask.PutOnHold)),
    (lambda said: said.has(Cue.NEEDS_HOLD), lambda said: said.each(ask.PutOnHold)),
    (_wants, lambda said: said.each(ask.Release if _is_off(said) else ask.PutOnHold)),
    (_stops, lambda said: _clause(said).each(ask.PutOnHold)),
)

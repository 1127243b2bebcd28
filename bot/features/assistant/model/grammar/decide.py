"""From the pieces of a sentence to a question: the strongest cue wins; two of equal strength ask for the card."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.features.assistant.model import questions as ask
from bot.features.assistant.model.grammar import names as naming
from bot.features.assistant.model.grammar.cues import Cue
from bot.features.assistant.model.grammar.lists import comparison, listing
from bot.features.assistant.model.grammar.scanner import Piece
from bot.features.assistant.model.questions import CanOrder, It, Named, Question, Subject, WholeCard

_ONE: tuple[tuple[Cue, Callable[[Subject], Question]], ...] = (
    (Cue.CONTACT, ask.Contact),
    (Cue.TERMS, ask.Terms),
    (Cue.REP, ask.Rep),
    (Cue.AGED, ask.AgedDebt),
    (Cue.INVOICES, ask.Invoices),
    (Cue.ORDERS, ask.Orders),
    (Cue.WHY, ask.Why),
    (Cue.SINCE, ask.SinceWhen),
    (Cue.ROOM, ask.Headroom),
    (Cue.LIMIT, ask.Limit),
    (Cue.OVER, ask.Limit),
    (Cue.BALANCE, ask.Balance),
    (Cue.HOLD, ask.IsOnHold),
)
Rule = Callable[[Sequence[Piece], frozenset[Cue]], Question | None]
# Weaker cues that a cue absorbs: “outstanding invoices” are invoices, “credit left” is room.
_ABSORBS = {
    Cue.CONTACT: {Cue.HOLD, Cue.SINCE},
    Cue.TERMS: {Cue.SINCE, Cue.BALANCE},
    Cue.AGED: {Cue.BALANCE, Cue.LIMIT, Cue.OVER},
    Cue.INVOICES: {Cue.BALANCE},
    Cue.ORDERS: {Cue.BALANCE},
    Cue.WHY: {Cue.HOLD},
    Cue.SINCE: {Cue.HOLD},
    Cue.ROOM: {Cue.LIMIT, Cue.BALANCE},
    Cue.OVER: {Cue.LIMIT},
}


def decide(pieces: Sequence[Piece]) -> Question | None:
    """Return the question that these pieces make; None if they make none."""
    pieces = _counted(pieces)
    cues = frozenset(piece.cue for piece in pieces)
    for rule in _RULES:
        found = rule(pieces, cues)
        if found is not None:
            return found
    return None


def _counted(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Return the pieces with “over 90 days” read as the age of a debt, unless the sentence asks how many days."""
    made: list[Piece] = []
    for piece in pieces:
        if piece.cue is Cue.DAYS and made and made[-1].cue is Cue.NUMBER:
            made[-1] = Piece(Cue.AGED, made[-1].text)
        else:
            made.append(piece)
    return made


def _about_us(pieces: Sequence[Piece], cues: frozenset[Cue]) -> Question | None:
    if naming.names(pieces):
        return ask.Connect() if Cue.CONNECT in cues and _is_sage(pieces) else None
    if Cue.CONNECT in cues:
        return ask.Connect()
    if Cue.STATUS in cues or (Cue.STATE in cues and Cue.IT not in cues and Cue.HOLD not in cues):
        return ask.Status()
    return ask.Help() if Cue.HELP in cues and not cues & {cue for cue, _ in _ONE} else None


def _is_sage(pieces: Sequence[Piece]) -> bool:
    return {word for name in naming.names(pieces) for word in name.casefold().split()} <= {"sage", "id", "200"}


def _watching(pieces: Sequence[Piece], cues: frozenset[Cue]) -> Question | None:
    if Cue.UNWATCH in cues:
        return ask.Unwatch(naming.subject(pieces))
    return ask.Watch(naming.subject(pieces)) if Cue.WATCH in cues else None


def _hold_or_release(pieces: Sequence[Piece], cues: frozenset[Cue]) -> Question | None:
    """Return a question about holding or releasing, as in “Put them on stop”."""
    # A sentence never changes Sage, but it must not be read as another question either.
    first = next((piece for piece in pieces if piece.cue not in {Cue.FILLER, Cue.MODAL, Cue.GREETING}), None)
    if first is None:
        return None
    word = first.text.casefold()
    if first.cue is Cue.RELEASE:
        return ask.Release(naming.subject(pieces))
    if first.cue is Cue.TAKE and Cue.HOLD in cues:
        return ask.Release(naming.subject(pieces))
    if first.cue is Cue.PUT and Cue.HOLD in cues:
        return ask.PutOnHold(naming.subject(pieces))
    named = naming.names(pieces)
    if (
        first.cue is Cue.HOLD
        and word in {"stop", "hold"}
        and named
        and pieces[-1] is not first
        and Cue.LIST not in cues
    ):
        return ask.PutOnHold(naming.subject(pieces)) if _one_hold(pieces) else None
    return None


def _one_hold(pieces: Sequence[Piece]) -> bool:
    return sum(piece.cue is Cue.HOLD for piece in pieces) == 1


def _may_order(pieces: Sequence[Piece], cues: frozenset[Cue]) -> Question | None:
    strongly = cues & {Cue.CONTACT, Cue.TERMS, Cue.INVOICES, Cue.AGED, Cue.ORDERS, Cue.ROOM}
    shipping = Cue.SHIP in cues or (Cue.ORDER in cues and bool(cues & {Cue.MODAL, Cue.OKAY, Cue.MONEY, Cue.NUMBER}))
    if strongly or Cue.WHY in cues:
        return None
    amount = next((piece for piece in pieces if piece.cue is Cue.MONEY), None)
    asking = shipping or bool(cues & {Cue.MODAL, Cue.OKAY, Cue.CARD}) or cues <= {Cue.MONEY, Cue.NAME, Cue.FILLER}
    if amount is None and (shipping or bool(cues & {Cue.OKAY, Cue.MODAL})):
        amount = _last_number(pieces)
    if amount is not None and asking and not cues & {Cue.BALANCE, Cue.HOLD}:
        rest = [piece for piece in pieces if piece is not amount]
        return CanOrder(naming.subject(rest), amount.number)
    return CanOrder(naming.subject(pieces)) if shipping and not cues & {Cue.BALANCE, Cue.HOLD} else None


def _last_number(pieces: Sequence[Piece]) -> Piece | None:
    """Return the last bare number that is beside no word of a name: in “24 Seven Tyres” it is part of the name."""
    for at in range(len(pieces) - 1, -1, -1):
        beside = (*pieces[max(0, at - 1) : at], *pieces[at + 1 : at + 2])
        if pieces[at].cue is Cue.NUMBER and not any(each.cue is Cue.NAME for each in beside):
            return pieces[at]
    return None


def _about_one(pieces: Sequence[Piece], cues: frozenset[Cue]) -> Question | None:
    who = naming.subject(pieces)
    found = [cue for cue, _ in _ONE if cue in cues]
    absorbed = {weaker for cue in found for weaker in _ABSORBS.get(cue, ())}
    strongest = [cue for cue in found if cue not in absorbed]
    if not strongest:
        if Cue.HOW_MUCH in cues and (isinstance(who, Named) or Cue.IT in cues):
            return ask.Balance(who)
        return ask.IsOnHold(who) if Cue.STATE in cues else None
    if set(strongest) <= {Cue.WHY, Cue.SINCE} and isinstance(who, Named) and Cue.HOLD not in cues:
        return None
    makes = {make for cue, make in _ONE if cue in strongest}
    return next(iter(makes))(who) if len(makes) == 1 else WholeCard(who)


def _card(pieces: Sequence[Piece], cues: frozenset[Cue]) -> Question | None:
    who, runs = naming.subject(pieces), naming.names(pieces)
    if Cue.CARD in cues:
        return WholeCard(who) if isinstance(who, Named) or Cue.LIST not in cues else None
    if isinstance(who, It) or len(runs) != 1 or len(who.words.split()) > 7:
        return None
    return WholeCard(who) if not cues & {Cue.ASKING, Cue.MODAL, Cue.WHY, Cue.LIST} else None


_RULES: tuple[Rule, ...] = (_watching, comparison, _about_us, listing, _hold_or_release, _may_order, _about_one, _card)
